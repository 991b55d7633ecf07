"""What a running database says about itself, for `gatelodge doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gatelodge.kit.database.interface import Database, Queries

# By the number that SQLite gives.
_SYNCHRONOUS = ("off", "normal", "full", "extra")


class Health(NamedTuple):
    """How durable a commit is, in the engine's own words, and what time the database has.

    `journal` is SQLite's journal mode or PostgreSQL's `fsync`; `synchronous` is SQLite's
    pragma of the connection that writes, or PostgreSQL's `synchronous_commit`. `clock` is
    in milliseconds, and None on SQLite, which has this machine's.
    """

    journal: str
    synchronous: str
    clock: int | None


def describe_health(database: Database) -> Health:
    """Ask the database; on SQLite the very connection that writes is asked.

    Raises:
        ServiceUnavailable: The database is lost, busy or full.
    """
    if database.dialect == "sqlite":
        journal, number = database.write(_ask_sqlite)
        return Health(journal, _SYNCHRONOUS[number], None)
    row = database.reads.one(
        """
        select current_setting('fsync'), current_setting('synchronous_commit'),
               cast(extract(epoch from clock_timestamp()) * 1000 as bigint)
        """
    )
    return Health(*row) if row else Health("", "", None)


def _ask_sqlite(queries: Queries) -> tuple[str, int]:
    journal = queries.one("select journal_mode from pragma_journal_mode")
    synchronous = queries.one("select synchronous from pragma_synchronous")
    return (journal[0] if journal else ""), (synchronous[0] if synchronous else 0)
