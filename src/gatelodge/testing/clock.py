"""A clock that stands still until it is moved."""

from __future__ import annotations

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

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move on; a negative span steps back."""
        self._instant += round((seconds + 60 * minutes + 3600 * hours + 86_400 * days) * 1000)
