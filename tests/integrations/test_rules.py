"""What holds in every framework alike: where a sign-in may lead, and what an app may say of it."""

from __future__ import annotations

import pytest

from gatelodge import AsyncUserManagement, UserManagement
from gatelodge.integrations import django, flask, starlette
from gatelodge.integrations.sign_in import SignInOptions, make_plan, take_return_to
from gatelodge.sdk.errors import ConfigurationInvalid

PASSWORD = "a password for cookies with thirty-two signs or more"
PLAN = make_plan("https://app.example.com/callback", passwords=(PASSWORD,), options=SignInOptions())


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nset-cookie:x=1",
        " //evil.example",
        "/ /evil.example",
        "/\u2028x",
        "/\x00",
        "/\x7f",
        "evil.example",
        "?x",
        "/login",
        "/login?return_to=/login",
        "/logout#x",
        "/callback?code=1",
        "/" + "a" * 2_000,
    ],
)
def test_what_leads_to_another_site_or_in_a_circle_leads_home(target: str | None) -> None:
    assert take_return_to(target, plan=PLAN) == "/"


@pytest.mark.parametrize(
    "target", ["/", "/me", "/me?x=1&y=%2F%2Fz", "/a/b#c", "/a?next=https://example.com", "/login/x"]
)
def test_a_path_of_the_same_site_is_kept(target: str) -> None:
    assert take_return_to(target, plan=PLAN) == target


@pytest.mark.parametrize(
    ("redirect_uri", "options"),
    [
        ("/callback", {}),
        ("ftp://app.example.com/callback", {}),
        ("https://app.example.com", {}),
        ("https://app.example.com/login", {}),
        ("https://app.example.com/callback", {"login_path": "login"}),
        ("https://app.example.com/callback", {"logout_path": "/login"}),
        ("https://app.example.com/callback", {"cookie_password": "short"}),
        ("https://app.example.com/callback", {"cookie_password": PASSWORD, "seal_format": "fernet"}),
        ("https://app.example.com/callback", {"cookie_password": ""}),
    ],
)
def test_what_cannot_work_is_refused_before_the_first_browser_comes(redirect_uri: str, options: SignInOptions) -> None:
    here = "http://127.0.0.1:1"
    given: SignInOptions = {"cookie_password": PASSWORD, **options}
    with UserManagement("", client_id="client_x", base_url=here) as client:
        for kind in (django.SignIn, flask.SignIn):
            with pytest.raises(ConfigurationInvalid):
                kind(client, redirect_uri=redirect_uri, **given)
    with pytest.raises(ConfigurationInvalid):
        starlette.SignIn(
            AsyncUserManagement("", client_id="client_x", base_url=here), redirect_uri=redirect_uri, **given
        )


def test_a_client_of_the_other_kind_is_refused_by_its_name() -> None:
    here = "http://127.0.0.1:1"
    plain = UserManagement("", client_id="client_x", base_url=here, cookie_password=PASSWORD)
    awaited = AsyncUserManagement("", client_id="client_x", base_url=here, cookie_password=PASSWORD)

    for kind in (django.SignIn, flask.SignIn):
        with pytest.raises(ConfigurationInvalid, match="takes UserManagement, not AsyncUserManagement"):
            kind(awaited, redirect_uri="https://app.example.com/callback")  # type: ignore[arg-type]  # the wrong kind
    with pytest.raises(ConfigurationInvalid, match="takes AsyncUserManagement, not UserManagement"):
        starlette.SignIn(plain, redirect_uri="https://app.example.com/callback")  # type: ignore[arg-type]  # the wrong kind
