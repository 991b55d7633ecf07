"""Let few hash at a time, and few wait for it."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import weakref
from typing import TYPE_CHECKING, Any, TypeVar

from gatelodge.contract.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NICENESS = 10
"""How far hashing steps back behind everything else that the process does."""


class _Job:
    """Work for a slot, and later what came of it."""

    __slots__ = ("claimed", "error", "over", "value", "work")

    def __init__(self, work: Callable[[], Any]) -> None:
        self.work = work
        self.value: Any = None
        self.error: BaseException | None = None
        self.claimed = threading.Lock()
        """Taken once: by the slot that does the work, or by the caller who waits no longer."""
        self.over = threading.Lock()
        self.over.acquire()


class HashGate:
    """Bound both the hashes that run and the callers that wait.

    At most `slots` run, so memory is bounded by slots times the cost of one; at most
    `waiters` more wait, none longer than `patience` seconds. Whoever comes on top is sent
    away at once: it is this bound that keeps the rest of a server answering.

    The slots are threads of their own, which take what waits one after the other without a
    pause. They may have a lower priority (only an administrator could raise it again). The
    rest of a sign-in keeps the full one, and they do as little in Python as they can: a thread
    that is put aside with the interpreter's lock in its hands puts all others aside.
    """

    def __init__(
        self, slots: int, waiters: int, *, retry_after: int = 1, patience: float = 10.0, niceness: int = 0
    ) -> None:
        """Take the counts; `retry_after` and `patience` are in seconds."""
        self._places = threading.BoundedSemaphore(slots + waiters)
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._unstarted = [
            threading.Thread(target=_serve, args=(self._waiting, niceness), name=f"hash-{number}", daemon=True)
            for number in range(slots)
        ]
        self._starting = threading.Lock()
        self._retry_after = retry_after
        self._patience = patience
        weakref.finalize(self, _stop, self._waiting, slots)

    def run(self, work: Callable[[], T]) -> T:
        """Do some work in a slot.

        Raises:
            ServiceUnavailable: Every place is taken, or no slot came free in time.
        """
        if not self._places.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=self._retry_after)
        try:
            return self._await(work)
        finally:
            self._places.release()

    def _await(self, work: Callable[[], T]) -> T:
        if self._unstarted:
            self._start()
        job = _Job(work)
        self._waiting.put(job)
        if not job.over.acquire(timeout=self._patience):
            if job.claimed.acquire(blocking=False):
                raise ServiceUnavailable(retry_after=self._retry_after)
            # Work that has begun is waited for.
            job.over.acquire()
        if job.error is None:
            value: T = job.value
            return value
        try:
            raise job.error
        finally:
            # The traceback holds this frame, and this frame the job: cut the ring.
            del job

    def _start(self) -> None:
        # At the first use, so that a process that was forked before it has threads of its own.
        with self._starting:
            while self._unstarted:
                self._unstarted.pop().start()


def _stop(waiting: queue.SimpleQueue[_Job | None], slots: int) -> None:
    for _ in range(slots):
        waiting.put(None)


def _serve(waiting: queue.SimpleQueue[_Job | None], niceness: int) -> None:
    _step_back(niceness)
    while (job := waiting.get()) is not None:
        if not job.claimed.acquire(blocking=False):
            continue
        try:
            job.value = job.work()
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            job.error = error
        job.over.release()
        del job


def _step_back(niceness: int) -> None:
    # On Linux the priority belongs to the thread; elsewhere asking is harmless.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
