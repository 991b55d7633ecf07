"""What a migration makes of what was stored before it."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from gatelodge.kit.database import Database, Queries
from gatelodge.kit.migrate import migrate
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine
from tests.storage.conftest import Opener


@pytest.fixture
def empty(engine: Engine, empty_database: FreshDatabase, opened: Opener) -> Database:
    """Open a database in which nothing was ever made, on each engine in turn."""
    return opened(empty_database(engine))


def migrate_up_to(database: Database, version: str, directory: Path) -> None:
    """Apply the shipped migrations before a version."""
    shipped = Path(str(resources.files("gatelodge").joinpath("migrations")))
    for file in shipped.glob("*.sql"):
        if file.name < version:
            (directory / file.name).write_bytes(file.read_bytes())
    migrate(database, now=1, directory=directory)


def fill(database: Database, *statements: str, **parameters: Any) -> None:
    """Run statements in one transaction."""

    def run(queries: Queries) -> None:
        for statement in statements:
            queries.run(statement, **parameters)

    database.write(run)


_OLD_ACCOUNT = (
    "insert into environments (id, name, created_at, updated_at) values ('e', 'e', 1, 1)",
    """
    insert into users (environment_id, id, email, email_normalized, email_verified, metadata, created_at, updated_at)
    values ('e', 'user_1', 'a@x', 'a@x', :verified, '{}', 1, 1)
    """,
    """
    insert into passwords (environment_id, user_id, password_hash, decoy_place, updated_at)
    values ('e', 'user_1', 'hash', :place, 1)
    """,
)


def test_a_password_from_before_there_were_versions_gets_one(empty: Database, tmp_path: Path) -> None:
    migrate_up_to(empty, "0034", tmp_path)
    fill(empty, *_OLD_ACCOUNT, verified=True, place=b"1")

    migrate(empty, now=2)

    assert empty.reads.all("select user_id, version from passwords") == [("user_1", "password_of_user_1")]


_SESSION = """
    insert into sessions (environment_id, id, user_id, client_id, auth_method, authenticated_at, refreshed_at,
                          expires_at, ended_at, revoked, created_at, updated_at)
    values ('e', '{id}', 'user_1', 'c', 'password', 1, 1, 9, {ended_at}, :no, 1, 1)
    """
_TOKEN = """
    insert into refresh_tokens (environment_id, token_hash, session_id, created_at, retired_at, successor)
    values ('e', :{hash}, '{session}', {created_at}, {retired_at}, {successor})
    """
_ROTATED = (
    _SESSION.format(id="session_1", ended_at="null"),
    _TOKEN.format(hash="first", session="session_1", created_at=1000, retired_at=2000, successor="null"),
    _TOKEN.format(hash="second", session="session_1", created_at=2000, retired_at=3000, successor=":pair"),
    _TOKEN.format(hash="third", session="session_1", created_at=3000, retired_at="null", successor="null"),
    _SESSION.format(id="session_2", ended_at="null"),
    _TOKEN.format(hash="other", session="session_2", created_at=3000, retired_at="null", successor="null"),
    _SESSION.format(id="session_3", ended_at="5"),
    _TOKEN.format(hash="gone", session="session_3", created_at=3000, retired_at="null", successor="null"),
    _SESSION.format(id="session_4", ended_at="null"),
)


def test_a_session_keeps_its_live_token_and_a_retired_one_what_it_was_traded_for(
    empty: Database, tmp_path: Path
) -> None:
    migrate_up_to(empty, "0036", tmp_path)
    tokens = {name: name.encode() for name in ("first", "second", "third", "other", "gone")}
    fill(empty, *_OLD_ACCOUNT, *_ROTATED, verified=True, no=False, place=b"1", pair=b"sealed", **tokens)

    migrate(empty, now=2)

    sessions = empty.reads.all("select id, live_token from sessions order by id")
    assert sessions == [("session_1", b"third"), ("session_2", b"other"), ("session_3", None), ("session_4", None)]
    # What has no live token, and so cannot go on, is over.
    assert empty.reads.all("select id from sessions where ended_at is null order by id") == [
        ("session_1",),
        ("session_2",),
    ]
    rows = empty.reads.all("select token_hash, replaces from refresh_tokens order by created_at, token_hash")
    assert [row for row in rows if row[1] is not None] == [(b"third", b"second")]
    pairs = empty.reads.all("select environment_id, traded_at, token_hash, sealed_pair from traded_pairs")
    traded = empty.reads.one("select created_at from refresh_tokens where replaces is not null")
    assert traded is not None
    assert [row[1:] for row in pairs] == [(traded[0], b"third", b"sealed")]
    assert len(rows) == len(tokens)
