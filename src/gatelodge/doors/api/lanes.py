"""Lanes: our own bounded thread pools, one for each kind of work.

It is the bound on waiters, not the number of threads, that keeps the others answering:
a lane that is full sends new work away at once, and a flood of sign-ins fills only its
own lane. Hash threads run at a lower priority, so that a read does not wait behind them
for a core.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Mapping

from gatelodge.kit.route import Lane
from gatelodge.kit.settings import Settings

_Work = Callable[[], None]
HASH_NICENESS = 10


class LaneFull(Exception):
    """The lane has as many waiters as it may."""


class ThreadLane:
    """Some threads and a queue with a bound."""

    def __init__(self, name: str, *, threads: int, waiters: int, niceness: int = 0) -> None:
        """Start the threads."""
        self._queue: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._waiters = waiters
        self._threads = [
            threading.Thread(target=self._run, args=(niceness,), name=f"{name}-{number}", daemon=True)
            for number in range(threads)
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

    def _run(self, niceness: int) -> None:
        if niceness:
            # On Linux the priority belongs to the thread; elsewhere asking is harmless.
            with contextlib.suppress(OSError, AttributeError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
        while (work := self._queue.get()) is not None:
            work()


def open_lanes(settings: Settings) -> Mapping[Lane, ThreadLane]:
    """Open the lanes that the settings ask for."""
    hashers = settings.hash_threads or os.cpu_count() or 1
    waiters = settings.lane_queue
    return {
        Lane.READ: ThreadLane("read", threads=settings.read_threads, waiters=waiters),
        Lane.WRITE: ThreadLane("write", threads=settings.write_threads, waiters=waiters),
        Lane.HASH: ThreadLane("hash", threads=hashers, waiters=settings.hash_queue, niceness=HASH_NICENESS),
        Lane.PAGE: ThreadLane("page", threads=settings.read_threads, waiters=waiters),
    }
