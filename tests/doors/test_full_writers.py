"""Refreshes that wait for a commit, and the writes beside them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import psycopg
import pytest

from gatelodge.doors.embedded import Engine, open_engine
from gatelodge.doors.http import Request, Response
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import SystemEntropy
from tests.conftest import FreshDatabase
from tests.harness.unavailable import bring

_PATIENCE = 30.0
_FULL = 1100
_AUTHENTICATE = "/user_management/authenticate"
_USERS = "/user_management/users"
_ADA = {"email": "ada@example.com", "password": "correct horse 17", "email_verified": True}


class _Watched(SystemEntropy):
    """Counts what is drawn, which every refresh does last before it waits for its commit."""

    drawn = 0

    def token_bytes(self, n: int) -> bytes:
        self.drawn += 1
        return super().token_bytes(n)

    def await_silence(self) -> None:
        seen = -1
        while seen != self.drawn:
            seen = self.drawn
            time.sleep(0.2)


@pytest.fixture
def entropy() -> _Watched:
    return _Watched()


@pytest.fixture
def engine(fresh_database: FreshDatabase, entropy: _Watched) -> Iterator[Engine]:
    settings = {"lane_queue": _FULL}
    engine = open_engine(fresh_database("sqlite"), master_key="m" * 43, settings=settings, entropy=entropy)
    yield engine
    engine.close()


def _ask(path: str, **members: Any) -> Request:
    headers = {"content-type": "application/json"}
    return Request(method="POST", path=path, headers=headers, body=json.dumps(members).encode(), embedded=True)


def test_a_full_lane_of_refreshes_keeps_no_other_write_out(engine: Engine, entropy: _Watched) -> None:
    engine.respond(_ask(_USERS, **_ADA))
    client = {"client_id": engine.client_id}
    sign_in = _ask(_AUTHENTICATE, grant_type="password", email=_ADA["email"], password=_ADA["password"], **client)
    token = json.loads(engine.respond(sign_in).body)["refresh_token"]
    held, released, lanes = threading.Event(), threading.Event(), engine.open_lanes()

    def hold(_: Queries) -> None:
        held.set()
        released.wait(_PATIENCE)

    holding = threading.Thread(target=lambda: engine.runtime.database.write(hold))
    holding.start()
    assert held.wait(_PATIENCE)
    answers: list[Response] = []
    for _ in range(_FULL):
        lanes.respond(_ask(_AUTHENTICATE, grant_type="refresh_token", refresh_token=token, **client), answers.append)
    entropy.await_silence()
    lanes.respond(_ask(_USERS, email="grace@example.com"), answers.append)
    released.set()
    lanes.close()
    holding.join(_PATIENCE)

    assert [answer.status for answer in answers if answer.status != 200] == [201]
    assert len(answers) == _FULL + 1


def test_a_refresh_on_postgresql_waits_for_no_other_write(fresh_database: FreshDatabase) -> None:
    url = bring(lambda: fresh_database("postgres"))
    with closing(open_engine(url, master_key="m" * 43, settings={"write_threads": 1})) as engine:
        engine.respond(_ask(_USERS, **_ADA))
        client = {"client_id": engine.client_id}
        sign_in = _ask(_AUTHENTICATE, grant_type="password", email=_ADA["email"], password=_ADA["password"], **client)
        token = json.loads(engine.respond(sign_in).body)["refresh_token"]
        refresh = _ask(_AUTHENTICATE, grant_type="refresh_token", refresh_token=token, **client)
        lanes, answers, refreshed = engine.open_lanes(), list[Response](), threading.Event()

        def take(answer: Response) -> None:
            answers.append(answer)
            refreshed.set()

        with psycopg.connect(url) as holder:
            holder.execute("lock table users in exclusive mode")
            lanes.respond(_ask(_USERS, email="grace@example.com"), answers.append)
            lanes.respond(refresh, take)
            assert refreshed.wait(_PATIENCE)
        lanes.close()

    assert [answer.status for answer in answers] == [200, 201]


def test_every_refresh_thread_finds_a_connection(fresh_database: FreshDatabase) -> None:
    threads = 9
    url = bring(lambda: fresh_database("postgres"))
    settings = {"read_threads": 1, "write_threads": 1, "refresh_threads": threads}
    together = threading.Barrier(threads, timeout=_PATIENCE)

    def hold(queries: Queries) -> int:
        queries.one("select 1")
        return together.wait()

    with (
        closing(open_engine(url, master_key="m" * 43, settings=settings)) as engine,
        ThreadPoolExecutor(threads) as pool,
    ):
        places = pool.map(lambda _: engine.runtime.database.write(hold), range(threads))

        assert sorted(places) == list(range(threads))
