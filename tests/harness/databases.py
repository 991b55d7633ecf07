"""Fresh databases, quickly: copies of one that was migrated once in the run.

A copy on PostgreSQL takes a third of a second, so one that a test gives back is made as new
for the next. Only what the test wrote in its tables is taken out: whoever changed the tables
themselves leaves a database that is dropped.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Literal, LiteralString, TypeAlias

import psycopg
from psycopg import sql

from gatelodge.kit.clock import SystemClock
from gatelodge.kit.database import open_database
from gatelodge.kit.migrate import migrate
from tests.harness.contents import TableContents
from tests.harness.postgres import Clusters

Engine: TypeAlias = Literal["sqlite", "postgres"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgres")

_TEMPLATE = "gatelodge_template"

# Whatever makes, changes or removes a table or what belongs to it writes one of these rows anew; `analyze` does not.
_SCHEMA = """
select md5(string_agg(concat_ws(' ', catalog, place, writer), ',' order by catalog, place)) from (
  select tableoid as catalog, ctid as place, xmin as writer from pg_class where oid >= 16384
  union all select tableoid, ctid, xmin from pg_attrdef
  union all select tableoid, ctid, xmin from pg_attribute where attrelid >= 16384
  union all select tableoid, ctid, xmin from pg_constraint where oid >= 16384
  union all select tableoid, ctid, xmin from pg_namespace
  union all select tableoid, ctid, xmin from pg_proc where oid >= 16384
  union all select tableoid, ctid, xmin from pg_trigger
  union all select tableoid, ctid, xmin from pg_type where oid >= 16384
) written
"""


class Databases:
    """Makes databases of either engine; the templates are made when first asked for."""

    def __init__(self, folder: Path, clusters: Clusters) -> None:
        self._folder = folder
        self._clusters = clusters
        self._numbers = count(1)
        self._sqlite_template: Path | None = None
        self._postgres_template: _Template | None = None
        self._copies: set[str] = set()
        self._free: list[str] = []
        self._opened = ExitStack()

    def fresh(self, engine: Engine) -> str:
        """Give the address of a database that is migrated and holds nothing."""
        if engine == "sqlite":
            return self._copy_of_file(self._migrated_file())
        self._migrate_template()
        if self._free:
            return self._free.pop()
        url = self._new_postgres(template=_TEMPLATE)
        self._copies.add(url)
        return url

    def empty(self, engine: Engine) -> str:
        """Give the address of a database in which nothing was ever made."""
        if engine == "sqlite":
            return f"sqlite:///{self._new_file()}"
        return self._new_postgres(template="template0")

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected."""
        if url.startswith("sqlite:///"):
            file = Path(url.removeprefix("sqlite:///"))
            for leftover in file.parent.glob(f"{file.name}*"):
                leftover.unlink(missing_ok=True)
            return
        if url in self._copies:
            self._copies.remove(url)
            if (renamed := self._rename(url)) and self._renew(renamed):
                self._copies.add(renamed)
                self._free.append(renamed)
                return
            url = renamed or url
        self._administration.execute(sql.SQL("drop database if exists {} with (force)").format(_name(url)))

    def close(self) -> None:
        """Let go of PostgreSQL."""
        self._opened.close()

    def _new_file(self) -> Path:
        return self._folder / f"gatelodge-{next(self._numbers)}.db"

    def _copy_of_file(self, template: Path) -> str:
        file = self._new_file()
        shutil.copyfile(template, file)
        return f"sqlite:///{file}"

    def _migrated_file(self) -> Path:
        if self._sqlite_template is None:
            file = self._folder / "template.db"
            _migrate(f"sqlite:///{file}")
            self._sqlite_template = file
        return self._sqlite_template

    def _migrate_template(self) -> None:
        if self._postgres_template is None:
            url = self._create(_TEMPLATE, template="template0")
            _migrate(url)
            with psycopg.connect(url, autocommit=True) as connection:
                self._postgres_template = _Template(TableContents(connection), _read_schema(connection))

    def _new_postgres(self, *, template: str) -> str:
        return self._create(f"gatelodge_{next(self._numbers)}", template=template)

    def _create(self, name: str, *, template: str) -> str:
        statement = sql.SQL("create database {} template {}")
        copying = statement.format(sql.Identifier(name), sql.Identifier(template))
        if not self._clone(copying):
            self._administration.execute(copying)
        return self._clusters.quick().url(name)

    def _clone(self, copying: sql.Composed) -> bool:
        """Let the file system copy the blocks, which takes a third of the time; not each can, nor each PostgreSQL."""
        try:
            self._administration.execute("set file_copy_method = clone")
            self._administration.execute(copying + sql.SQL(" strategy file_copy"))
        except psycopg.Error:
            return False
        return True

    def _rename(self, url: str) -> str | None:
        """Give a database a name that nobody knows, whoever thinks it is still theirs, if all let go of it."""
        renamed = self._clusters.quick().url(f"gatelodge_{next(self._numbers)}")
        # A server that is about to end would come again at once.
        self._alter(url, "allow_connections false")
        ending = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s"
        self._administration.execute(ending, [url.rpartition("/")[2]])
        try:
            self._administration.execute(sql.SQL("alter database {} rename to {}").format(_name(url), _name(renamed)))
        except psycopg.errors.ObjectInUse:
            return None
        self._alter(renamed, "allow_connections true")
        return renamed

    def _alter(self, url: str, option: LiteralString) -> None:
        self._administration.execute(sql.SQL("alter database {} with ").format(_name(url)) + sql.SQL(option))

    def _renew(self, url: str) -> bool:
        """Make a copy of the template as new, unless its tables are not those of the template any more."""
        assert self._postgres_template is not None
        with psycopg.connect(url, autocommit=True) as connection:
            if _read_schema(connection) != self._postgres_template.schema:
                return False
            self._postgres_template.contents.put_back(connection)
        return True

    @cached_property
    def _administration(self) -> psycopg.Connection:
        return self._opened.enter_context(psycopg.connect(self._clusters.quick().url(), autocommit=True))


@dataclass(frozen=True)
class _Template:
    contents: TableContents
    schema: str


def _read_schema(connection: psycopg.Connection) -> str:
    [(written,)] = connection.execute(_SCHEMA).fetchall()
    return str(written)


def _name(url: str) -> sql.Identifier:
    return sql.Identifier(url.rpartition("/")[2])


def _migrate(url: str) -> None:
    database = open_database(url)
    try:
        migrate(database, now=SystemClock().now())
    finally:
        database.close()
