"""SQL on browser sessions."""

from __future__ import annotations

import msgspec

from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.kit.database import Queries

_COLUMNS = "id, token_hash, user_id, state, authenticated_at, used_at, expires_at, created_at"


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
    return None if row is None else BrowserSession(**dict(zip(BrowserSession.__struct_fields__, row, strict=True)))


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


def delete_of_user(queries: Queries, environment_id: str, user_id: str) -> None:
    """End every browser session of a user."""
    queries.run(
        "delete from browser_sessions where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
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
