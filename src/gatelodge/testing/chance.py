"""Chance that repeats."""

from __future__ import annotations

import hashlib
import itertools
import threading


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
