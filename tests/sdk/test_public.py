"""A client without an API key: what it may do, and that the rest is refused before anything is sent."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from gatelodge import UserManagement, errors
from gatelodge.sdk.wire import WireRequest, WireResponse
from tests.sdk.faces import Client, Face
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.test_methods import PROMISES, Promise, describe

WITHOUT_SECRET = {
    "authenticate_with_device_code",
    "authenticate_with_refresh_token",
    "create_device_authorization",
    "get_jwks",
}
"""Contract pages 11 §6 to §8 and 12 §5; `authenticate_with_code` joins them with a verifier."""

FOR_COOKIES = {"authenticate_with_session_cookie", "load_sealed_session"}
WITHOUT_REQUEST = {"get_authorization_url", "get_authorization_url_with_pkce", "get_jwks_url", "get_logout_url"}
VALUES: dict[str, Any] = {"permissions": ["a"], "type": "totp"}


def demanded(promise: Promise) -> dict[str, Any]:
    """Make up what a method cannot do without."""
    parameters = list(inspect.signature(getattr(UserManagement, promise.name)).parameters.values())[1:]
    names = [parameter.name for parameter in parameters if describe(parameter) == parameter.name]
    return {name: VALUES.get(name, "x_1") for name in names}


@pytest.fixture
def public(make_client: Callable[..., Client]) -> Client:
    return make_client(api_key="", retries=0)


class NoWay:
    """A transport on which nothing may be sent."""

    trusted = False

    def send(self, request: WireRequest) -> WireResponse:
        raise AssertionError(f"{request.method} {request.path} was sent")

    def close(self) -> None:
        """Hold nothing."""


class AsyncNoWay(NoWay):
    async def send(self, request: WireRequest) -> WireResponse:  # type: ignore[override]  # the same, awaited
        return super().send(request)

    async def close(self) -> None:  # type: ignore[override]  # the same, awaited
        """Hold nothing."""


def test_a_method_that_needs_a_secret_says_so_and_sends_nothing(make_client: Callable[..., Client], face: Face) -> None:
    public = make_client(api_key="", transport=NoWay() if face == "sync" else AsyncNoWay())
    needing = [promise for promise in PROMISES if promise.name not in WITHOUT_SECRET | WITHOUT_REQUEST | FOR_COOKIES]

    for promise in needing:
        with pytest.raises(errors.ApiKeyRequired, match=promise.name):
            getattr(public, promise.name)(**demanded(promise))

    assert len(needing) > 60


@pytest.mark.parametrize("name", sorted(WITHOUT_SECRET))
def test_a_method_without_a_secret_sends_none(name: str, public: Client, recorder: RecordingServer) -> None:
    recorder.answer(Answer(400, {"error": "invalid_grant", "error_description": "No."}))
    (promise,) = (promise for promise in PROMISES if promise.name == name)

    with pytest.raises(errors.InvalidGrant):
        getattr(public, name)(**demanded(promise))

    assert "authorization" not in recorder.last.headers
    assert b"client_secret" not in recorder.last.body


@pytest.mark.parametrize(
    ("api_key", "verifier"), [("", "v" * 43), ("sk_test_key", None), ("sk_test_key", "v" * 43)], ids=str
)
def test_a_code_is_traded_by_what_is_given(
    make_client: Callable[..., Client], recorder: RecordingServer, api_key: str, verifier: str | None
) -> None:
    recorder.answer(Answer(400, {"error": "invalid_grant", "error_description": "No."}))

    with pytest.raises(errors.InvalidGrant):
        make_client(api_key=api_key).authenticate_with_code("code_1", code_verifier=verifier)

    said = recorder.last.json
    assert said.get("client_secret") == (api_key or None)
    assert said.get("code_verifier") == verifier
    assert recorder.last.headers.get("authorization") == (f"Bearer {api_key}" if api_key else None)


@pytest.mark.parametrize("verifier", ["", "  "])
def test_a_blank_verifier_is_no_verifier(public: Client, recorder: RecordingServer, verifier: str) -> None:
    with pytest.raises(ValueError, match="blank"):
        public.authenticate_with_code("code_1", code_verifier=verifier)

    assert recorder.asked == []


@pytest.mark.parametrize("name", sorted(WITHOUT_REQUEST))
def test_an_address_is_written_without_a_key_and_without_a_request(
    name: str, public: Client, recorder: RecordingServer
) -> None:
    members = {"provider": "authkit"} if "authorization" in name else {}
    (promise,) = (promise for promise in PROMISES if promise.name == name)

    given = getattr(public, name)(**demanded(promise), **members)

    assert str(getattr(given, "url", given)).startswith(recorder.url)
    assert recorder.asked == []
