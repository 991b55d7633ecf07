"""Where a client takes its values from, and what it keeps to itself."""

from __future__ import annotations

import pytest

from gatelodge import AsyncUserManagement, UserManagement, errors

URL = "http://127.0.0.1:4100"


def test_an_argument_wins_over_our_variable_and_ours_over_the_official_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKOS_CLIENT_ID", "client_official")
    monkeypatch.setenv("WORKOS_BASE_URL", "https://official.example")
    with UserManagement() as official:
        assert (official.client_id, official.base_url) == ("client_official", "https://official.example")

    monkeypatch.setenv("GATELODGE_CLIENT_ID", "client_ours")
    monkeypatch.setenv("GATELODGE_BASE_URL", f"{URL}/")
    with UserManagement() as ours:
        assert (ours.client_id, ours.base_url) == ("client_ours", URL)

    with UserManagement(client_id="client_given", base_url="http://localhost:1") as given:
        assert (given.client_id, given.base_url) == ("client_given", "http://localhost:1")


def test_an_empty_key_means_none_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKOS_API_KEY", "sk_test_key")

    with UserManagement(api_key="", base_url=URL) as client, pytest.raises(errors.ApiKeyRequired):
        client.get_user("user_01")


def test_a_client_without_a_base_url_is_refused() -> None:
    for kind in (UserManagement, AsyncUserManagement):
        with pytest.raises(errors.ConfigurationInvalid, match="GATELODGE_BASE_URL"):
            kind("sk_test_key")


@pytest.mark.parametrize(
    "base_url", ["auth.example.com", "ftp://auth.example.com", "http://", "http://a?b=c", "http://a:b", "http://a#b"]
)
def test_a_base_url_that_is_none_is_refused(base_url: str) -> None:
    with pytest.raises(errors.ConfigurationInvalid, match="base_url"):
        UserManagement(base_url=base_url)


@pytest.mark.parametrize("key", ["sk test", "sk_\n", "sk_ü"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(errors.ConfigurationInvalid, match="api_key") as caught:
        UserManagement(key, base_url=URL)

    assert key not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"timeout": 0}, {"timeout": float("nan")}, {"retries": -1}])
def test_numbers_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(errors.ConfigurationInvalid):
        UserManagement(base_url=URL, **wrong)  # type: ignore[arg-type]  # wrong on purpose


def test_a_client_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELODGE_COOKIE_PASSWORD", "a cookie password of the tests")
    with UserManagement("sk_test_secret", client_id="client_01", base_url=URL) as client:
        shown = repr(client)

    assert "client_01" in shown
    assert "secret" not in shown
    assert "cookie password" not in shown
