"""Joining a transaction on SQLite: the caller's connection to the very file that the engine has open."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from gatelodge.kit.database.interface import Database, Given, Row, TransactionOver, Unmet
from gatelodge.kit.database.joined import JoiningRefused
from gatelodge.kit.database.sqlite import SqliteDatabase
from gatelodge.kit.database.sqlite_faults import raise_fault

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class SqliteChannel:
    """A connection of the caller with a transaction on it."""

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def open_statements(self) -> SqliteStatements:
        """Give statements on the caller's connection."""
        return SqliteStatements(self._connection)

    def command(self, text: str) -> None:
        """Run a command on savepoints."""
        try:
            self._connection.execute(text)
        except sqlite3.Error as error:
            raise_fault(error, self._connection)

    def is_open(self) -> bool:
        """Tell whether the transaction is still there."""
        try:
            return self._connection.in_transaction
        except sqlite3.ProgrammingError:
            return False

    def is_sound(self) -> bool:
        """Tell whether statements may be run: one that fails undoes itself alone."""
        return self.is_open()


class SqliteStatements:
    """Statements whose rows are plain tuples, whatever the caller's connection makes of rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        row: Row | None = self._fetch(sqlite3.Cursor.fetchone, sql, parameters)
        return row

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        rows: list[Row] = self._fetch(sqlite3.Cursor.fetchall, sql, parameters)
        return rows

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return max(0, self._fetch(_count, sql, parameters))

    def queue(self, sql: str, /, **parameters: object) -> Given:
        """Run a statement at once: the caller's statements may come next, and count on it."""
        given: Given = self._fetch(_give, sql, parameters)
        return given

    def require(self, sql: str, /, **parameters: object) -> None:
        """End the savepoint when a select gives no row."""
        if self.one(sql, **parameters) is None:
            self._connection = None
            raise Unmet

    def end(self) -> None:
        """End a closure that returned; raise when a statement of it had failed."""
        if self._connection is None:
            raise TransactionOver
        self._connection = None

    def abandon(self) -> None:
        """Refuse statements from now on."""
        self._connection = None

    def _fetch(self, fetch: Callable[[sqlite3.Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        connection = self._connection
        if connection is None:
            raise TransactionOver
        cursor = connection.cursor()
        cursor.row_factory = None
        try:
            return fetch(cursor.execute(sql, parameters))
        except sqlite3.Error as error:
            self._connection = None
            raise_fault(error, connection)
        finally:
            cursor.close()


def join_sqlite(database: Database, connection: sqlite3.Connection) -> SqliteChannel:
    """Check that the connection will do, and see that a transaction is open on it.

    Raises:
        JoiningRefused: It will not do; the message says why.
    """
    if not isinstance(database, SqliteDatabase):
        raise JoiningRefused("The connection is to SQLite, and the engine's database is PostgreSQL.")
    if not _is_same_file(connection, database):
        raise JoiningRefused(f"The connection leads to another file than the engine's, which is {database.path}.")
    # Without them a deletion leaves behind what hangs on it. Inside a transaction they cannot be switched on.
    if _ask(connection, "pragma foreign_keys") != 1:
        raise JoiningRefused(
            "The connection does not enforce foreign keys: run `pragma foreign_keys = on` before the transaction."
        )
    if not connection.in_transaction:
        _begin(connection)
    return SqliteChannel(connection)


def _begin(connection: sqlite3.Connection) -> None:
    # Python 3.12 has a second switch beside `isolation_level`; its old ways are the number -1.
    switch = getattr(connection, "autocommit", -1)
    if switch is True or (switch == -1 and connection.isolation_level is None):
        raise JoiningRefused("The connection commits each statement by itself: begin a transaction first.")
    try:
        connection.execute("begin immediate")
    except sqlite3.Error as error:
        raise_fault(error, connection)


def _is_same_file(connection: sqlite3.Connection, database: SqliteDatabase) -> bool:
    file = _ask(connection, "select file from pragma_database_list where name = 'main'")
    try:
        return bool(file) and Path(str(file)).samefile(database.path)
    except OSError:
        return False


def _ask(connection: sqlite3.Connection, sql: str) -> object:
    cursor = connection.cursor()
    cursor.row_factory = None
    try:
        row = cursor.execute(sql).fetchone()
        return None if row is None else row[0]
    except sqlite3.Error as error:
        raise JoiningRefused(f"The connection cannot be used: {error}.") from error
    finally:
        cursor.close()


def _count(cursor: sqlite3.Cursor) -> int:
    cursor.fetchall()
    return cursor.rowcount


def _give(cursor: sqlite3.Cursor) -> Given:
    rows = cursor.fetchall()
    return Given(rows, max(0, cursor.rowcount))
