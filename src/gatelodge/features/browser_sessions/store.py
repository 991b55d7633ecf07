"""SQL on browser sessions."""

from __future__ import annotations

import msgspec

from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, token_hash, user_id, state, authenticated_at, used_at, expires_at, created_at"


def _session(row: Row) -> BrowserSession:
    return BrowserSession(**dict(zip(BrowserSession.__struct_fields__, row, strict=True)))


def insert(queries: Queries, environment_id: str, session: BrowserSession) -> None:
    """Store a browser session."""
    queries.run(
        f"""
        insert into browser_sessions (environment_id, {_COLUMNS})
        values (:environment_id, :id, :token_hash, :user_id, :state, :authenticated_at, :used_at,
                :expires_at, :created_at)
        """,
        environment_id=environment_id,
        **msgspec.structs.asdict(session),
    )


def find(
    queries: Queries, environment_id: str, token_hash: bytes, *, now: int, idle_since: int
) -> BrowserSession | None:
    """Find a browser session that is neither past its end nor idle for too long."""
    row = queries.one(
        f"""
        select {_COLUMNS} from browser_sessions
         where environment_id = :environment_id and token_hash = :token_hash
           and expires_at > :now and used_at > :idle_since
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        now=now,
        idle_since=idle_since,
    )
    return None if row is None else _session(row)


def find_anywhere(
    queries: Queries, token_hash: bytes, *, now: int, idle_since: int
) -> tuple[str, BrowserSession] | None:
    """Find a live browser session with its environment, which is the first of the pair."""
    row = queries.one(
        f"""
        select environment_id, {_COLUMNS} from browser_sessions
         where token_hash = :token_hash and expires_at > :now and used_at > :idle_since
        """,
        token_hash=token_hash,
        now=now,
        idle_since=idle_since,
    )
    return None if row is None else (row[0], _session(row[1:]))


def list_of_user(
    queries: Queries, environment_id: str, user_id: str, *, now: int, idle_since: int, limit: int
) -> list[BrowserSession]:
    """List the live browser sessions of a user, the one used last first."""
    rows = queries.all(
        f"""
        select {_COLUMNS} from browser_sessions
         where environment_id = :environment_id and user_id = :user_id
           and expires_at > :now and used_at > :idle_since
         order by used_at desc, id desc limit :limit
        """,
        environment_id=environment_id,
        user_id=user_id,
        now=now,
        idle_since=idle_since,
        limit=limit,
    )
    return [_session(row) for row in rows]


def touch(queries: Queries, environment_id: str, session_id: str, *, now: int) -> bool:
    """Note that a browser session was used; False when it is gone."""
    return (
        queries.run(
            "update browser_sessions set used_at = :now where environment_id = :environment_id and id = :id",
            environment_id=environment_id,
            id=session_id,
            now=now,
        )
        == 1
    )


def update_state(queries: Queries, environment_id: str, session_id: str, *, state: str) -> None:
    """Store what was proved."""
    queries.run(
        "update browser_sessions set state = :state where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=session_id,
        state=state,
    )


def delete(queries: Queries, environment_id: str, session_id: str) -> None:
    """End a browser session."""
    queries.run(
        "delete from browser_sessions where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=session_id,
    )


def delete_of_user(queries: Queries, environment_id: str, user_id: str, *, keep: str) -> None:
    """End every browser session of a user but the one that is kept; an empty `keep` keeps none."""
    queries.run(
        """
        delete from browser_sessions
         where environment_id = :environment_id and user_id = :user_id and id <> :keep
        """,
        environment_id=environment_id,
        user_id=user_id,
        keep=keep,
    )


def sweep(queries: Queries, *, now: int, limit: int) -> int:
    """Remove browser sessions that are past their end."""
    return queries.run(
        """
        delete from browser_sessions where (environment_id, id) in
          (select environment_id, id from browser_sessions
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
