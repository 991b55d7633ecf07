"""Let few hash at a time, and few wait for it."""

from __future__ import annotations

import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from gatelodge.contract.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

NICENESS = 10
"""How far hashing steps back behind everything else that the process does."""


class HashGate:
    """Bound both the hashes that run and the callers that wait.

    At most `slots` run, so memory is bounded by slots times the cost of one; at most
    `waiters` more wait, none longer than `patience` seconds. Whoever comes on top is sent
    away at once: it is this bound that keeps the rest of a server answering.
    """

    def __init__(
        self, slots: int, waiters: int, *, retry_after: int = 1, patience: float = 10.0, niceness: int = 0
    ) -> None:
        """Take the counts; `retry_after` and `patience` are in seconds.

        With a niceness, what `run` is given runs on threads of that lower priority.
        """
        self._places = threading.BoundedSemaphore(slots + waiters)
        self._slots = threading.BoundedSemaphore(slots)
        self._retry_after = retry_after
        self._patience = patience
        # Threads of their own, since only an administrator may raise a priority again. The rest of
        # a sign-in stays at full priority: a thread that is put aside with the interpreter's lock in
        # its hands would put all others aside.
        self._nice = ThreadPoolExecutor(slots, "hash", _step_back, (niceness,)) if niceness else None

    def run(self, work: Callable[[], T]) -> T:
        """Do some work in a slot.

        Raises:
            ServiceUnavailable: Every place is taken, or none came free in time.
        """
        with self.enter():
            return work() if self._nice is None else self._nice.submit(work).result()

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Hold a slot while the block runs.

        Raises:
            ServiceUnavailable: Every place is taken, or none came free in time.
        """
        if not self._places.acquire(blocking=False):
            raise ServiceUnavailable(retry_after=self._retry_after)
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise ServiceUnavailable(retry_after=self._retry_after)
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._places.release()


def _step_back(niceness: int) -> None:
    # On Linux the priority belongs to the thread; elsewhere asking is harmless.
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)
