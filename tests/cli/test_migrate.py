from __future__ import annotations

from pathlib import Path

import pytest

from gatelodge.kit.database import open_database
from tests.cli.running import Shell, production
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine
from tests.harness.ports import free_port


@pytest.fixture
def unmade(engine: Engine, empty_database: FreshDatabase, tmp_path: Path) -> Shell:
    shell = production(empty_database(engine), tmp_path)
    del shell.exported["GATELODGE_MASTER_KEY"]
    return shell


def add_migration(url: str, version: int) -> None:
    database = open_database(url)
    statement = "insert into schema_migrations (version, name, hash, applied_at) values (:version, 'later', 'x', 0)"
    database.write(lambda queries: queries.run(statement, version=version))
    database.close()


def test_pending_migrations_are_applied_once_and_told(unmade: Shell) -> None:
    first = unmade.run("migrate")
    second = unmade.run("migrate")

    assert first.status == second.status == 0
    assert first.out.startswith("applied 0001_data_keys\napplied 0002_")
    assert second.out == "Nothing to do: the schema is this version's.\n"


def test_a_check_fails_while_migrations_are_pending_and_changes_nothing(installation: Shell, unmade: Shell) -> None:
    pending = unmade.run("migrate", "--check")
    still_pending = unmade.run("migrate", "--check")

    assert pending.status == still_pending.status == 1
    assert installation.run("migrate", "--check").status == 0


def test_a_check_tells_machines_what_is_pending(unmade: Shell, engine: Engine) -> None:
    if engine == "sqlite":
        open_database(unmade.exported["GATELODGE_DATABASE_URL"]).close()

    ran = unmade.run("migrate", "--check", "--json")

    assert ran.status == 1
    assert ran.json()["applied"] == []
    assert ran.json()["pending"][0] == {"version": 1, "name": "data_keys"}


def test_a_check_makes_no_database_where_there_is_none(shell: Shell) -> None:
    fault = shell.run("migrate", "--check", "--database", "sqlite:///typo.db").fault

    assert fault == "There is no database at typo.db; `gatelodge migrate` makes one."
    assert not list(shell.folder.iterdir())


@pytest.mark.parametrize("command", ["migrate", "migrate --check", "users list", "environments list", "serve"])
def test_a_newer_schema_is_refused_in_one_line(installation: Shell, command: str) -> None:
    add_migration(installation.exported["GATELODGE_DATABASE_URL"], 9999)

    fault = installation.run(*command.split()).fault

    assert "9999_later, which this version of Gatelodge does not know" in fault


@pytest.mark.parametrize("command", ["migrate", "users list", "serve", "keys rewrap"])
def test_a_lost_database_is_one_line_without_the_password(shell: Shell, command: str) -> None:
    shell.exported |= {"GATELODGE_MASTER_KEY": "m" * 43, "GATELODGE_BASE_URL": "https://auth.example.com"}

    fault = shell.run(*command.split(), "--database", "postgresql://gate:geheim@127.0.0.1:9/gate").fault

    assert "The database cannot be reached: " in fault
    assert "Connection refused" in fault
    assert "geheim" not in fault


def test_a_database_that_was_never_migrated_is_told_apart_from_an_empty_one(shell: Shell) -> None:
    shell.exported["GATELODGE_MASTER_KEY"] = "m" * 43
    open_database(f"sqlite:///{shell.folder}/bare.db").close()

    fault = shell.run("users", "list", "--database", "sqlite:///bare.db").fault

    assert fault.endswith("run `gatelodge migrate`.")


def test_a_file_that_is_no_database_is_one_line(shell: Shell) -> None:
    (shell.folder / "notes.db").write_text("these are notes, and no database\n" * 100)

    assert "notes.db cannot be used" in shell.run("migrate", "--database", "sqlite:///notes.db").fault


def test_a_database_that_is_damaged_is_one_line(small: Shell) -> None:
    file = Path(small.exported["GATELODGE_DATABASE_URL"].removeprefix("sqlite:///"))
    small.json("users", "create", "ada@example.com")
    content = file.read_bytes()
    file.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    assert small.run("users", "list").fault


def test_postgres_is_not_migrated_by_serving_in_production(empty_database: FreshDatabase, tmp_path: Path) -> None:
    shell = production(empty_database("postgres"), tmp_path)

    assert shell.run("serve", "--port", str(free_port())).fault.endswith("run `gatelodge migrate`.")
    assert shell.run("migrate", "--check").status == 1


@pytest.mark.parametrize("wrong", ["password", "database"])
def test_what_postgres_says_of_a_wrong_address_is_one_line(postgres_url: str, shell: Shell, wrong: str) -> None:
    scheme, _, rest = postgres_url.partition("://")
    credentials, _, place = rest.rpartition("@")
    user = credentials.partition(":")[0]
    url = {
        "password": f"{scheme}://{user}:geheim@{place}",
        "database": f"{scheme}://{credentials}@{place.partition('/')[0]}/nowhere",
    }[wrong]

    fault = shell.run("migrate", "--database", url).fault

    assert {"password": "password authentication failed", "database": '"nowhere" does not exist'}[wrong] in fault
    assert "geheim" not in fault
