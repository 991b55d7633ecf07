"""Let few hash at a time, and few wait for it."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from gatelodge.contract.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NICENESS = 10
"""How far hashing steps back behind everything else that the process does."""


class HashGate:
    """Bound both the hashes that run and the callers that wait.

    At most `slots` run, so memory is bounded by slots times the cost of one; at most
    `waiters` more wait, none longer than `patience` seconds. Whoever comes on top is sent
    away at once: it is this bound that keeps the rest of a server answering.

    The slots are threads of their own, which take what waits one after the other without a
    pause. They may have a lower priority (only an administrator could raise it again); the
    rest of a sign-in keeps the full one: a thread that is put aside with the interpreter's
    lock in its hands would put all others aside.
    """

    def __init__(
        self, slots: int, waiters: int, *, retry_after: int = 1, patience: float = 10.0, niceness: int = 0
    ) -> None:
        """Take the counts; `retry_after` and `patience` are in seconds."""
        self._places = threading.BoundedSemaphore(slots + waiters)
        self._slots = ThreadPoolExecutor(slots, "hash", _step_back, (niceness,))
        self._retry_after = retry_after
        self._patience = patience

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
        running = self._slots.submit(work)
        try:
            return running.result(self._patience)
        except TimeoutError:
            # Work that has begun is waited for; it may even have raised this itself.
            if running.cancel():
                raise ServiceUnavailable(retry_after=self._retry_after) from None
            return running.result()


def _step_back(niceness: int) -> None:
    # On Linux the priority belongs to the thread; elsewhere asking is harmless.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
