"""For tests: a clock that stands still until it is moved, and chance that repeats."""

from __future__ import annotations

import hashlib
import itertools
import threading

# 2026-01-15T12:00:00Z, an instant like any other.
SOME_INSTANT = 1_768_478_400_000


class FrozenClock:
    """A clock that tells one instant until `advance` moves it."""

    def __init__(self, instant: int = SOME_INSTANT) -> None:
        """Start at an instant in milliseconds."""
        self._instant = instant

    def now(self) -> int:
        """Tell the instant in milliseconds."""
        return self._instant

    def advance(self, *, seconds: float = 0, minutes: float = 0, days: float = 0) -> None:
        """Move on; a negative span steps back."""
        self._instant += round((seconds + 60 * minutes + 86_400 * days) * 1000)


class CountingEntropy:
    """Bytes that look random and are the same in every run; never for production."""

    def __init__(self, seed: str = "gatelodge") -> None:
        """Start the sequence that a seed names."""
        self._seed = seed
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def token_bytes(self, n: int) -> bytes:
        """Give the next `n` bytes of the sequence."""
        with self._lock:
            number = next(self._numbers)
        return hashlib.shake_256(f"{self._seed}:{number}".encode()).digest(n)
