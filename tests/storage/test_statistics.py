"""Tables that grow from nothing are known to the planner before autovacuum comes by."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from gatelodge.kit.database import Database, Queries
from gatelodge.kit.database.statistics import study_young_tables
from gatelodge.kit.migrate import list_tables
from tests.harness.databases import Engine
from tests.storage.conftest import OPEN_ACCOUNT, Opener

_PATIENCE = 20.0
_TABLES = ("owners", "accounts")


@pytest.fixture
def postgres(accounts_url: Callable[[Engine], str], opened: Opener) -> Database:
    """Open a database on PostgreSQL whose tables have no rows, and are left alone by autovacuum."""
    database = opened(accounts_url("postgres"))
    database.reads.run("alter table accounts set (autovacuum_enabled = false)")
    return database


def _open_accounts(database: Database, first: int, last: int) -> None:
    def write(queries: Queries) -> None:
        for number in range(first, last + 1):
            queries.run(OPEN_ACCOUNT, environment_id="e", id=f"account_{number}", balance=0)

    database.write(write)


def _known_rows(database: Database) -> int:
    (rows,) = database.reads.one("select reltuples from pg_class where relname = 'accounts'") or (None,)
    return int(rows)


def _await_changes(database: Database, number: int) -> None:
    """Wait until the server has counted so many changed rows since the table was last analyzed."""
    deadline = time.monotonic() + _PATIENCE
    sql = "select pg_stat_get_mod_since_analyze(oid) from pg_class where relname = 'accounts'"
    while database.reads.one(sql) != (number,):
        assert time.monotonic() < deadline, database.reads.one(sql)
        time.sleep(0.1)


def test_a_table_is_analyzed_when_it_has_grown_and_again_when_it_has_doubled(postgres: Database) -> None:
    _open_accounts(postgres, 1, 60)
    _await_changes(postgres, 60)
    study_young_tables(postgres, _TABLES)
    assert _known_rows(postgres) == 60

    _open_accounts(postgres, 61, 160)
    _await_changes(postgres, 100)
    study_young_tables(postgres, _TABLES)
    assert _known_rows(postgres) == 60

    _open_accounts(postgres, 161, 180)
    _await_changes(postgres, 120)
    study_young_tables(postgres, _TABLES)
    assert _known_rows(postgres) == 180


def test_rows_that_change_again_and_again_are_no_growth(postgres: Database) -> None:
    _open_accounts(postgres, 1, 60)
    _await_changes(postgres, 60)
    study_young_tables(postgres, _TABLES)

    postgres.write(lambda queries: [queries.run("update accounts set balance = balance + 1") for _ in range(3)])
    _await_changes(postgres, 180)
    postgres.reads.run("update pg_class set reltuples = 59 where relname = 'accounts'")
    study_young_tables(postgres, _TABLES)

    assert _known_rows(postgres) == 59


def test_a_table_that_is_not_ours_is_left_alone(postgres: Database) -> None:
    _open_accounts(postgres, 1, 60)
    _await_changes(postgres, 60)

    study_young_tables(postgres, list_tables())

    assert {"users", "sessions", "refresh_tokens"} <= set(list_tables())
    assert _known_rows(postgres) == -1


def test_a_table_that_somebody_else_analyzes_is_left_to_them(postgres: Database) -> None:
    _open_accounts(postgres, 1, 60)
    _await_changes(postgres, 60)

    def study_beside(queries: Queries) -> None:
        queries.run("lock table accounts in share update exclusive mode")
        study_young_tables(postgres, _TABLES)

    postgres.write(study_beside)

    assert _known_rows(postgres) == -1


def test_there_is_nothing_to_study_on_sqlite(database: Database) -> None:
    _open_accounts(database, 1, 60)

    study_young_tables(database, _TABLES)

    assert database.reads.one("select count(*) from accounts") == (60,)
