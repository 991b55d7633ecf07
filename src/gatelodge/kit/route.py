"""A route: which action carries out an operation, and on which lane it waits."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from typing import Any

import msgspec

from gatelodge.contract.operation import Operation

# A letter written as an escape of JSON or of a form, which no client does by itself.
_ESCAPED_LETTER = re.compile(rb"(\\u00|%)[67]")


class Lane(enum.Enum):
    """Where requests wait for their turn; see `doors.api.lanes`."""

    INSTANT = "instant"
    """For what asks nothing of anybody: it waits for no thread."""
    READ = "read"
    WRITE = "write"
    HASH = "hash"
    PAGE = "page"
    REFRESH = "refresh"


class LaneFull(Exception):
    """A lane has as many waiters as it may."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a slice's table."""

    operation: Operation
    action: Callable[..., Any]
    lane: Lane
    choose_lane: Callable[[bytes], Lane | None] | None = None
    """Chooses another lane by the raw body, such as that of requests that will hash."""
    guarded: bool = False
    """The action only reads, and its first statement is `one` in the caller's environment: it
    checks the API key as well, which saves a round trip."""
    admit: Callable[..., None] | None = None
    """Refuses a caller that may not ask for this: told the unit and what is asked, once it is known who calls."""
    reads_first: Callable[[Any], bool] | None = None
    """Tells from what is asked that the action's first statement is `one` in the client's environment: it
    checks the client as well, which saves round trips. Until then nobody is known to call."""
    public_for: int | None = None
    """Seconds that anybody may keep the answer and read it from any origin; None: nobody keeps it."""

    @property
    def path(self) -> str:
        """Give the path as the table has it, without values."""
        return self.operation.path


def may_say(body: bytes, word: bytes) -> bool:
    """Tell whether a body may hold a word of small letters, plainly or behind escapes.

    A flood of sign-ins that hide their grant must not land on the lane of ordinary writes.
    """
    return word in body or _ESCAPED_LETTER.search(body) is not None
