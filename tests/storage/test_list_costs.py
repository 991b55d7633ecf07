"""What a page of each list costs in large tables: rows touched on PostgreSQL, steps of its machine on SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gatelodge.features.events import store as events
from gatelodge.features.events.rules import EventQuery
from gatelodge.features.factors import store as factors
from gatelodge.features.identities import store as identities
from gatelodge.features.invitations import store as invitations
from gatelodge.features.memberships import store as memberships
from gatelodge.features.organizations import store as organizations
from gatelodge.features.passwords import store as passwords
from gatelodge.features.permissions import store as permissions
from gatelodge.features.sessions import store as sessions
from gatelodge.features.users import store as users
from gatelodge.kit.database import Queries, Queued, Row, open_database
from gatelodge.kit.database.interface import Given
from gatelodge.kit.paging import Window
from tests.harness.databases import ENGINES, Databases, Engine
from tests.harness.unavailable import bring

MIDDLE = 6_000
"""The instant of the row in the middle of each table."""

# A page has eleven rows; what it may cost is far below what a look at the whole table does.
MOST_ROWS = 250
MOST_STEPS = 6_000

FILL = Path(__file__).with_name("large_tables.sql")
"""Rows in an order that the references allow; user 1 and organization 1 have a membership for each of the others."""


def page(*, newer: int = -1, older: int = 1 << 40, ascending: bool = False) -> Window:
    """Give the window of a page of ten."""
    return Window(
        newer_than=(newer, ""), older_than=(older, ""), ascending=ascending, limit=11, flip=False, bounded_behind=False
    )


WINDOWS = {
    "the newest": page(),
    "from the middle": page(older=MIDDLE),
    "the oldest": page(ascending=True),
    "back from the middle": page(newer=MIDDLE, ascending=True),
}
List = Callable[[Queries, Window], object]


def members(**given: Any) -> List:
    asked = {"user_id": None, "organization_id": None, "statuses": ("active",), **given}
    return lambda queries, window: memberships.list_window(queries, "e", window, **asked)


def read_events(*names: str, organization_id: str | None = None) -> List:
    query = EventQuery(
        names=names, since=0, until=1 << 40, organization_id=organization_id, after=None, before=None, limit=10
    )

    def read(queries: Queries, window: Window) -> object:
        low, high = max(window.newer_than[0], 0), window.older_than[0]
        return events.list_between(queries, "e", query, low=low, high=high, newest=not window.ascending)

    return read


LISTS: dict[str, List] = {
    "users": lambda queries, window: users.list_window(queries, "e", window, email_normalized=None),
    "users by email": lambda queries, window: users.list_window(queries, "e", window, email_normalized="9@x"),
    "users by organization": lambda queries, window: memberships.list_user_ids(queries, "e", "org_1", window),
    "active memberships of an organization": members(organization_id="org_1"),
    "active memberships of a user": members(user_id="user_1"),
    "rare memberships of an organization": members(organization_id="org_1", statuses=("inactive",)),
    "rare memberships of a user": members(user_id="user_1", statuses=("pending",)),
    "both rare kinds": members(organization_id="org_1", statuses=("inactive", "pending")),
    "a rare and the common kind": members(organization_id="org_1", statuses=("active", "pending")),
    "all kinds": members(user_id="user_1", statuses=("active", "inactive", "pending")),
    "the membership of a user in an organization": members(user_id="user_9", organization_id="org_1"),
    "a batch of an organization": lambda queries, _: memberships.list_of_organization(queries, "e", "org_1", 11),
    "invitations": lambda queries, window: invitations.list_window(
        queries, "e", window, organization_id=None, email_normalized=None
    ),
    "invitations of an organization": lambda queries, window: invitations.list_window(
        queries, "e", window, organization_id="org_1", email_normalized=None
    ),
    "invitations of an address": lambda queries, window: invitations.list_window(
        queries, "e", window, organization_id=None, email_normalized="77@x"
    ),
    "invitations of an address to an organization": lambda queries, window: invitations.list_window(
        queries, "e", window, organization_id="org_2", email_normalized="77@x"
    ),
    "organizations": lambda queries, window: organizations.list_window(queries, "e", window, domains=None, search=None),
    "organizations by domain": lambda queries, window: organizations.list_window(
        queries, "e", window, domains=["d7.example", "d8.example"], search=None
    ),
    "factors": lambda queries, window: factors.list_window(queries, "e", "user_1", window),
    "identities": lambda queries, _: identities.list_of_user(queries, "e", "user_9"),
    "permissions": lambda queries, window: permissions.list_window(queries, "e", window),
    "sessions": lambda queries, window: sessions.list_window(queries, "e", "user_1", window, now=1000, idle_since=-1),
    "events": read_events(),
    "events of a rare name": read_events("rare"),
    "events of two names": read_events("rare", "common"),
    "events of a quiet organization": read_events(organization_id="org_2"),
    "a decoy": lambda queries, _: passwords.ask_with_decoy(queries, "e", "user_9", place=b"p5"),
}


@dataclass
class Asked:
    """Queries that only write down what they are asked."""

    statements: list[tuple[str, dict[str, Any]]]

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        self.statements.append((sql, parameters))
        return None

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        self.statements.append((sql, parameters))
        return []

    def run(self, sql: str, /, **parameters: object) -> int:
        raise AssertionError(f"a list writes nothing: {sql}, {parameters}")

    def queue(self, sql: str, /, **parameters: object) -> Queued:
        assert sql.split(maxsplit=1)[0] == "select", f"a list writes nothing: {sql}, {parameters}"
        self.statements.append((sql, parameters))
        return Given([], 0)

    def require(self, sql: str, /, **parameters: object) -> None:
        raise AssertionError(f"a list requires nothing: {sql}, {parameters}")


def costs_on_sqlite(url: str, sql: str, parameters: dict[str, Any]) -> int:
    """Count the steps of a statement, in hundreds."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 100
        return 0

    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        connection.set_progress_handler(count, 100)
        connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()
    return steps


def rows_touched(node: dict[str, Any]) -> int:
    """Count the rows that a plan's nodes read and gave, those they threw away included."""
    own = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int(own * node["Actual Loops"]) + sum(rows_touched(child) for child in node.get("Plans", ()))


@dataclass
class Filled:
    """A database with large tables."""

    engine: Engine
    url: str
    reads: Queries

    def cost(self, sql: str, parameters: dict[str, Any]) -> float:
        """Give what a statement costs, as a share of what it may."""
        if self.engine == "sqlite":
            return costs_on_sqlite(self.url, sql, parameters) / MOST_STEPS
        [(found,)] = self.reads.all(f"explain (analyze, format json) {sql}", **parameters)
        [plan] = json.loads(found) if isinstance(found, str) else found
        return rows_touched(plan["Plan"]) / MOST_ROWS


@pytest.fixture(scope="module", params=ENGINES)
def filled(request: pytest.FixtureRequest, databases: Databases) -> Iterator[Filled]:
    """Fill large tables once on each engine; only PostgreSQL gathers statistics by itself."""
    engine: Engine = request.param
    url = bring(lambda: databases.fresh(engine))
    database = open_database(url)
    text = FILL.read_text("utf-8")
    statements = (
        text.replace(" as bytea)", " as blob)").split(";") if engine == "sqlite" else [*text.split(";"), "analyze"]
    )

    def fill(queries: Queries) -> None:
        for statement in statements:
            if statement.strip():
                queries.run(statement)

    database.write(fill)
    yield Filled(engine, url, database.reads)
    database.close()


@pytest.mark.parametrize("read", LISTS.values(), ids=LISTS)
def test_a_page_costs_what_is_on_it_however_large_the_tables(filled: Filled, read: List) -> None:
    for name, window in WINDOWS.items():
        asked = Asked([])
        read(asked, window)

        assert asked.statements
        for sql, parameters in asked.statements:
            assert filled.cost(sql, parameters) <= 1, (name, sql)
