"""Many callers on one thread: it commits for all of them, where a commit is quick."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from gatelodge.doors.api.green import GreenLane
from gatelodge.kit.database import Database, NestedWrite, Queries, writer
from gatelodge.kit.database.commit_lock import CommitLock
from tests.storage.conftest import Opener
from tests.storage.test_sqlite_writer import commits_in_log, count, file_of, open_account, opening

_PATIENCE = 10.0


@pytest.fixture
def lane() -> Iterator[GreenLane]:
    lane = GreenLane("test", waiters=200, helpers=0, deliver=lambda: None)
    yield lane
    lane.close()


class Calls:
    """What was called on a lane, and what came of it."""

    def __init__(self, lane: GreenLane) -> None:
        self._lane = lane
        self._done = threading.Semaphore(0)
        self.outcomes: list[Any] = []

    def begin(self, *works: Callable[[], Any]) -> None:
        """Let works wait for their turn, so that all are there when the first of them begins."""
        held, free = threading.Event(), threading.Event()

        def hold() -> None:
            held.set()
            free.wait(_PATIENCE)

        self._lane.submit(hold)
        assert held.wait(_PATIENCE)
        for work in works:
            self._lane.submit(partial(self._note, work))
        free.set()

    def end(self, expected: int) -> list[Any]:
        """Wait until so many are done; give what they gave or raised, in the order of their ends."""
        for _ in range(expected):
            assert self._done.acquire(timeout=_PATIENCE)
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def _note(self, work: Callable[[], Any]) -> None:
        try:
            outcome = work()
        except (LookupError, NestedWrite) as error:
            outcome = type(error)
        self.outcomes.append(outcome)
        self._done.release()


@pytest.fixture
def calls(lane: GreenLane) -> Calls:
    return Calls(lane)


def _writer_of(database: Database, name: str) -> Callable[[], int]:
    """Give a call that opens an account, and tells on which thread that was done."""

    def closure(queries: Queries) -> int:
        open_account(queries, name)
        return threading.get_ident()

    return lambda: database.write(closure)


def test_the_thread_that_many_share_commits_for_all_of_them_at_once(
    sqlite_url: str, opened: Opener, calls: Calls
) -> None:
    database = opened(sqlite_url)
    calls.begin(_writer_of(database, "first"))
    calls.end(1)
    before = commits_in_log(sqlite_url)

    calls.begin(threading.get_ident, *[_writer_of(database, f"a{number}") for number in range(12)])
    threads = calls.end(13)

    assert threads == [threads[0]] * 13
    assert count(database) == 13
    assert commits_in_log(sqlite_url) - before == 1


def test_a_flood_does_not_keep_those_waiting_who_came_first(sqlite_url: str, opened: Opener, calls: Calls) -> None:
    database = opened(sqlite_url)

    def write_and_count(name: str) -> Callable[[], int]:
        write = _writer_of(database, name)

        def work() -> int:
            write()
            return count(database)

        return work

    calls.begin(*[write_and_count(f"a{number}") for number in range(100)])
    counts = calls.end(100)

    assert counts[0] <= 17
    assert counts[-1] == 100


def test_what_raises_is_undone_alone_on_a_shared_thread_too(sqlite_url: str, opened: Opener, calls: Calls) -> None:
    database = opened(sqlite_url)

    def write_and_raise(queries: Queries) -> None:
        open_account(queries, "undone")
        raise LookupError

    def write_within(_: Queries) -> None:
        database.write(opening("nested"))

    calls.begin(
        _writer_of(database, "a"),
        lambda: database.write(write_and_raise),
        lambda: database.write(write_within),
        _writer_of(database, "b"),
    )
    outcomes = calls.end(4)

    assert (outcomes[1], outcomes[2]) == (LookupError, NestedWrite)
    assert count(database) == 2


def test_a_lock_that_is_held_holds_up_nobody_but_those_who_write(sqlite_url: str, opened: Opener, calls: Calls) -> None:
    database = opened(sqlite_url)
    lock = CommitLock(file_of(sqlite_url))
    assert lock.acquire(within=1)

    calls.begin(_writer_of(database, "a"))
    calls.begin(lambda: count(database))
    assert calls.end(1) == [0]
    lock.release()
    lock.close()

    assert len(calls.end(1)) == 1
    assert count(database) == 1


def test_where_commits_are_slow_they_are_left_to_the_writers_thread(
    sqlite_url: str, opened: Opener, calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread could do nothing else meanwhile; now and then it tries again."""
    database = opened(sqlite_url)
    monkeypatch.setattr(writer, "_QUICK_SECONDS", -1.0)

    calls.begin(threading.get_ident)
    (shared,) = calls.end(1)
    on_shared = []
    for number in range(3 + 64 + 1 + 1):
        calls.begin(_writer_of(database, f"a{number}"))
        on_shared += [thread == shared for thread in calls.end(1)]
        # Who answers has its turn for a moment more, and whoever came then would leave it to that one.
        time.sleep(0.001)

    assert on_shared == [True] * 3 + [False] * 64 + [True, False]


def test_all_is_written_before_a_lane_closes(sqlite_url: str, opened: Opener, lane: GreenLane, calls: Calls) -> None:
    database = opened(sqlite_url)

    calls.begin(*[_writer_of(database, f"a{number}") for number in range(100)])
    lane.close()

    assert len(calls.outcomes) == 100
    assert count(database) == 100
