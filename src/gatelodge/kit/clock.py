"""The only place that asks what time it is."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the instant, in milliseconds since the epoch, UTC."""

    def now(self) -> int:
        """Tell the instant in milliseconds since the epoch."""
        ...


class SystemClock:
    """The machine's wall clock; it may step back, as its administrator pleases."""

    def now(self) -> int:
        """Tell the instant in milliseconds since the epoch."""
        return time.time_ns() // 1_000_000
