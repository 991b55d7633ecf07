"""Lanes: our own bounded thread pools, one for each kind of work.

It is the bound on waiters, not the number of threads, that keeps the others answering:
a lane that is full sends new work away at once, and a flood of sign-ins fills only its
own lane. The hashing itself runs at a lower priority on threads of its own (`kit.hashing`),
so that a read does not wait behind it for a core; a thread of the hash lane carries the rest
of a sign-in, and there are some more of them than cores, since they wait for commits too.

On SQLite refreshes have a lane of green threads (`doors.api.green`); on PostgreSQL, where a
statement waits for the network, they have a few threads of their own.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from gatelodge.doors.api.green import GreenLane, do_and_tell
from gatelodge.kit.route import Lane, LaneFull
from gatelodge.kit.settings import Settings, choose_hash_threads, choose_helpers

_Work: TypeAlias = Callable[[], None]
_THREADS_A_HASH = 2


class AnyLane(Protocol):
    """Where requests wait for their turn, and are answered."""

    def submit(self, work: _Work) -> None:
        """Queue some work; raise `LaneFull` when too much waits."""

    def close(self) -> None:
        """Finish what is queued, then end the threads; a second call does nothing."""


class ThreadLane:
    """Some threads and a queue with a bound."""

    def __init__(self, name: str, *, threads: int, waiters: int, deliver: _Work) -> None:
        """Start the threads; `deliver` is called on them after each work."""
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._waiters = waiters
        self._deliver = deliver
        self._threads = [
            threading.Thread(target=self._run, name=f"{name}-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: _Work) -> None:
        """Queue some work.

        Raises:
            LaneFull: Too much is waiting.
        """
        if self._queue.qsize() >= self._waiters:
            raise LaneFull
        self._queue.put(work)

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join(timeout=30)

    def _run(self) -> None:
        while (work := self._queue.get()) is not None:
            do_and_tell(work)
            # Nothing of a request stays while the thread is idle.
            del work
            do_and_tell(self._deliver)


class InstantLane:
    """Does at once what takes no time, so that it is done even where all threads wait for a database."""

    def __init__(self, *, deliver: _Work) -> None:
        """Take what is called after each work."""
        self._deliver = deliver

    def submit(self, work: _Work) -> None:
        """Do some work."""
        work()
        self._deliver()

    def close(self) -> None:
        """Do nothing: nothing is queued."""


def _deliver_nothing() -> None:
    """Do nothing, where each work delivers its own answer."""


def open_lanes(settings: Settings, dialect: str, *, deliver: _Work = _deliver_nothing) -> Mapping[Lane, AnyLane]:
    """Open the lanes that the settings ask for, on SQLite or PostgreSQL.

    `deliver` is called when work was done, on the thread that did it, and may be called
    once for several.
    """
    hashers = choose_hash_threads(settings)
    waiters = settings.lane_queue

    def open_threads(name: str, threads: int, *, waiters: int = waiters) -> AnyLane:
        return ThreadLane(name, threads=threads, waiters=waiters, deliver=deliver)

    def open_refreshes(name: str) -> AnyLane:
        if dialect == "sqlite":
            return GreenLane(name, waiters=waiters, helpers=choose_helpers(settings), deliver=deliver)
        return open_threads(name, settings.refresh_threads)

    return {
        Lane.INSTANT: InstantLane(deliver=deliver),
        Lane.READ: open_threads("read", settings.read_threads),
        Lane.WRITE: open_threads("write", settings.write_threads),
        Lane.HASH: open_threads("hash", hashers * _THREADS_A_HASH, waiters=settings.hash_queue),
        Lane.PAGE: open_threads("page", settings.read_threads),
        Lane.REFRESH: open_refreshes("refresh"),
    }
