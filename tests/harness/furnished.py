"""Databases that hold the environment of development mode, lent to one test after the other.

Its signing key takes a third of a second to make, and a new PostgreSQL database half a
second of copying, so both are made once: what a test has written is taken out again, and
what was there at the beginning is put back.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from tests.harness.databases import Databases, Engine
from tests.harness.inprocess import House


class Furnished:
    """Lends databases of either engine to houses; each is as new when it is lent again."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._free: dict[Engine, list[str]] = {"postgres": [], "sqlite": []}
        self._contents: dict[str, Contents] = {}

    @contextmanager
    def lend(self, engine: Engine) -> Iterator[str]:
        """Give the address of a database; whoever has it must have closed it at the end."""
        url = self._free[engine].pop() if self._free[engine] else self._make(engine)
        try:
            yield url
        finally:
            self._contents[url].put_back()
            self._free[engine].append(url)

    def _make(self, engine: Engine) -> str:
        url = self._databases.fresh(engine)
        House(url).close()
        self._contents[url] = Contents(url)
        return url


class Contents:
    """What a closed database holds, kept to be put back."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._file = Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None
        self._tables: dict[str, bytes] = {}
        if self._file is not None:
            shutil.copyfile(self._file, _original(self._file))
            return
        with psycopg.connect(url) as connection:
            names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
            for (name,) in names:
                with connection.cursor().copy(sql.SQL("copy {} to stdout (format binary)").format(_name(name))) as rows:
                    self._tables[name] = b"".join(bytes(chunk) for chunk in rows)

    def put_back(self) -> None:
        """Make the database hold that, and nothing else."""
        if self._file is not None:
            for leftover in self._file.parent.glob(f"{self._file.name}-*"):
                leftover.unlink()
            shutil.copyfile(_original(self._file), self._file)
            return
        with psycopg.connect(self._url) as connection:
            # Without foreign keys and triggers, so that the order of the tables does not matter.
            connection.execute("set local session_replication_role = replica")
            for name, rows in self._tables.items():
                connection.execute(sql.SQL("delete from {}").format(_name(name)))
                with connection.cursor().copy(
                    sql.SQL("copy {} from stdin (format binary)").format(_name(name))
                ) as copy:
                    copy.write(rows)


def _original(file: Path) -> Path:
    return file.with_suffix(".original")


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(table)
