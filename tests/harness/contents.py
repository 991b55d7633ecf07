"""What a database holds, kept to be put back once a test has written in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
from psycopg import sql


class FileContents:
    """A closed SQLite file as it is now."""

    def __init__(self, file: Path) -> None:
        """Keep a copy beside it."""
        self._file = file
        self._original = file.with_suffix(".original")
        shutil.copyfile(file, self._original)

    def put_back(self) -> None:
        """Make the file hold that, and nothing else; nobody may have it open."""
        for leftover in self._file.parent.glob(f"{self._file.name}-*"):
            leftover.unlink()
        shutil.copyfile(self._original, self._file)


class TableContents:
    """The rows of all tables of a PostgreSQL database as they are now."""

    def __init__(self, connection: psycopg.Connection) -> None:
        """Read them."""
        found = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        tables = [sql.Identifier(name) for (name,) in found]
        self._held = [(table, rows) for table in tables if (rows := _read(connection, table)) is not None]
        # Without foreign keys and triggers, so that the order of the tables does not matter.
        alone = sql.SQL("set local session_replication_role = replica")
        self._empty = sql.SQL("; ").join([alone, *(sql.SQL("delete from {}").format(table) for table in tables)])

    def put_back(self, connection: psycopg.Connection) -> None:
        """Make this database, or a copy of it, hold these rows and no others."""
        with connection.transaction():
            # All at once: a round trip for each table would take longer than the deletions.
            connection.execute(self._empty)
            for table, rows in self._held:
                with connection.cursor().copy(sql.SQL("copy {} from stdin (format binary)").format(table)) as copy:
                    copy.write(rows)


def _read(connection: psycopg.Connection, table: sql.Identifier) -> bytes | None:
    if connection.execute(sql.SQL("select from {} limit 1").format(table)).rowcount == 0:
        return None
    with connection.cursor().copy(sql.SQL("copy {} to stdout (format binary)").format(table)) as rows:
        return b"".join(bytes(chunk) for chunk in rows)
