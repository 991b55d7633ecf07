"""Databases with one small table, for tests of storage itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from gatelodge.kit.database import Database, open_database
from gatelodge.kit.migrate import migrate
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine

ACCOUNTS = """
create table owners (
  id text primary key
);

create table accounts (
  environment_id text not null,
  id text not null,
  owner_id text references owners (id) on delete cascade,
  name text not null,
  balance bigint not null,
  is_open boolean not null default true,
  notes jsonb not null default '{}',
  seal bytea,
  primary key (environment_id, id),
  unique (environment_id, seal)
);

create unique index accounts_by_name on accounts (environment_id, name);
"""

OPEN_ACCOUNT = """
insert into accounts (environment_id, id, name, balance) values (:environment_id, :id, :id, :balance)
"""


class Opener(Protocol):
    """Opens databases that the test need not close."""

    def __call__(self, url: str, /, *, patience: float = 5.0, pool_size: int = 16, queue_size: int = 1024) -> Database:
        """Open one."""


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open databases and close them when the test ends."""
    databases: list[Database] = []

    def open_one(url: str, /, *, patience: float = 5.0, pool_size: int = 16, queue_size: int = 1024) -> Database:
        databases.append(open_database(url, patience=patience, pool_size=pool_size, queue_size=queue_size))
        return databases[-1]

    yield open_one
    for database in databases:
        database.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Give a folder of migrations that make the tables above."""
    directory = tmp_path / "migrations"
    directory.mkdir()
    (directory / "0001_accounts.sql").write_text(ACCOUNTS)
    return directory


@pytest.fixture
def accounts_url(directory: Path, empty_database: FreshDatabase) -> Callable[[Engine], str]:
    """Give the address of a database with the tables above and no rows."""

    def make(engine: Engine) -> str:
        url = empty_database(engine)
        database = open_database(url)
        migrate(database, now=1, directory=directory)
        database.close()
        return url

    return make


@pytest.fixture
def database(engine: Engine, accounts_url: Callable[[Engine], str], opened: Opener) -> Database:
    """Open such a database, on each engine in turn."""
    return opened(accounts_url(engine))


@pytest.fixture
def sqlite_url(accounts_url: Callable[[Engine], str]) -> str:
    """Give the address of such a database on SQLite."""
    return accounts_url("sqlite")


@pytest.fixture
def postgres_accounts_url(accounts_url: Callable[[Engine], str]) -> str:
    """Give the address of such a database on PostgreSQL, with two accounts."""
    url = accounts_url("postgres")
    database = open_database(url)
    database.write(
        lambda queries: [queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=0) for name in ("a", "b")]
    )
    database.close()
    return url
