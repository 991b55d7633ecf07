"""Let few hash at a time, and few wait for it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gatelodge.contract.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator


class HashGate:
    """Bound both the hashes that run and the callers that wait.

    At most `slots` run, so memory is bounded by slots times the cost of one; at most
    `waiters` more wait, none longer than `patience` seconds. Whoever comes on top is sent
    away at once: it is this bound that keeps the rest of a server answering.
    """

    def __init__(self, slots: int, waiters: int, *, retry_after: int = 1, patience: float = 10.0) -> None:
        """Take the counts; `retry_after` and `patience` are in seconds."""
        self._places = threading.BoundedSemaphore(slots + waiters)
        self._slots = threading.BoundedSemaphore(slots)
        self._retry_after = retry_after
        self._patience = patience

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
