"""PostgreSQL: any number of processes on one cluster, also behind a transaction pooler.

Nothing here outlives a transaction in the server but prepared statements, and those can
be switched off in the address. `synchronous_commit` is the server's own.
"""

from __future__ import annotations

import functools
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import NestedWrite, Queries, Row, TransactionOver
from gatelodge.kit.database.postgres_faults import Conflict, Lost, fault_of, unreachable
from gatelodge.kit.database.postgres_pool import Cursor, Pool
from gatelodge.kit.database.statements import Statement, number_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from psycopg.pq.abc import PGresult

T = TypeVar("T")

_ATTEMPTS = 8
_PAUSE_SECONDS = 0.004
_KNOWN_STATEMENTS = 2048


class PostgresDatabase:
    """A PostgreSQL database, reached through a bounded pool."""

    dialect: Literal["postgres"] = "postgres"

    def __init__(self, url: str, *, patience: float, pool_size: int) -> None:
        self._pool = Pool(url, size=pool_size, patience=patience)
        self._translate = functools.lru_cache(_KNOWN_STATEMENTS)(number_parameters)
        self._reads = _Reads(self._pool, self._translate)
        self._begin = f"begin; set local lock_timeout = {int(patience * 1000)}".encode()
        self._here = threading.local()
        self._closing = weakref.finalize(self, self._pool.close)

    @property
    def reads(self) -> Queries:
        """Give statements that see the latest commit, each on its own; any thread may use them."""
        return self._reads

    def write(self, closure: Callable[[Queries], T]) -> T:
        """Run the closure in a transaction, again when the server asks for that or was restarted.

        Row locks of others are waited for a bounded time.
        """
        if getattr(self._here, "writes", False):
            raise NestedWrite
        self._here.writes = True
        try:
            return self._persist(closure)
        finally:
            self._here.writes = False

    def close(self) -> None:
        """Close the idle connections now, the lent ones when they come back, and lend no more."""
        self._closing()

    def _persist(self, closure: Callable[[Queries], T]) -> T:
        was_lost = False
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(attempt * _PAUSE_SECONDS)
            try:
                return self._attempt(closure)
            except Lost as lost:
                if was_lost:
                    raise unreachable(lost) from lost
                was_lost = True
                self._pool.forget_idle()
            except Conflict:
                continue
        raise ServiceUnavailable("Too many changes of the same rows at once; try again.", retry_after=1)

    def _attempt(self, closure: Callable[[Queries], T]) -> T:
        cursor = self._pool.borrow()
        transaction = _Transaction(cursor, self._translate)
        try:
            transaction.begin(self._begin)
            value = closure(transaction)
            transaction.commit()
        except BaseException:
            # Whatever the closure made of it: a conflict or a lost connection asks for another try.
            if isinstance(transaction.fault, Conflict | Lost):
                raise transaction.fault from None
            raise
        finally:
            transaction.end()
            self._pool.give_back(cursor)
        return value


def open_postgres(url: str, *, patience: float, pool_size: int) -> PostgresDatabase:
    """Make ready for the server of the address, without connecting yet.

    Raises:
        CannotOpen: The address is not understood.
    """
    return PostgresDatabase(url, patience=patience, pool_size=pool_size)


class _Reads:
    """Statements on their own, each committed by the server when it ends."""

    def __init__(self, pool: Pool, translate: Callable[[str], Statement]) -> None:
        self._pool = pool
        self._translate = translate

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        return self._fetch(_first, sql, parameters)

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        return self._fetch(_every, sql, parameters)

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return self._fetch(_count, sql, parameters)

    def _fetch(self, fetch: Callable[[Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        text, names = self._translate(sql)
        values = [parameters[name] for name in names]
        try:
            return self._try(fetch, text, values)
        except Conflict:
            return self._try_last(fetch, text, values)
        except Lost:
            self._pool.forget_idle()
            return self._try_last(fetch, text, values)

    def _try_last(self, fetch: Callable[[Cursor], T], text: str, values: list[Any]) -> T:
        try:
            return self._try(fetch, text, values)
        except (Conflict, Lost) as error:
            raise unreachable(error) from error

    def _try(self, fetch: Callable[[Cursor], T], text: str, values: list[Any]) -> T:
        cursor = self._pool.borrow()
        try:
            cursor.execute(text, values)
            return fetch(cursor)
        except psycopg.Error as error:
            _raise(fault_of(error, cursor.connection), error)
        finally:
            self._pool.give_back(cursor)


class _Transaction:
    """The statements of one closure, for as long as it runs."""

    def __init__(self, cursor: Cursor, translate: Callable[[str], Statement]) -> None:
        self._cursor: Cursor | None = cursor
        self._translate = translate
        self.fault: Exception | None = None

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        return self._fetch(_first, sql, parameters)

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        return self._fetch(_every, sql, parameters)

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return self._fetch(_count, sql, parameters)

    def begin(self, text: bytes) -> None:
        """Open the transaction."""
        self._command(text)

    def commit(self) -> None:
        """Commit what the closure did; raise when a statement of it had failed.

        A connection that breaks here leaves the outcome unknown, so there is no other try.
        """
        try:
            self._command(b"commit")
        except Lost as lost:
            self.fault = None
            raise ServiceUnavailable(
                "The connection to the database broke while it was saving; look before you try again.",
                retry_after=1,
            ) from lost

    def end(self) -> None:
        """Refuse statements from now on."""
        self._cursor = None

    def _fetch(self, fetch: Callable[[Cursor], T], sql: str, parameters: dict[str, Any]) -> T:
        text, names = self._translate(sql)
        values = [parameters[name] for name in names]
        cursor = self._require_open()
        try:
            return fetch(cursor.execute(text, values, prepare=None if values else False))
        except psycopg.Error as error:
            self.fault = fault_of(error, cursor.connection)
            _raise(self.fault, error)

    def _command(self, text: bytes) -> None:
        """Run what has neither parameters nor rows: by libpq alone, in a third of a cursor's time."""
        cursor = self._require_open()
        try:
            result = cursor.connection.pgconn.exec_(text)
            if result.status != ExecStatus.COMMAND_OK:
                raise _error_of(result)
        except psycopg.Error as error:
            self.fault = fault_of(error, cursor.connection)
            _raise(self.fault, error)

    def _require_open(self) -> Cursor:
        cursor = self._cursor
        if cursor is None or self.fault is not None:
            raise TransactionOver
        return cursor


def _error_of(result: PGresult) -> psycopg.Error:
    state = (result.error_field(DiagnosticField.SQLSTATE) or b"").decode("ascii", "replace")
    message = result.error_message.decode("utf-8", "replace").strip()
    try:
        return psycopg.errors.lookup(state)(message)
    except KeyError:
        return psycopg.OperationalError(message)


def _raise(fault: Exception, error: psycopg.Error) -> NoReturn:
    if fault is error:
        raise error
    # The server's text may quote the row; a lost database's cause is kept by the fault itself.
    raise fault from fault.__cause__


def _first(cursor: Cursor) -> Row | None:
    return cursor.fetchone()


def _every(cursor: Cursor) -> list[Row]:
    return cursor.fetchall()


def _count(cursor: Cursor) -> int:
    return max(0, cursor.rowcount)
