"""kill -9 of the server among creates and refreshes: what was acknowledged is there, and a client can retry."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx2
import psutil
import pytest

from tests.doors.accounts import AUTHENTICATE, PASSWORD, USERS, create_user, new_email, refresh, sessions_of, sign_in
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine

CREATORS = 4
REFRESHERS = 4


@dataclass
class Creator:
    """Creates users until the server is gone, and knows which of them were acknowledged."""

    acknowledged: list[dict[str, Any]] = field(default_factory=list)
    created: set[str] = field(default_factory=set)
    unanswered: tuple[str, dict[str, Any]] | None = None

    def work(self, client: httpx2.Client) -> None:
        """Create one user after the other; the one that got no answer is remembered with its key."""
        for number in itertools.count():
            key = f"retry-{id(self)}-{len(self.acknowledged)}-{number}"
            body = {"email": new_email(), "password": PASSWORD, "email_verified": True}
            self.unanswered = (key, body)
            try:
                answer = client.post(USERS, json=body, headers={"idempotency-key": key})
            except httpx2.TransportError:
                return
            assert answer.status_code == 201, answer.text
            self.acknowledged.append(answer.json())

    def check(self, client: httpx2.Client) -> None:
        """See that all that was acknowledged is there, and that the retry completes the rest."""
        for user in self.acknowledged:
            assert client.get(f"{USERS}/{user['id']}").json() == user
        assert self.unanswered is not None
        key, body = self.unanswered
        retried = client.post(USERS, json=body, headers={"idempotency-key": key})
        assert retried.status_code == 201, retried.text
        (found,) = client.get(USERS, params={"email": body["email"]}).json()["data"]
        assert found == retried.json()
        # Neither has half a user: an account without its password.
        for user in (*self.acknowledged[-2:], found):
            assert sign_in(client, user).status_code == 200
        self.created |= {user["id"] for user in (*self.acknowledged, found)}
        self.acknowledged.clear()


@dataclass
class Refresher:
    """Refreshes one session until the server is gone, holding the last token that it was given."""

    user: dict[str, Any]
    token: str
    rotations: int = 0

    def work(self, client: httpx2.Client) -> None:
        """Refresh over and over."""
        while True:
            try:
                answer = refresh(client, self.token)
            except httpx2.TransportError:
                return
            assert answer.status_code == 200, answer.text
            self.token = answer.json()["refresh_token"]
            self.rotations += 1

    def check(self, client: httpx2.Client) -> None:
        """See that the client goes on with what it holds, whether or not its last refresh was carried out."""
        answer = refresh(client, self.token)
        assert answer.status_code == 200, answer.text
        again = refresh(client, self.token)
        assert again.content == answer.content
        self.token = answer.json()["refresh_token"]
        assert len(sessions_of(client, self.user)) == 1


def _crash(server: Server, workers: list[Creator | Refresher]) -> None:
    client = server.http()
    threads = [threading.Thread(target=worker.work, args=(client,)) for worker in workers]
    for thread in threads:
        thread.start()
    # Long enough for some of each, and at another point of their work in each round.
    time.sleep(0.2 + secrets.randbelow(300) / 1000)
    _kill(server)
    for thread in threads:
        thread.join(timeout=30)
        assert not thread.is_alive()
    server.start_again()
    client = server.http()
    for worker in workers:
        worker.check(client)


def _kill(server: Server) -> None:
    """Kill without closing the clients first: their requests are what is being cut."""
    clients, server._clients = server._clients, []
    server.kill9()
    server._clients = clients


def _crash_often(server: Server, rounds: int) -> None:
    client = server.http()
    refreshers = []
    for _ in range(REFRESHERS):
        user = create_user(client)
        refreshers.append(Refresher(user, sign_in(client, user).json()["refresh_token"]))
    creators = [Creator() for _ in range(CREATORS)]
    for _ in range(rounds):
        _crash(server, [*creators, *refreshers])
    assert sum(refresher.rotations for refresher in refreshers) > rounds
    made = set().union(*(creator.created for creator in creators), (refresher.user["id"] for refresher in refreshers))
    _check_events(server.http(), made)


def _check_events(client: httpx2.Client, made: set[str]) -> None:
    """See that each user that was made has one event, in one place of the list, and nobody else has any."""
    told = Counter(event["data"]["id"] for event in _list_events(client, "user.created"))
    assert told == dict.fromkeys(made, 1)


def _list_events(client: httpx2.Client, name: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    for _ in range(1000):
        page = client.get("/events", params={"events": name, "limit": 100, **cursor}).json()
        yield from page["data"]
        if page["list_metadata"]["after"] is None:
            return
        cursor = {"after": page["list_metadata"]["after"]}
    raise AssertionError("the list of events does not end")


def test_three_kills_among_creates_and_refreshes_lose_nothing_that_was_acknowledged(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    _crash_often(server(database_url=fresh_database(engine)), 3)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_twenty_kills_among_creates_and_refreshes_lose_nothing_that_was_acknowledged(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    _crash_often(server(database_url=fresh_database(engine)), 20)


def test_a_kept_answer_outlives_a_kill(engine: Engine, fresh_database: FreshDatabase, server: StartServer) -> None:
    running = server(database_url=fresh_database(engine))
    client = running.http()
    user = create_user(client)
    grant = {"grant_type": "password", "email": user["email"], "password": PASSWORD}
    body = {"client_id": DEVELOPMENT_CLIENT, "client_secret": DEVELOPMENT_KEY, **grant}
    first = client.post(AUTHENTICATE, json=body, headers={"idempotency-key": "retry-1"})

    running.kill9()
    running.start_again()
    client = running.http()
    again = client.post(AUTHENTICATE, json=body, headers={"idempotency-key": "retry-1"})

    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(sessions_of(client, user)) == 1


def test_a_worker_that_is_killed_alone_is_replaced_and_clients_go_on(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(database_url=fresh_database(engine))
    user = create_user(running.http())

    for worker in psutil.Process(running.pid).children():
        worker.kill()
    running.await_ready()

    assert running.http().get(f"{USERS}/{user['id']}").status_code == 200
