"""Storage: one interface, SQLite and PostgreSQL behind it.

`open_database` gives a `Database`: `reads` for statements on their own, `write` for one
short transaction. SQL is one text for both engines with `:name` parameters; what differs
is listed in `Queries`. A lost, busy or full database is `ServiceUnavailable` (503).
"""

from __future__ import annotations

from gatelodge.kit.database.interface import (
    CannotOpen,
    Database,
    NestedWrite,
    Queries,
    Queued,
    ReferenceViolation,
    Row,
    TransactionOver,
    UniqueViolation,
    Unmet,
    UsedAfterFork,
)
from gatelodge.kit.database.together import Question, ask_together

__all__ = [
    "CannotOpen",
    "Database",
    "NestedWrite",
    "Queries",
    "Question",
    "Queued",
    "ReferenceViolation",
    "Row",
    "TransactionOver",
    "UniqueViolation",
    "Unmet",
    "UsedAfterFork",
    "ask_together",
    "open_database",
]


def open_database(url: str, *, patience: float = 5.0, pool_size: int = 16, queue_size: int = 1024) -> Database:
    """Open the database that the address names.

    `sqlite:///relative.db` and `sqlite:////absolute.db` make the file when it is absent;
    `postgresql://…` connects at the first statement, so that a server starts before its
    database does. `?prepared_statements=off` is for a transaction pooler that does not
    keep them.

    `patience` bounds each wait for a lock or a connection, in seconds; `pool_size` the
    connections to PostgreSQL; `queue_size` the writes that wait for SQLite's one writer.

    Raises:
        CannotOpen: The address is not understood, or the file cannot be used.
    """
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite":
        from gatelodge.kit.database.sqlite import open_sqlite

        return open_sqlite(rest, patience=patience, queue_size=queue_size)
    if scheme in ("postgres", "postgresql"):
        from gatelodge.kit.database.postgres import open_postgres

        return open_postgres(url, patience=patience, pool_size=pool_size)
    raise CannotOpen("A database's address begins with sqlite:/// or postgresql://.")
