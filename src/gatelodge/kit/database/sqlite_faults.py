"""What SQLite's errors mean to a caller, and the names of the keys that are taken."""

from __future__ import annotations

import re
import sqlite3
from typing import NoReturn

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import ReferenceViolation, UniqueViolation

_UNAVAILABLE = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
)
_TAKEN_COLUMNS = re.compile(r"UNIQUE constraint failed: (?P<columns>.+)")
_TAKEN_INDEX = re.compile(r"UNIQUE constraint failed: index '(?P<index>.+)'")


def is_unavailable(error: sqlite3.Error) -> bool:
    """Say whether the database, and not the statement, is at fault: busy, full or unreadable."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF) in _UNAVAILABLE


def raise_fault(error: sqlite3.Error, connection: sqlite3.Connection) -> NoReturn:
    """Raise what a caller should see for this error.

    What is neither a taken key nor a lost database is raised as it is: it is our mistake.
    """
    match getattr(error, "sqlite_errorname", None):
        case "SQLITE_CONSTRAINT_UNIQUE" | "SQLITE_CONSTRAINT_PRIMARYKEY" | "SQLITE_CONSTRAINT_ROWID":
            raise UniqueViolation(_name_of_key(str(error), connection)) from None
        case "SQLITE_CONSTRAINT_FOREIGNKEY":
            raise ReferenceViolation from None
    if is_unavailable(error):
        raise ServiceUnavailable("The database is busy or full; try again.", retry_after=1) from error
    raise error


def _name_of_key(message: str, connection: sqlite3.Connection) -> str | None:
    """Find the name that PostgreSQL would give, from the columns that SQLite lists."""
    if index := _TAKEN_INDEX.fullmatch(message):
        return index["index"]
    if not (listed := _TAKEN_COLUMNS.fullmatch(message)):
        return None
    table, columns = _split_columns(listed["columns"])
    keys = connection.execute(
        'select name, origin from pragma_index_list(?) where "unique" order by seq desc', (table,)
    ).fetchall()
    for name, origin in keys:
        if columns == _columns_of(name, connection):
            return name if origin == "c" else _default_name(table, columns, origin=origin)
    # A rowid's own primary key has no index.
    return _default_name(table, columns, origin="pk")


def _split_columns(listed: str) -> tuple[str, list[str]]:
    pairs = [entry.rpartition(".") for entry in listed.split(", ")]
    return pairs[0][0], [column for _, _, column in pairs]


def _columns_of(index: str, connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("select name from pragma_index_info(?) order by seqno", (index,))
    return [name for (name,) in rows]


def _default_name(table: str, columns: list[str], *, origin: str) -> str:
    return f"{table}_pkey" if origin == "pk" else f"{table}_{'_'.join(columns)}_key"
