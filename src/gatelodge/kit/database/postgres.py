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

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import Given, NestedWrite, Queries, Row, TransactionOver, Unmet
from gatelodge.kit.database.postgres_faults import Conflict, Lost, fault_of, unreachable
from gatelodge.kit.database.postgres_line import Command, Line
from gatelodge.kit.database.postgres_pool import Pool
from gatelodge.kit.database.statements import Statement, number_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

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
        self._opening = tuple(
            Command(text, is_kept=False) for text in ("begin", f"set local lock_timeout = {int(patience * 1000)}")
        )
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
        line = self._pool.borrow()
        try:
            return self._run(closure, line)
        finally:
            self._pool.give_back(line)

    def _run(self, closure: Callable[[Queries], T], line: Line) -> T:
        transaction = _Transaction(line, self._translate, opening=self._opening)
        try:
            value = closure(transaction)
            transaction.commit()
        except BaseException:
            # Whatever the closure made of it: a conflict or a lost connection asks for another try.
            if isinstance(transaction.fault, Conflict | Lost):
                raise transaction.fault from None
            raise
        finally:
            transaction.end()
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
        return self._ask(sql, parameters).one()

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        return self._ask(sql, parameters).all()

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return self._ask(sql, parameters).count()

    def queue(self, sql: str, /, **parameters: object) -> Given:
        """Run a statement at once: nothing comes that it could wait for."""
        return self._ask(sql, parameters)

    def require(self, sql: str, /, **parameters: object) -> None:
        """Raise `Unmet` when a select gives no row."""
        if self.one(sql, **parameters) is None:
            raise Unmet

    def _ask(self, sql: str, parameters: dict[str, Any]) -> Given:
        command = _command(self._translate(sql), parameters)
        try:
            return self._try(command)
        except Conflict:
            return self._try_last(command)
        except Lost:
            self._pool.forget_idle()
            return self._try_last(command)

    def _try_last(self, command: Command) -> Given:
        try:
            return self._try(command)
        except (Conflict, Lost) as error:
            raise unreachable(error) from error

    def _try(self, command: Command) -> Given:
        line = self._pool.borrow()
        try:
            return line.ask(command)[0]
        except psycopg.Error as error:
            _raise(fault_of(error, line.connection), error)
        finally:
            self._pool.give_back(line)


class _Queued:
    """A statement of a transaction that goes out with the next one whose answer is asked for."""

    __slots__ = ("_transaction", "command", "given")

    def __init__(self, transaction: _Transaction, command: Command) -> None:
        self._transaction: _Transaction = transaction
        self.command: Command = command
        self.given: Given | None = None

    def one(self) -> Row | None:
        """Give the first row, or None."""
        return self._require().one()

    def all(self) -> list[Row]:
        """Give every row."""
        return self._require().all()

    def count(self) -> int:
        """Give the number of rows it touched."""
        return self._require().count()

    def _require(self) -> Given:
        if self.given is None:
            self._transaction.send()
        assert self.given is not None, "what is sent is answered, or raises"  # noqa: S101  # narrows the type
        return self.given


class _Transaction:
    """The statements of one closure, for as long as it runs.

    It begins with the first statement that is sent; a closure that asks nothing costs nothing.
    """

    def __init__(self, line: Line, translate: Callable[[str], Statement], *, opening: tuple[Command, ...]) -> None:
        self._line: Line | None = line
        self._translate = translate
        self._opening = opening
        self._queue: list[_Queued] = []
        self.fault: Exception | None = None

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""
        return self._ask(sql, parameters).one()

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""
        return self._ask(sql, parameters).all()

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""
        return self._ask(sql, parameters).count()

    def queue(self, sql: str, /, **parameters: object) -> _Queued:
        """Let a statement wait for the next one."""
        self._require_open()
        queued = _Queued(self, _command(self._translate(sql), parameters))
        self._queue.append(queued)
        return queued

    def require(self, sql: str, /, **parameters: object) -> None:
        """Let the server stop at this statement, and undo everything, when it gives no row."""
        # A division by zero, which `fault_of` takes for this: no statement of ours divides otherwise.
        self.queue(f"select 1 / count(*) from ({sql}) as required", **parameters)  # noqa: S608  # around a constant

    def commit(self) -> None:
        """Commit what the closure did; raise when a statement of it had failed.

        A connection that breaks here leaves the outcome unknown, so there is no other try; so does an
        interruption of this thread.
        """
        line = self._require_open()
        if self._opening and not self._queue:
            return
        if self._opening and not line.look():
            # Nothing has been sent yet, so another line may do it all.
            self.fault = Lost("idle")
            raise self.fault
        try:
            self.send(_COMMIT)
        except Lost as lost:
            if line.stopped_early:
                raise
            self.fault = None
            raise ServiceUnavailable(
                "The connection to the database broke while it was saving; look before you try again.",
                retry_after=1,
            ) from lost

    def end(self) -> None:
        """Refuse statements from now on."""
        self._line = None

    def send(self, *last: Command) -> Given:
        """Send what waits and then this, if there is one, and give the last answer."""
        line = self._require_open()
        opening, queue = self._opening, self._queue
        self._opening, self._queue = (), []
        try:
            answers = line.ask(*opening, *(queued.command for queued in queue), *last)
        except psycopg.Error as error:
            self.fault = fault_of(error, line.connection)
            _raise(self.fault, error)
        except BaseException:
            # A value that cannot be sent, or an interruption: what was queued is not run any more.
            self.fault = TransactionOver()
            raise
        for queued, given in zip(queue, answers[len(opening) :], strict=False):
            queued.given = given
        return answers[-1]

    def _ask(self, sql: str, parameters: dict[str, Any]) -> Given:
        return self.send(_command(self._translate(sql), parameters))

    def _require_open(self) -> Line:
        line = self._line
        if line is None or self.fault is not None:
            raise TransactionOver
        return line


_COMMIT = Command("commit", is_kept=False)


def _command(statement: Statement, parameters: dict[str, Any]) -> Command:
    text, names = statement
    return Command(text, [parameters[name] for name in names], is_kept=bool(names))


def _raise(fault: Exception, error: psycopg.Error) -> NoReturn:
    if fault is error:
        raise error
    # The server's text may quote the row; a lost database's cause is kept by the fault itself.
    raise fault from fault.__cause__
