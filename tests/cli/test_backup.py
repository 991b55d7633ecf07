from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from gatelodge.kit.database import open_database
from tests.cli.running import Shell, production
from tests.conftest import FreshDatabase


def test_a_copy_holds_what_is_not_yet_in_the_file_itself(small: Shell) -> None:
    served = small.exported["GATELODGE_DATABASE_URL"]
    database = open_database(served)
    try:
        # Held open, so that what is written stays in the file beside it.
        small.json("users", "create", "ada@example.com")
        ran = small.run("backup", "copy.db")
    finally:
        database.close()

    assert ran.status == 0
    assert ran.out.startswith(f"Copied {served.removeprefix('sqlite:///')} to copy.db: ")
    assert "master key" in ran.err
    listed = small.json("users", "list", "--database", "sqlite:///copy.db")
    assert [user["email"] for user in listed["data"]] == ["ada@example.com"]
    assert small.run("doctor", "--database", "sqlite:///copy.db", "--json").json()["healthy"]


def test_a_copy_is_whole_and_for_its_owner_alone(small: Shell) -> None:
    told = small.json("backup", "copy.db")

    file = small.folder / "copy.db"
    assert told == {"file": str(file), "bytes": file.stat().st_size}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        assert connection.execute("pragma foreign_key_check").fetchall() == []


def test_no_file_is_ever_written_over_and_none_is_left_in_part(small: Shell) -> None:
    small.json("backup", "copy.db")
    first = (small.folder / "copy.db").read_bytes()

    again = small.run("backup", "copy.db").fault
    nowhere = small.run("backup", "nowhere/copy.db").fault

    assert again == "There is a file copy.db already."
    assert nowhere == "nowhere/copy.db cannot be written: no such file or directory."
    assert (small.folder / "copy.db").read_bytes() == first
    assert not [file.name for file in small.folder.iterdir() if "part" in file.name]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (".", "There is a file . already."),
        ("", "There is a file . already."),
        ("notes.txt/copy.db", "notes.txt/copy.db cannot be written: not a directory."),
        ("c" * 300, f"{'c' * 300} cannot be written: file name too long."),
    ],
    ids=["folder", "nothing", "below a file", "long"],
)
def test_a_name_that_no_file_can_have_is_refused_in_one_line(small: Shell, target: str, reason: str) -> None:
    (small.folder / "notes.txt").write_text("a file")

    assert small.run("backup", target).fault == reason


def test_what_is_no_database_is_not_copied(small: Shell) -> None:
    (small.folder / "notes.txt").write_text("no database at all, but longer than a head of one would be" * 20)

    fault = small.run("backup", "copy.db", "--database", "sqlite:///notes.txt").fault
    absent = small.run("backup", "copy.db", "--database", "sqlite:///typo.db").fault

    assert fault.startswith("notes.txt cannot be copied to copy.db: ")
    assert absent == "There is no database at typo.db."
    assert not (small.folder / "copy.db").exists()
    assert not (small.folder / "typo.db").exists()


def test_postgresql_is_copied_by_its_own_tools(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    shell = production(fresh_database("postgres"), tmp_path)

    assert "pg_dump" in shell.run("backup", "copy.db").fault
