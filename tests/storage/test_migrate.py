"""Migrations: once, whole, in order, under a lock, and the same on both engines."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from gatelodge.kit.database import Database, UniqueViolation, open_database
from gatelodge.kit.migrate import (
    MigrationChanged,
    MigrationInvalid,
    SchemaBehind,
    SchemaFault,
    SchemaTooNew,
    check_schema,
    describe_schema,
    migrate,
    pending,
)
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine
from tests.storage.conftest import Opener
from tests.storage.processes import finish, start


@pytest.fixture
def empty(engine: Engine, empty_database: FreshDatabase, opened: Opener) -> Database:
    """Open a database in which nothing was ever made, on each engine in turn."""
    return opened(empty_database(engine))


def add(directory: Path, name: str, text: str) -> None:
    (directory / name).write_text(text)


def test_an_empty_database_is_behind_until_it_is_migrated(empty: Database, directory: Path) -> None:
    add(directory, "0003_later.sql", "create table later (id text primary key);")

    with pytest.raises(SchemaBehind, match=r"lacks 2 .* 0001_accounts"):
        check_schema(empty, directory=directory)
    applied = migrate(empty, now=1234, directory=directory)

    assert [(each.version, each.name, each.applied_at) for each in applied] == [
        (1, "accounts", 1234),
        (3, "later", 1234),
    ]
    check_schema(empty, directory=directory)
    assert pending(empty, directory=directory) == []
    assert migrate(empty, now=5678, directory=directory) == []
    stored = "select version, name, hash, applied_at from schema_migrations order by version"
    assert empty.reads.all(stored) == [tuple(each) for each in applied]


def test_only_what_is_new_is_applied(empty: Database, directory: Path) -> None:
    migrate(empty, now=1, directory=directory)
    add(
        directory, "0002_more.sql", "alter table accounts add column colour text;\ncreate index c on accounts (colour);"
    )

    applied = migrate(empty, now=2, directory=directory)

    assert [each.version for each in applied] == [2]
    assert "colour" in [column.name for column in describe_schema(empty)["accounts"].columns]


def test_the_shipped_migrations_make_one_schema_on_both_engines(empty_database: FreshDatabase, opened: Opener) -> None:
    sqlite, postgres = opened(empty_database("sqlite")), opened(empty_database("postgres"))

    assert migrate(sqlite, now=1) == migrate(postgres, now=1)

    described = describe_schema(sqlite)
    assert described == describe_schema(postgres)
    assert len(described) > 5


def test_a_difference_between_the_engines_is_seen(
    directory: Path, empty_database: FreshDatabase, opened: Opener
) -> None:
    same = "create table t (a text not null, b bigint, primary key (a));\ncreate index t_b on t (b);\n"
    for other in (
        same.replace("a text", "a bytea"),
        same.replace("b bigint", "b bigint not null"),
        same.replace("b bigint", "b bigint default 1"),
        same.replace("create index", "create unique index"),
        same.replace("on t (b)", "on t (b desc)"),
        same.replace("on t (b)", "on t (b) where b > 1"),
        same.replace("primary key (a)", "primary key (a, b)"),
        same.replace("b bigint", "b bigint unique"),
    ):
        add(directory, "0002_t.sql", same)
        add(directory, "0002_t.postgres.sql", other)
        sqlite, postgres = opened(empty_database("sqlite")), opened(empty_database("postgres"))
        migrate(sqlite, now=1, directory=directory)
        migrate(postgres, now=1, directory=directory)
        assert describe_schema(sqlite)["t"] != describe_schema(postgres)["t"], other
        assert describe_schema(sqlite)["accounts"] == describe_schema(postgres)["accounts"]


def test_a_changed_file_is_named_and_nothing_is_applied(empty: Database, directory: Path) -> None:
    migrate(empty, now=1, directory=directory)
    add(directory, "0001_accounts.sql", "create table accounts (id text primary key);")
    add(directory, "0002_more.sql", "create table more (id text primary key);")

    for check in (
        lambda: migrate(empty, now=2, directory=directory),
        lambda: pending(empty, directory=directory),
        lambda: check_schema(empty, directory=directory),
    ):
        with pytest.raises(MigrationChanged, match="0001_accounts") as caught:
            check()
        assert_one_line(caught.value)
    assert "more" not in describe_schema(empty)


def test_line_endings_do_not_change_a_file(empty: Database, directory: Path) -> None:
    migrate(empty, now=1, directory=directory)
    file = directory / "0001_accounts.sql"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    check_schema(empty, directory=directory)


def test_a_newer_schema_is_refused_in_one_line(empty: Database, directory: Path) -> None:
    add(directory, "0002_newer.sql", "create table newer (id text primary key);")
    migrate(empty, now=1, directory=directory)
    (directory / "0002_newer.sql").unlink()

    for check in (
        lambda: migrate(empty, now=2, directory=directory),
        lambda: check_schema(empty, directory=directory),
    ):
        with pytest.raises(SchemaTooNew, match="0002_newer") as caught:
            check()
        assert_one_line(caught.value)


def test_a_failing_migration_leaves_what_was_before_it_and_nothing_of_itself(empty: Database, directory: Path) -> None:
    add(directory, "0002_broken.sql", "create table half (id text primary key);\ninsert into nowhere values (1);")

    with pytest.raises(MigrationInvalid, match="0002_broken, statement 2") as caught:
        migrate(empty, now=1, directory=directory)

    assert_one_line(caught.value)
    assert "half" not in describe_schema(empty)
    add(directory, "0002_broken.sql", "create table half (id text primary key);")
    assert [each.version for each in migrate(empty, now=2, directory=directory)] == [2]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("2_short.sql", "select 1", "not a migration's name"),
        ("0002_Upper.sql", "select 1", "not a migration's name"),
        ("0001_other.sql", "select 1", "two migrations"),
        ("0000_late.sql", "select 1", "new number"),
        ("0002_commit.sql", "create table t (id text);\ncommit;", "one transaction"),
        (
            "0002_put_off.sql",
            "create table t (id text references owners (id) deferrable initially deferred)",
            "deferrable",
        ),
    ],
)
def test_a_file_that_cannot_be_applied_safely_is_refused(
    empty: Database, directory: Path, name: str, text: str, reason: str
) -> None:
    migrate(empty, now=1, directory=directory)
    add(directory, name, text)

    with pytest.raises(MigrationInvalid, match=f"(?i){reason}") as caught:
        migrate(empty, now=2, directory=directory)

    assert_one_line(caught.value)
    assert "t" not in describe_schema(empty)


def test_tables_on_sqlite_are_strict(directory: Path, empty_database: FreshDatabase, opened: Opener) -> None:
    database = opened(empty_database("sqlite"))
    migrate(database, now=1, directory=directory)

    with pytest.raises(Exception, match="cannot store TEXT value in INTEGER"):
        database.write(
            lambda queries: queries.run(
                "insert into accounts (environment_id, id, name, balance) values ('e', 'a', 'a', 'much')"
            )
        )


def test_a_file_for_postgres_replaces_the_common_one_there_alone(empty: Database, directory: Path) -> None:
    add(directory, "0002_split.sql", "create table common (id text primary key);")
    add(directory, "0002_split.postgres.sql", "create table special (id text primary key);")

    migrate(empty, now=1, directory=directory)

    expected = "special" if empty.dialect == "postgres" else "common"
    assert describe_schema(empty).keys() == {"accounts", "owners", "schema_migrations", expected}


def test_two_processes_that_migrate_at_once_apply_each_migration_once(
    engine: Engine, empty_database: FreshDatabase, directory: Path, opened: Opener
) -> None:
    for number in range(2, 12):
        text = f"create table t{number} (id text primary key);\ninsert into t{number} (id) values ('only');"
        add(directory, f"{number:04}_t{number}.sql", text)
    url = empty_database(engine)

    instant = time.time() + 1.5
    processes = [start("migrate_once", url, directory, instant) for _ in range(3)]
    applied = [json.loads(finish(process)) for process in processes]

    assert sorted(version for each in applied for version in each) == list(range(1, 12))
    database = opened(url)
    check_schema(database, directory=directory)
    assert len(database.reads.all("select version from schema_migrations")) == 11


def test_a_migrator_waits_for_one_that_takes_longer_than_patience(
    engine: Engine, empty_database: FreshDatabase, directory: Path, opened: Opener
) -> None:
    url = empty_database(engine)
    slow, patient = opened(url), open_database(url, patience=0.2)
    instant = time.time() + 1.0
    slow.write(lambda queries: queries.run("create table probe (id text primary key)"))
    process = start("migrate_once", url, directory, instant)

    def hold(queries: object) -> None:
        from gatelodge.kit import migrate as module

        if slow.dialect == "postgres":
            queries.one("select pg_advisory_xact_lock(:key)", key=module._LOCK_KEY)  # type: ignore[attr-defined]
        time.sleep(max(0.0, instant - time.time()) + 0.8)

    slow.write(hold)

    applied = migrate(patient, now=1, directory=directory)
    elsewhere = json.loads(finish(process))
    patient.close()
    assert [each.version for each in applied] + elsewhere == [1]


def test_a_key_that_is_taken_is_found_after_migration(empty: Database, directory: Path) -> None:
    migrate(empty, now=1, directory=directory)
    empty.write(lambda queries: queries.run("insert into owners (id) values ('o')"))

    with pytest.raises(UniqueViolation):
        empty.write(lambda queries: queries.run("insert into owners (id) values ('o')"))


def assert_one_line(error: SchemaFault) -> None:
    assert str(error)
    assert "\n" not in str(error)
