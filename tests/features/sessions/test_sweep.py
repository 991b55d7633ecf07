"""What ended long ago goes, some at a time, so that no write is long."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from functools import partial

import pytest

from gatelodge.doors import worker
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions import store
from gatelodge.kit import throttle
from gatelodge.kit.database import Queries
from gatelodge.kit.log import Log
from gatelodge.kit.unit import Unit
from tests.harness.inprocess import House

DAY = 86_400_000


def _refresh(house: House, token: str) -> str:
    answer = house.authenticate("refresh_token", secret=None, refresh_token=token)
    assert answer.status == 200
    return str(answer.json["refresh_token"])


def _count(house: House) -> tuple[int, int]:
    row = house.runtime.database.reads.one(
        "select (select count(*) from sessions) as sessions, (select count(*) from refresh_tokens) as tokens"
    )
    assert row is not None
    return row[0], row[1]


def _begin(house: House, *, refreshes: int) -> str:
    token = str(house.sign_in().json["refresh_token"])
    for _ in range(refreshes):
        token = _refresh(house, token)
    return token


def _note_attempt(queries: Queries, *, bucket: str) -> None:
    queries.run("insert into throttles (bucket, tat) values (:bucket, 1)", bucket=bucket)


def test_tokens_go_when_no_session_can_be_as_old_some_at_a_time(house: House) -> None:
    house.create_user()
    _begin(house, refreshes=7)
    _begin(house, refreshes=0)

    house.clock.advance(days=31)
    assert sessions.sweep_tokens(house.unit()) == 0
    assert _count(house) == (2, 9)
    house.clock.advance(seconds=1)
    now = house.unit().now

    def remove(queries: Queries) -> int:
        return store.remove_tokens(queries, before=now - 31 * DAY, now=now, limit=5)

    # Of sessions past their limit the live ones go as well: each sweep would find those again.
    assert [house.unit().write(remove) for _ in range(3)] == [5, 4, 0]
    assert _count(house) == (2, 0)


@pytest.fixture
def patient_house(furnished_database: str) -> Iterator[House]:
    """Give a house whose sessions live for more than a year."""
    made = House(furnished_database, limits=False, session_ttl=400 * 86_400, session_idle_ttl=200 * 86_400)
    yield made
    made.close()


def test_where_sessions_live_long_a_live_token_does_not_go_for_its_age(patient_house: House) -> None:
    house = patient_house
    house.create_user()
    retired = str(house.sign_in().json["refresh_token"])
    live = _refresh(house, retired)

    house.clock.advance(days=150)

    assert sessions.sweep_tokens(house.unit()) == 1
    old = house.authenticate("refresh_token", secret=None, refresh_token=retired)
    assert (old.status, old.json["error"]) == (400, "invalid_grant")
    assert _refresh(house, live) != live


def test_sessions_are_kept_for_ninety_days_after_their_end(house: House) -> None:
    user = house.create_user()
    _begin(house, refreshes=2)
    assert house.put(f"/user_management/users/{user['id']}", {"password": "another horse 18"}).status == 200
    assert house.sign_in(password="another horse 18").status == 200

    house.clock.advance(days=89)
    assert (sessions.sweep_tokens(house.unit()), sessions.sweep(house.unit())) == (4, 0)
    house.clock.advance(days=1, seconds=1)

    # The one that the new password ended. The other ended by its limit a month later.
    assert sessions.sweep(house.unit()) == 1
    assert _count(house) == (1, 0)
    house.clock.advance(days=30)
    assert sessions.sweep(house.unit()) == 1
    assert _count(house) == (0, 0)


def test_the_worker_sweeps_until_nothing_is_left(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part at each turn would not keep up with a busy server, whose tables would grow for ever."""
    monkeypatch.setattr(worker, "_ROUND", 0.001)
    database = house.runtime.database
    for number in range(1200):
        database.write(partial(_note_attempt, bucket=f"b{number}"))
    parts: list[int] = []

    def sweep(unit: Unit) -> int:
        parts.append(unit.write(lambda queries: throttle.sweep(queries, now=unit.now)))
        return parts[-1]

    monkeypatch.setattr(worker, "CHORES", ())
    monkeypatch.setattr(worker, "SWEEPS", ((sweep, 2),))
    sweeping = worker.Worker(house.runtime, Log(house.clock, stream=io.StringIO()))
    sweeping.start()
    deadline = time.monotonic() + 10
    while len(parts) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    sweeping.stop()

    assert parts[:4] == [500, 500, 200, 0]
