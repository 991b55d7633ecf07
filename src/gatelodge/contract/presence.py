"""Members that an answer always shows, among others that it leaves out when there is nothing to show."""

from __future__ import annotations

from typing import TypeVar

import msgspec

T = TypeVar("T")


def always(value: T) -> T:
    """Give a member a default that is written nonetheless, in a shape with `omit_defaults`.

    Reading need not insist on the member then, but another server's answer lacks nothing
    of ours. msgspec leaves out what equals a plain default; what a factory made it writes,
    unless the factory is `list`, `dict` or `set` itself. The value is shared: an immutable one.
    """
    made: T = msgspec.field(default_factory=lambda: value)
    return made


def always_a_map() -> dict[str, str]:
    """Give a member an empty map as its default, which is written nonetheless."""
    made: dict[str, str] = msgspec.field(default_factory=_make_map)
    return made


def _make_map() -> dict[str, str]:
    return {}
