"""What the worker asks for every second must not cost more as tables grow."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from gatelodge.doors import worker
from gatelodge.kit.database import sqlite_queries
from gatelodge.kit.database.statements import Statement
from tests.harness.inprocess import House

_SCAN = re.compile(r"SCAN (?P<table>\w+)(?: USING (?:COVERING )?INDEX (?P<index>\w+))?")
_FEW = {
    # Partial: an entry goes once the worker has seen to it.
    "events_unplaced",
    # Some for each environment.
    "signing_keys",
}


def test_no_chore_looks_through_a_whole_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gatelodge.db"
    house = House(f"sqlite:///{file}")
    beside = sqlite3.connect(file, check_same_thread=False)
    place, asked, scans = sqlite_queries.place, set[str](), list[str]()

    def look(sql: str) -> Statement:
        statement = place(sql)
        if statement.text not in asked:
            asked.add(statement.text)
            plan = beside.execute(f"explain query plan {statement.text}", [None] * len(statement.names))
            found = [_SCAN.fullmatch(detail) for _, _, _, detail in plan]
            scans.extend(f"{scan['table']}: {sql}" for scan in found if scan and _FEW.isdisjoint(scan.groups()))
        return statement

    monkeypatch.setattr(sqlite_queries, "place", look)
    for chore, _ in (*worker.CHORES, *worker.SWEEPS):
        chore(house.unit())
    monkeypatch.undo()
    beside.close()
    house.close()

    assert len(asked) > len(worker.SWEEPS)
    assert scans == []
