"""Let few hash at a time, and few wait for it."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.waiting import wait

T = TypeVar("T")

NICENESS = 10
"""How far hashing steps back behind everything else that the process does."""


class _Late(Exception):
    """Its turn has come too late."""


class _Job:
    """Some work that waits for its turn and, later, what came of it."""

    __slots__ = ("error", "latest", "over", "value", "work")

    over: Callable[[], None]
    """Tells the caller; set when the job is queued."""

    def __init__(self, work: Callable[[], Any], *, latest: float) -> None:
        self.work = work
        self.latest = latest
        self.value: Any = None
        self.error: BaseException | None = None

    def do(self) -> None:
        """Do the work, unless its caller's patience has ended."""
        try:
            if time.monotonic() > self.latest:
                raise _Late
            self.value = self.work()
        except BaseException as error:  # noqa: BLE001  # the caller gets it; this thread must live
            self.error = error
        finally:
            self.over()


_Jobs: TypeAlias = "SimpleQueue[_Job | None]"


class HashGate:
    """Bound both the hashes that run and the callers that wait.

    At most `slots` run, each on a thread of its own, so memory is bounded by slots times the
    cost of one; at most `waiters` more wait. Whoever comes on top is sent away at once, and whose
    turn has not come after `patience` seconds when it does: it is these bounds that keep the rest
    of a server answering.
    """

    def __init__(
        self, slots: int, waiters: int, *, retry_after: int = 1, patience: float = 10.0, niceness: int = 0
    ) -> None:
        """Take the counts; `retry_after` and `patience` are in seconds.

        The threads have a priority lower by `niceness`. Only an administrator may raise one again, so
        the rest of a sign-in stays on its own thread: one that is put aside with the interpreter's lock
        in its hands would put all others aside.
        """
        self._slots = slots
        self._places = slots + waiters
        self._retry_after = retry_after
        self._patience = patience
        self._niceness = niceness
        self._jobs: _Jobs = SimpleQueue()
        self._lock = threading.Lock()
        self._taken = 0
        self._started = 0
        weakref.finalize(self, _dismiss, self._jobs, slots)

    def run(self, work: Callable[[], T]) -> T:
        """Do some work in a slot.

        Raises:
            ServiceUnavailable: Every place is taken, or none came free in time.
        """
        job = _Job(work, latest=time.monotonic() + self._patience)
        self._take_place()
        try:
            wait(partial(self._enqueue, job))
        finally:
            self._leave_place()
        if job.error is None:
            value: T = job.value
            return value
        try:
            raise job.error
        except _Late:
            raise ServiceUnavailable(retry_after=self._retry_after) from None
        finally:
            # The traceback holds this frame, and this frame the job: cut the ring.
            del job

    def _take_place(self) -> None:
        with self._lock:
            if self._taken >= self._places:
                raise ServiceUnavailable(retry_after=self._retry_after)
            if self._started < self._slots and self._started <= self._taken:
                threading.Thread(
                    target=_serve, args=(self._jobs, self._niceness), name="gatelodge-hash", daemon=True
                ).start()
                self._started += 1
            self._taken += 1

    def _leave_place(self) -> None:
        with self._lock:
            self._taken -= 1

    def _enqueue(self, job: _Job, over: Callable[[], None]) -> None:
        job.over = over
        self._jobs.put(job)


def _serve(jobs: _Jobs, niceness: int) -> None:
    # On Linux the priority belongs to the thread; elsewhere asking is harmless.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
    while (job := jobs.get()) is not None:
        job.do()
        # What it holds is its caller's, and not kept until the next one comes.
        del job


def _dismiss(jobs: _Jobs, slots: int) -> None:
    for _ in range(slots):
        jobs.put(None)
