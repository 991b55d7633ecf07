"""What is asked often, or by anybody, must not cost more as tables grow."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
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
    "redirect_uris",
    "signing_keys",
    # What a statement itself has put together: one row, or as many as it was to find.
    "ground",
    "waiting",
    "foremost",
    "following",
}


class Scans:
    """Asks SQLite how it would carry out each new statement of a house, and notes which looks through a table."""

    def __init__(self, file: Path, place: Callable[[str], Statement]) -> None:
        self._beside = sqlite3.connect(file, check_same_thread=False)
        self._place = place
        self.asked: set[str] = set()
        self.found: list[str] = []

    def place(self, sql: str) -> Statement:
        """Put the parameters in their places, as the engine does, and look at the plan."""
        statement = self._place(sql)
        if statement.text not in self.asked:
            self.asked.add(statement.text)
            plan = self._beside.execute(f"explain query plan {statement.text}", [None] * len(statement.names))
            steps = [_SCAN.fullmatch(detail) for _, _, _, detail in plan]
            self.found += [f"{step['table']}: {sql}" for step in steps if step and _FEW.isdisjoint(step.groups())]
        return statement

    def close(self) -> None:
        """Ask no more."""
        self._beside.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(f"sqlite:///{tmp_path / 'gatelodge.db'}")
    yield house
    house.close()


@pytest.fixture
def scans(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scans]:
    house.create_user()
    scans = Scans(tmp_path / "gatelodge.db", sqlite_queries.place)
    monkeypatch.setattr(sqlite_queries, "place", scans.place)
    yield scans
    monkeypatch.undo()
    scans.close()


def test_no_chore_looks_through_a_whole_table(house: House, scans: Scans) -> None:
    for chore, _ in (*worker.CHORES, *worker.SWEEPS):
        chore(house.unit())

    assert len(scans.asked) > len(worker.SWEEPS)
    assert scans.found == []


def test_no_life_of_a_session_looks_through_a_whole_table(house: House, scans: Scans) -> None:
    pair = house.sign_in().json
    sessions = f"/user_management/users/{pair['user']['id']}/sessions"
    (session,) = house.get(sessions).json["data"]
    for _ in range(2):
        house.authenticate("refresh_token", secret=None, refresh_token=pair["refresh_token"])
    house.call("GET", "/user_management/sessions/logout", key=None, query={"session_id": session["id"]})

    assert house.get(sessions).json["data"] == []
    assert len(scans.asked) > 10
    assert scans.found == []
