"""Statements on SQLite: on their own, and inside the writer's transaction."""

from __future__ import annotations

import functools
import sqlite3
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import Given, Row, TransactionOver, Unmet, UsedAfterFork
from gatelodge.kit.database.sqlite_faults import raise_fault
from gatelodge.kit.database.statements import Statement, place_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_IDLE_CONNECTIONS = 64
_KNOWN_STATEMENTS = 2048


@functools.lru_cache(_KNOWN_STATEMENTS)
def place(sql: str) -> Statement:
    """Put the parameters of a statement in their places."""
    return place_parameters(sql)


class Reads:
    """Statements that each see the latest commit, on connections that any thread may borrow.

    A stack of connections rather than one per thread: threads come and go, and the stack
    never holds more than were once busy together.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._idle: deque[sqlite3.Connection] = deque()
        self._inherited = self._idle
        self._closed = False
        self._forked = False

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        row: Row | None = self._fetch(sqlite3.Cursor.fetchone, sql, parameters)
        return row

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        rows: list[Row] = self._fetch(sqlite3.Cursor.fetchall, sql, parameters)
        return rows

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement that changes nothing; one that would is refused by SQLite."""
        return max(0, self._fetch(_count, sql, parameters))

    def queue(self, sql: str, /, **parameters: object) -> Given:
        """Run a statement at once: nothing comes that it could wait for."""
        given: Given = self._fetch(_give, sql, parameters)
        return given

    def require(self, sql: str, /, **parameters: object) -> None:
        """Raise `Unmet` when a select gives no row."""
        if self.one(sql, **parameters) is None:
            raise Unmet

    def abandon(self) -> None:
        """Refuse all use in a forked child."""
        self._forked = True
        # Nothing is lent then, and nothing is closed either: the files are the parent's.
        self._inherited, self._idle = self._idle, deque()

    def close(self) -> None:
        """Close what is idle now, and the rest when it comes back."""
        self._closed = True
        if self._forked:
            # The files are the parent's: closing them here could disturb it.
            return
        while (connection := self._pop()) is not None:
            connection.close()

    def _fetch(self, fetch: Callable[[sqlite3.Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        statement = place(sql)
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._open()
        try:
            # The cursor dies with this expression, which ends the statement's read transaction.
            return fetch(connection.execute(statement.text, [parameters[name] for name in statement.names]))
        except sqlite3.Error as error:
            raise_fault(error, connection)
        finally:
            self._give_back(connection)

    def _open(self) -> sqlite3.Connection:
        if self._forked:
            raise UsedAfterFork
        if self._closed:
            raise ServiceUnavailable("The database is closed.", retry_after=1)
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if len(self._idle) >= _IDLE_CONNECTIONS:
            connection.close()
            return
        self._idle.append(connection)
        if self._closed:
            # It was lent when close() emptied the stack.
            self.close()

    def _pop(self) -> sqlite3.Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None


class _Queued:
    """A statement of a transaction that waits for its turn."""

    __slots__ = ("_given", "_transaction", "parameters", "sql")

    def __init__(self, transaction: Transaction, sql: str, parameters: dict[str, Any]) -> None:
        self._transaction: Transaction = transaction
        self.sql: str = sql
        self.parameters: dict[str, Any] = parameters
        self._given: Given | None = None

    def one(self) -> Row | None:
        """Give the first row, or None."""
        return self._require().one()

    def all(self) -> list[Row]:
        """Give every row."""
        return self._require().all()

    def count(self) -> int:
        """Give the number of rows it touched."""
        return self._require().count()

    def take(self, given: Given) -> None:
        """Take the answer."""
        self._given = given

    def _require(self) -> Given:
        if self._given is None:
            self._transaction.run_queue(self)
        assert self._given is not None, "what is run is answered, or raises"  # noqa: S101  # narrows the type
        return self._given


class Transaction:
    """The statements of one closure, for as long as it runs."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection
        self._queue: deque[_Queued] = deque()

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        row: Row | None = self._next(sqlite3.Cursor.fetchone, sql, parameters)
        return row

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        rows: list[Row] = self._next(sqlite3.Cursor.fetchall, sql, parameters)
        return rows

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return max(0, self._next(_count, sql, parameters))

    def queue(self, sql: str, /, **parameters: object) -> _Queued:
        """Let a statement wait for its turn: nothing is won by that here, but a raise may come before."""
        if self._connection is None:
            raise TransactionOver
        queued = _Queued(self, sql, parameters)
        self._queue.append(queued)
        return queued

    def require(self, sql: str, /, **parameters: object) -> None:
        """End the transaction when a select gives no row; nothing is won by waiting here."""
        if self.one(sql, **parameters) is None:
            self._connection = None
            raise Unmet

    def run_queue(self, last: _Queued | None = None) -> None:
        """Run what waits, in its order, as far as this one."""
        while self._queue:
            queued = self._queue.popleft()
            queued.take(self._fetch(_give, queued.sql, queued.parameters))
            if queued is last:
                return

    def end(self) -> None:
        """End a closure that returned; raise when a statement of it had failed."""
        self.run_queue()
        if self._connection is None:
            raise TransactionOver
        self._connection = None

    def abandon(self) -> None:
        """Refuse statements from now on."""
        self._connection = None

    def _next(self, fetch: Callable[[sqlite3.Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        if self._queue:
            self.run_queue()
        return self._fetch(fetch, sql, parameters)

    def _fetch(self, fetch: Callable[[sqlite3.Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        connection = self._connection
        if connection is None:
            raise TransactionOver
        statement = place(sql)
        try:
            return fetch(connection.execute(statement.text, [parameters[name] for name in statement.names]))
        except sqlite3.Error as error:
            # PostgreSQL ends a transaction with its first failure; so that nobody comes to
            # rely on less, SQLite does too.
            self._connection = None
            raise_fault(error, connection)
        except BaseException:
            # A value that cannot travel: what was queued with it is not run any more.
            self._connection = None
            raise


def _count(cursor: sqlite3.Cursor) -> int:
    # The count of a statement with `returning` is known once its rows are read.
    cursor.fetchall()
    return cursor.rowcount


def _give(cursor: sqlite3.Cursor) -> Given:
    rows = cursor.fetchall()
    return Given(rows, max(0, cursor.rowcount))
