"""What an embedded client may be given instead of the machine's own."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Tells the instant."""

    def now(self) -> int:
        """Tell the instant in milliseconds since the epoch, UTC."""
        ...


class Entropy(Protocol):
    """Gives unpredictable bytes."""

    def token_bytes(self, n: int) -> bytes:
        """Give `n` unpredictable bytes."""
        ...
