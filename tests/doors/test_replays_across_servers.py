"""A retry that reaches another server gets the first answer; nobody else ever does."""

from __future__ import annotations

import secrets
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import msgspec

from tests.doors.accounts import AUTHENTICATE, PASSWORD, USERS, create_user, new_email, sessions_of
from tests.doors.raw import AUTHORIZED, JSON, request
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine


def _key() -> dict[str, str]:
    return {"idempotency-key": f"retry-{secrets.token_hex(16)}"}


def test_a_retry_on_the_other_server_gets_the_first_answer(pair: tuple[Server, Server]) -> None:
    first, second = (server.http() for server in pair)
    user = create_user(first)
    grant = {"grant_type": "password", "email": user["email"], "password": PASSWORD}
    body = {"client_id": DEVELOPMENT_CLIENT, "client_secret": DEVELOPMENT_KEY, **grant}
    key = _key()

    answers = [client.post(AUTHENTICATE, json=body, headers=key) for client in (first, second, first)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [answer.headers.get("idempotent-replayed") for answer in answers] == [None, "true", "true"]
    assert len(sessions_of(second, user)) == 1


def test_requests_at_once_with_one_key_on_two_servers_make_one_user(pair: tuple[Server, Server]) -> None:
    clients = [server.http() for server in pair]
    for _ in range(3):
        key, body = _key(), {"email": new_email(), "password": PASSWORD}
        start = threading.Barrier(12)

        def send(
            number: int,
            key: dict[str, str] = key,
            body: dict[str, str] = body,
            start: threading.Barrier = start,
        ) -> httpx2.Response:
            start.wait(timeout=30)
            return clients[number % 2].post(USERS, json=body, headers=key)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(send, range(12)))

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.content for answer in answers}) == 1
        assert len(clients[0].get(USERS, params={"email": body["email"]}).json()["data"]) == 1


def test_a_client_that_lost_the_answer_and_retries_as_the_node_sdk_does_gets_it(pair: tuple[Server, Server]) -> None:
    first, second = pair
    email, key = new_email(), _key()
    body = msgspec.json.encode({"email": email})
    headers = b"".join(f"{name}: {value}\r\n".encode() for name, value in key.items())
    headers += AUTHORIZED + JSON + f"Content-Length: {len(body)}\r\n".encode()

    made: list[dict[str, str]] = []
    with socket.create_connection(("127.0.0.1", first.port), timeout=20) as connection:
        connection.sendall(request("POST", USERS, headers, body))
        deadline = time.monotonic() + 20
        while not made and time.monotonic() < deadline:
            made = second.http().get(USERS, params={"email": email}).json()["data"]
    retried = second.http().post(
        USERS, content=body, headers={"content-type": "application/json", "user-agent": "workos-node/11.0.0", **key}
    )

    assert (retried.status_code, retried.json()["id"]) == (201, made[0]["id"])
    assert len(second.http().get(USERS, params={"email": email}).json()["data"]) == 1


def test_an_answer_is_forgotten_after_a_day_of_the_development_clock(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(database_url=fresh_database(engine))
    client = running.http()
    key, body = _key(), {"email": new_email()}
    first = client.post(USERS, json=body, headers=key)

    running.advance_clock(24 * 3600 - 60)
    within = client.post(USERS, json=body, headers=key)
    running.advance_clock(61)
    after = client.post(USERS, json=body, headers=key)

    assert (first.status_code, within.content) == (201, first.content)
    assert (after.status_code, after.json()["code"]) == (400, "user_creation_error")
