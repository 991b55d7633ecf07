"""Retries: which answers deserve another try, and how long to wait before it.

Every call may be sent again: reads, updates and deletes by their nature, and a POST by
its idempotency key, which is made once for the call and sent with each try. This is the
client's only reader of the clock and of chance.
"""

from __future__ import annotations

import secrets  # noqa: TID251  # the client may not use the engine's entropy, and has no unit
import time
from datetime import UTC
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gatelodge.sdk.ports import Clock

RETRIED = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses of a server that is busy, away or stumbling, as the official Node SDK has them (contract page 33 §2)."""

LONGEST_WAIT = 60.0
"""Seconds; a server that asks for more is not believed."""

_FIRST_WAIT = 0.5
_LONGEST_BACKOFF = 8.0
_CHANCES = 1 << 16


class Timing(Protocol):
    """Tells the time, waits, and draws lots."""

    def now(self) -> float:
        """Tell the instant in seconds since the epoch."""
        ...

    def chance(self) -> float:
        """Draw from 0 up to 1."""
        ...

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class AsyncTiming(Protocol):
    """Tells the time, waits without blocking the loop, and draws lots."""

    def now(self) -> float:
        """Tell the instant in seconds since the epoch."""
        ...

    def chance(self) -> float:
        """Draw from 0 up to 1."""
        ...

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        ...


class SystemTiming:
    """The machine's clock and chance, or another clock that tells milliseconds."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Take the machine's clock where none is given."""
        self._clock = clock

    def now(self) -> float:
        """Tell the instant in seconds since the epoch."""
        if self._clock is not None:
            return self._clock.now() / 1000
        return time.time()  # noqa: TID251  # an HTTP date in Retry-After is wall-clock time

    def chance(self) -> float:
        """Draw from 0 up to 1."""
        return secrets.randbelow(_CHANCES) / _CHANCES

    def sleep(self, seconds: float, /) -> None:
        """Wait."""
        time.sleep(seconds)


class AsyncSystemTiming:
    """The same for asyncio."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Take the machine's clock where none is given."""
        self._timing = SystemTiming(clock)

    def now(self) -> float:
        """Tell the instant in seconds since the epoch."""
        return self._timing.now()

    def chance(self) -> float:
        """Draw from 0 up to 1."""
        return self._timing.chance()

    async def sleep(self, seconds: float, /) -> None:
        """Wait."""
        import asyncio

        await asyncio.sleep(seconds)


def draw_bytes(number: int) -> bytes:
    """Draw so many unpredictable bytes."""
    return secrets.token_bytes(number)


def issue_idempotency_key() -> str:
    """Make the key that ties the tries of one call together, of 192 bits."""
    return secrets.token_urlsafe(24)


def choose_wait(tries: int, *, retry_after: int | None, chance: float) -> float:
    """Choose the seconds to wait after so many failed tries.

    What the server asked for is kept to, up to `LONGEST_WAIT`. Otherwise the wait doubles
    from half a second up to eight, and chance spreads it by half in both directions, so
    that clients that failed together do not come back together.
    """
    if retry_after is not None:
        return min(float(retry_after), LONGEST_WAIT)
    backoff: float = min(_FIRST_WAIT * 2 ** (tries - 1), _LONGEST_BACKOFF)
    return backoff * (0.5 + chance)


def read_retry_after(text: str | None, *, now: float) -> int | None:
    """Read the header `Retry-After` into seconds from now (RFC 9110 §10.2.3).

    It holds whole seconds or a date; anything else is as good as absent.
    """
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9])
    # A tenth of the time that importing the client takes, for dates that servers hardly ever send.
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0, round(moment.timestamp() - now))
