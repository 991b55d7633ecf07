"""A route: which action carries out an operation, and on which lane it waits."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import msgspec

from gatelodge.contract.operation import Operation


class Lane(enum.Enum):
    """The bounded thread pools of the server; see `doors.api.lanes`."""

    READ = "read"
    WRITE = "write"
    HASH = "hash"
    PAGE = "page"


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a slice's table."""

    operation: Operation
    action: Callable[..., Any]
    lane: Lane
    hashes_when: Callable[[bytes], bool] | None = None
    """Tells from the raw body whether the request will hash, and so waits on that lane."""
    guarded: bool = False
    """The action only reads, and its first statement is `one` in the caller's environment: it
    checks the API key as well, which saves a round trip."""

    @property
    def path(self) -> str:
        """Give the path as the table has it, without values."""
        return self.operation.path
