"""SQL on pending authentications."""

from __future__ import annotations

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.features.authentication.rules import Pending, Progress
from gatelodge.kit.database import Queries


def insert_pending(
    queries: Queries,
    environment_id: str,
    token_hash: bytes,
    *,
    progress: Progress,
    expires_at: int,
    now: int,
) -> None:
    """Store what a pending token stands for."""
    queries.run(
        """
        insert into pending_authentications
          (environment_id, token_hash, user_id, state, created_at, expires_at)
        values (:environment_id, :token_hash, :user_id, :state, :now, :expires_at)
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        user_id=progress.user_id,
        state=msgspec.json.encode(progress).decode(),
        expires_at=expires_at,
        now=now,
    )


def find_pending(queries: Queries, environment_id: str, token_hash: bytes, *, now: int) -> Pending | None:
    """Find what a live token stands for."""
    row = queries.one(
        """
        select state from pending_authentications
         where environment_id = :environment_id and token_hash = :token_hash
           and expires_at > :now
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        now=now,
    )
    if row is None:
        return None
    return Pending(token_hash=token_hash, progress=msgspec.json.decode(row[0], type=ready(Progress)))


def delete_pending(queries: Queries, environment_id: str, token_hash: bytes) -> bool:
    """Delete what a token stands for; False when it is gone already."""
    return (
        queries.run(
            """
            delete from pending_authentications
             where environment_id = :environment_id and token_hash = :token_hash
            """,
            environment_id=environment_id,
            token_hash=token_hash,
        )
        == 1
    )


def delete_pending_of_user(queries: Queries, environment_id: str, user_id: str) -> None:
    """Delete every sign-in of a user that waits for a step."""
    queries.run(
        """
        delete from pending_authentications
         where environment_id = :environment_id and user_id = :user_id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )


def sweep_pending(queries: Queries, *, now: int, limit: int) -> int:
    """Remove what pending tokens stood for once they have expired."""
    return queries.run(
        """
        delete from pending_authentications where (environment_id, token_hash) in
          (select environment_id, token_hash from pending_authentications
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
