"""The class against a real server process, and what a lost answer costs: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from gatelodge import errors
from gatelodge.sdk._async.transport import AsyncHttpTransport
from gatelodge.sdk._sync.transport import HttpTransport
from gatelodge.sdk.wire import WireRequest, WireResponse
from tests.conftest import StartServer
from tests.harness.servers import PLAIN, Server
from tests.sdk.faces import AsyncNoWaiting, Face, NoWaiting
from tests.sdk.household import Household

PASSWORD = "seventeen yellow herons"


class Forgetful(HttpTransport):
    """A network that loses the first answer to each request, after it was carried out."""

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, timeout=30)
        self._lost: set[str] = set()

    def send(self, request: WireRequest) -> WireResponse:
        answer = super().send(request)
        if request.method == "POST" and request.headers["Idempotency-Key"] not in self._lost:
            self._lost.add(request.headers["Idempotency-Key"])
            raise errors.ConnectionFailed
        return answer


class AsyncForgetful(AsyncHttpTransport):
    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, timeout=30)
        self._lost: set[str] = set()

    async def send(self, request: WireRequest) -> WireResponse:
        answer = await super().send(request)
        if request.method == "POST" and request.headers["Idempotency-Key"] not in self._lost:
            self._lost.add(request.headers["Idempotency-Key"])
            raise errors.ConnectionFailed
        return answer


@pytest.fixture
def running(server: StartServer) -> Server:
    return server()


@pytest.fixture
def open_client(face: Face, running: Server) -> Iterator[Callable[..., Household]]:
    opened: list[Household] = []

    def make(**options: Any) -> Household:
        chosen = {
            "api_key": running.api_key,
            "client_id": running.client_id,
            "base_url": running.base_url,
            **options,
        }
        opened.append(Household(face, lambda kind: kind(**chosen)))
        return opened[-1]

    yield make
    for household in opened:
        household.close()


def test_a_users_life_on_a_real_server(open_client: Callable[..., Household]) -> None:
    um, public = open_client(), open_client(api_key="")
    user = um.create_user("ada@example.com", password=PASSWORD, email_verified=True, external_id="crm/4711 ?#%")
    begun = um.authenticate_with_password("ada@example.com", password=PASSWORD)
    renewed = public.authenticate_with_refresh_token(begun.refresh_token)
    session = um.list_sessions(user.id).data[0]

    with httpx2.Client(trust_env=False, verify=PLAIN) as browser:
        assert browser.get(um.get_logout_url(session.id)).status_code in {200, 302}
        assert browser.get(um.get_jwks_url()).json()["keys"][0]["kid"] == um.get_jwks().keys[0].kid

    assert um.get_user_by_external_id("crm/4711 ?#%").id == user.id
    with pytest.raises(errors.InvalidGrant):
        public.authenticate_with_refresh_token(renewed.refresh_token)
    assert [event.event for event in um.walk(um.list_events(["session.created", "session.revoked"]))] == [
        "session.created",
        "session.revoked",
    ]
    assert um.delete_user(user.id) is None
    with pytest.raises(errors.NotFound):
        um.get_user(user.id)


def test_a_wrong_key_is_refused_as_such(open_client: Callable[..., Household]) -> None:
    with pytest.raises(errors.Unauthorized):
        open_client(api_key="sk_test_of_nobody").list_users()


def test_a_call_whose_answer_was_lost_is_carried_out_once(
    face: Face, open_client: Callable[..., Household], running: Server
) -> None:
    if face == "sync":
        um = open_client(transport=Forgetful(running.base_url), timing=NoWaiting())
    else:
        um = open_client(transport=AsyncForgetful(running.base_url), timing=AsyncNoWaiting())

    user = um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
    begun = um.authenticate_with_password("ada@example.com", password=PASSWORD)
    renewed = um.authenticate_with_refresh_token(begun.refresh_token)

    assert [found.id for found in um.list_users()] == [user.id]
    assert len(um.list_sessions(user.id).data) == 1
    assert um.authenticate_with_refresh_token(renewed.refresh_token).refresh_token != renewed.refresh_token
