"""SQL on e-mail verifications."""

from __future__ import annotations

from gatelodge.kit.database import Queries


def insert(
    queries: Queries,
    *,
    environment_id: str,
    verification_id: str,
    user_id: str,
    email: str,
    code: bytes,
    expires_at: int,
    now: int,
) -> None:
    """Store a verification with its sealed code."""
    queries.run(
        """
        insert into email_verifications
          (environment_id, id, user_id, email, code, attempts, expires_at, created_at, updated_at)
        values (:environment_id, :id, :user_id, :email, :code, 0, :expires_at, :now, :now)
        """,
        environment_id=environment_id,
        id=verification_id,
        user_id=user_id,
        email=email,
        code=code,
        expires_at=expires_at,
        now=now,
    )


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove verifications that expired before an instant."""
    return queries.run(
        """
        delete from email_verifications where (environment_id, id) in
          (select environment_id, id from email_verifications
            where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
