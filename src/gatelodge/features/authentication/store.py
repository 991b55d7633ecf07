"""SQL on pending authentications."""

from __future__ import annotations

import msgspec

from gatelodge.features.authentication.rules import Progress
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
