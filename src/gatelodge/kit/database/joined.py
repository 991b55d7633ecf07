"""A caller's own transaction as a database: what is written stands or falls with it.

Each write is a savepoint on the caller's connection, so that a refusal undoes itself alone
and the transaction goes on. Nothing here commits; that is the caller's to do.
"""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from gatelodge.kit.database.interface import NestedWrite, Queries

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class JoiningRefused(Exception):
    """The connection cannot be joined so; the message is one line that says what to change."""


class Channel(Protocol):
    """The caller's connection, as far as it is needed."""

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Name the engine."""

    def open_statements(self) -> JoinedQueries:
        """Give statements on the caller's connection, until they are ended."""

    def command(self, text: str) -> None:
        """Run `savepoint`, `release` or `rollback to`."""

    def is_open(self) -> bool:
        """Tell whether the transaction that was joined is still there, though a statement may have failed."""

    def is_sound(self) -> bool:
        """Tell whether statements may be run in it."""


class JoinedQueries(Queries, Protocol):
    """Statements of one savepoint."""

    def end(self) -> None:
        """End a closure that returned.

        Raises:
            TransactionOver: A statement of it had failed.
        """

    def abandon(self) -> None:
        """Refuse statements from now on."""


class JoinedDatabase:
    """The database as the caller's transaction sees it; one thread uses it at a time."""

    def __init__(self, channel: Channel) -> None:
        """Join the transaction that is open on the channel."""
        self._channel = channel
        self._numbers = itertools.count(1)
        self._writes = False
        self._thread = threading.get_ident()
        self.dialect = channel.dialect

    @property
    def reads(self) -> Queries:
        """Give statements that see what the transaction has written."""
        return self._channel.open_statements()

    def write(self, closure: Callable[[Queries], T]) -> T:
        """Run the closure in a savepoint; what it raises undoes it alone.

        Raises:
            NestedWrite: The closure itself called `write`.
        """
        if self._writes:
            raise NestedWrite
        name = f"gatelodge_{next(self._numbers)}"
        self._channel.command(f"savepoint {name}")
        self._writes = True
        queries = self._channel.open_statements()
        try:
            value = closure(queries)
            queries.end()
        except BaseException:
            queries.abandon()
            # SQLite ends the whole transaction itself when the disk is full.
            if self._channel.is_open():
                self._channel.command(f"rollback to savepoint {name}")
                self._channel.command(f"release savepoint {name}")
            raise
        finally:
            self._writes = False
        self._channel.command(f"release savepoint {name}")
        return value

    def close(self) -> None:
        """Do nothing: the connection and its transaction are the caller's."""

    def check(self) -> None:
        """See that statements may be run.

        Raises:
            JoiningRefused: Another thread asks, or the transaction is over or has failed.
        """
        if threading.get_ident() != self._thread:
            raise JoiningRefused("A joined transaction is used on the thread that joined it.")
        if not self._channel.is_sound():
            raise JoiningRefused("The joined transaction is over: it was committed or rolled back, or has failed.")
