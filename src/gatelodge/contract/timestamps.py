"""Instants on the wire: ISO 8601 in UTC with exactly three fractional digits.

The official Python SDK below 3.11 parses three or six digits only, so the form never
varies (contract page 00 §5). Inside the engine an instant is an integer of milliseconds.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def write_timestamp(milliseconds: int) -> str:
    """Write an instant, as `2026-01-15T12:00:00.000Z`."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}.{rest:03d}Z"


def write_optional(milliseconds: int | None) -> str | None:
    """Write an instant that may be absent."""
    return None if milliseconds is None else write_timestamp(milliseconds)


def read_timestamp(text: str) -> int:
    """Read an ISO 8601 instant into milliseconds; without an offset it is UTC.

    Raises:
        ValueError: The text is not an instant.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(milliseconds=1)
