"""Joining a transaction on PostgreSQL: the caller's connection of psycopg to the engine's database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeAlias, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import Database, Given, Row, TransactionOver, Unmet
from gatelodge.kit.database.joined import JoiningRefused
from gatelodge.kit.database.postgres_faults import Conflict, Lost, fault_of
from gatelodge.kit.database.postgres_pool import adapt
from gatelodge.kit.database.statements import number_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Cursor: TypeAlias = psycopg.RawCursor[tuple[Any, ...]]


class PostgresChannel:
    """A connection of the caller with a transaction on it."""

    dialect: Literal["postgres"] = "postgres"

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        # A cursor of our own: rows and adapters of the caller's cursors stay as they are.
        self._cursor: Cursor = psycopg.RawCursor(connection, row_factory=tuple_row)
        adapt(self._cursor)

    def open_statements(self) -> PostgresStatements:
        """Give statements on the caller's connection."""
        return PostgresStatements(self._cursor)

    def command(self, text: str) -> None:
        """Run a command on savepoints."""
        try:
            self._cursor.execute(text.encode(), prepare=False)
        except psycopg.Error as error:
            _raise(error, self._cursor)

    def is_open(self) -> bool:
        """Tell whether the transaction is still there; a failed statement may have spoilt it."""
        status = self._connection.info.transaction_status
        return status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)

    def is_sound(self) -> bool:
        """Tell whether statements may be run in it."""
        return self._connection.info.transaction_status == TransactionStatus.INTRANS


class PostgresStatements:
    """Statements on the caller's connection."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor: Cursor | None = cursor

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        return self._fetch(lambda cursor: cursor.fetchone(), sql, parameters)

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        return self._fetch(lambda cursor: cursor.fetchall(), sql, parameters)

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return self._fetch(lambda cursor: max(0, cursor.rowcount), sql, parameters)

    def queue(self, sql: str, /, **parameters: object) -> Given:
        """Run a statement at once: the caller's statements may come next, and count on it."""
        return self._fetch(_give, sql, parameters)

    def require(self, sql: str, /, **parameters: object) -> None:
        """End the savepoint when a select gives no row."""
        if self.one(sql, **parameters) is None:
            self._cursor = None
            raise Unmet

    def end(self) -> None:
        """End a closure that returned; raise when a statement of it had failed."""
        if self._cursor is None:
            raise TransactionOver
        self._cursor = None

    def abandon(self) -> None:
        """Refuse statements from now on."""
        self._cursor = None

    def _fetch(self, fetch: Callable[[Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        cursor = self._cursor
        if cursor is None:
            raise TransactionOver
        text, names = number_parameters(sql)
        try:
            return fetch(cursor.execute(text, [parameters[name] for name in names]))
        except psycopg.Error as error:
            self._cursor = None
            _raise(error, cursor)


def join_postgres(database: Database, connection: psycopg.Connection[Any]) -> PostgresChannel:
    """Check that the connection will do, and see that a transaction is open on it.

    Raises:
        JoiningRefused: It will not do; the message says why.
    """
    if database.dialect != "postgres":
        raise JoiningRefused("The connection is to PostgreSQL, and the engine's database is SQLite.")
    status = connection.info.transaction_status
    if connection.closed or status == TransactionStatus.UNKNOWN:
        raise JoiningRefused("The connection is closed.")
    if status == TransactionStatus.INERROR:
        raise JoiningRefused("The transaction has failed already: roll it back first.")
    if status == TransactionStatus.IDLE and connection.autocommit:
        raise JoiningRefused("The connection commits each statement by itself: begin a transaction first.")
    channel = PostgresChannel(connection)
    if _name_database(channel.open_statements()) != _name_database(database.reads):
        raise JoiningRefused("The connection leads to another database than the engine's.")
    return channel


def _name_database(queries: Any) -> object:  # noqa: ANN401  # statements of either kind
    # The start of the server tells two clusters apart, their names for one database do not.
    return queries.one(
        "select current_database(), current_schema(), cast(pg_postmaster_start_time() as text) as started"
    )


def _give(cursor: Cursor) -> Given:
    return Given(cursor.fetchall() if cursor.description else [], max(0, cursor.rowcount))


def _raise(error: psycopg.Error, cursor: Cursor) -> NoReturn:
    fault = fault_of(error, cursor.connection)
    if isinstance(fault, Conflict | Lost):
        # Only the caller can begin the whole transaction again.
        raise ServiceUnavailable(
            "The transaction was ended by the database; roll it back and begin it again.", retry_after=1
        ) from error
    if fault is error:
        raise error
    raise fault from fault.__cause__
