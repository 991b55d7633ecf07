"""Fresh databases, quickly: copies of one that was migrated once in the run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Literal, TypeAlias

import psycopg
from psycopg import sql

from gatelodge.kit.clock import SystemClock
from gatelodge.kit.database import open_database
from gatelodge.kit.migrate import migrate
from tests.harness.postgres import Clusters

Engine: TypeAlias = Literal["sqlite", "postgres"]
ENGINES: tuple[Engine, ...] = ("sqlite", "postgres")

_TEMPLATE = "gatelodge_template"


class Databases:
    """Makes databases of either engine; the templates are made when first asked for."""

    def __init__(self, folder: Path, clusters: Clusters) -> None:
        self._folder = folder
        self._clusters = clusters
        self._numbers = count(1)
        self._sqlite_template: Path | None = None
        self._has_postgres_template = False

    def fresh(self, engine: Engine) -> str:
        """Give the address of a database that is migrated and holds nothing."""
        if engine == "sqlite":
            return self._copy_of_file(self._migrated_file())
        self._migrate_template()
        return self._new_postgres(template=_TEMPLATE)

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
        name = url.rpartition("/")[2]
        with self._administration() as connection:
            connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))

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
        if not self._has_postgres_template:
            _migrate(self._create(_TEMPLATE, template="template0"))
            self._has_postgres_template = True

    def _new_postgres(self, *, template: str) -> str:
        return self._create(f"gatelodge_{next(self._numbers)}", template=template)

    def _create(self, name: str, *, template: str) -> str:
        statement = sql.SQL("create database {} template {}")
        with self._administration() as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self._clusters.quick().url(name)

    @contextmanager
    def _administration(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(self._clusters.quick().url(), autocommit=True) as connection:
            yield connection


def _migrate(url: str) -> None:
    database = open_database(url)
    try:
        migrate(database, now=SystemClock().now())
    finally:
        database.close()
