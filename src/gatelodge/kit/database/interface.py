"""What every database promises, whichever engine is below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Row: TypeAlias = tuple[Any, ...]
T = TypeVar("T")


class Queued(Protocol):
    """A statement that may not have been run yet; whoever asks for its answer has it run now."""

    def one(self) -> Row | None:
        """Give the first row, or None."""

    def all(self) -> list[Row]:
        """Give every row."""

    def count(self) -> int:
        """Give the number of rows it touched."""


class Given:
    """The answer of a statement that was run at once."""

    __slots__ = ("_count", "_rows")

    def __init__(self, rows: list[Row], count: int) -> None:
        self._rows = rows
        self._count = count

    def one(self) -> Row | None:
        """Give the first row, or None."""
        return self._rows[0] if self._rows else None

    def all(self) -> list[Row]:
        """Give every row."""
        return self._rows

    def count(self) -> int:
        """Give the number of rows it touched."""
        return self._count


class Queries(Protocol):
    """Statements with `:name` parameters, the same text on both engines.

    jsonb travels as text, bytea as bytes, instants as integers in milliseconds; a boolean
    comes back as `True`/`False` or `1`/`0`, so row mappers call `bool()`.

    Raises (all of the methods; what is queued raises where it is run):
        UniqueViolation: A key is taken.
        ReferenceViolation: A row that is referred to is absent, or still referred to.
        ServiceUnavailable: The database is lost, busy or full.
    """

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None."""

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row."""

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement for its effect; give the number of rows it touched."""

    def queue(self, sql: str, /, **parameters: object) -> Queued:
        """Run a statement of a transaction not later than the next one, or than the commit.

        On PostgreSQL all that waits goes out together, in one round trip; on SQLite each is
        run when its turn comes. Statements keep their order. Whoever decides by the answer
        of one must expect that those queued behind it were run as well, and raise, which
        undoes them.
        """

    def require(self, sql: str, /, **parameters: object) -> None:
        """Let the transaction stand only if a select gives a row; it waits like what is queued.

        So a closure need not wait for the answer before it goes on: what is queued behind a
        condition that does not hold is never run.

        Raises:
            Unmet: It gives none (raised where it is run, at the latest by the commit).
        """


class Database(Protocol):
    """One database, opened once in a process and used by all its threads.

    A database does not survive a fork: the child opens its own, and using the parent's
    raises `UsedAfterFork`.
    """

    @property
    def dialect(self) -> Literal["sqlite", "postgres"]:
        """Name the engine, for the few places where the text must differ."""

    @property
    def reads(self) -> Queries:
        """Give statements that see the latest commit, each on its own; any thread may use them."""

    def write(self, closure: Callable[[Queries], T]) -> T:
        """Run the closure in one transaction; commit when it returns, roll back when it raises.

        The value is given back only when it is durable. The closure must be short and may
        be run again from its beginning (a deadlock, a lost connection), so it changes
        nothing but the database. After a statement has failed the transaction is over:
        swallowing the error and going on raises `TransactionOver`; use `on conflict` to
        ask what is taken. `reads` within the closure see what was committed before it.

        Raises:
            NestedWrite: The closure itself called `write`.
            ServiceUnavailable: Lost, busy or full; nothing was written, unless the
                connection to PostgreSQL broke in the commit itself, when nobody can know.
        """

    def close(self) -> None:
        """Finish the writes that are queued, refuse later ones, and let go of the database."""


class UniqueViolation(Exception):
    """A unique key is taken.

    `constraint` is the name of the index or constraint, equal on both engines when the
    migration names the index or leaves the name to PostgreSQL's rule (`users_pkey`).
    """

    def __init__(self, constraint: str | None = None) -> None:
        super().__init__(f"A unique key is taken: {constraint or 'unnamed'}.")
        self.constraint = constraint


class ReferenceViolation(Exception):
    """A row refers to one that is absent, or is still referred to.

    `constraint` is None on SQLite, which does not say.
    """

    def __init__(self, constraint: str | None = None) -> None:
        super().__init__(f"A reference does not hold: {constraint or 'unnamed'}.")
        self.constraint = constraint


class Unmet(Exception):
    """A row that a transaction requires is not there; nothing was written."""


class CannotOpen(Exception):
    """The database's address is wrong or its place is unusable; the message is one line, without secrets."""


class NestedWrite(RuntimeError):
    """A write was asked for inside a write; pass the closure's `Queries` on instead."""

    def __init__(self) -> None:
        super().__init__("write() was called inside a write; pass the closure's queries on instead.")


class TransactionOver(RuntimeError):
    """A transaction was used after one of its statements failed, or after it ended."""

    def __init__(self) -> None:
        super().__init__("The transaction is over: a statement of it failed before, or it has ended.")


class UsedAfterFork(RuntimeError):
    """A database that was opened before a fork was used in the child."""

    def __init__(self) -> None:
        super().__init__("This database was opened before a fork; open it again in the child process.")
