"""SQL on authorization codes."""

from __future__ import annotations

from gatelodge.features.authorization.rules import IssuedCode
from gatelodge.kit.database import Queries


def insert(queries: Queries, environment_id: str, code: IssuedCode, *, expires_at: int, now: int) -> None:
    """Store a code."""
    queries.run(
        """
        insert into authorization_codes
          (environment_id, code_hash, client_id, user_id, state, code_challenge,
           created_at, expires_at)
        values (:environment_id, :code_hash, :client_id, :user_id, :state, :code_challenge,
                :now, :expires_at)
        """,
        environment_id=environment_id,
        code_hash=code.code_hash,
        client_id=code.client_id,
        user_id=code.user_id,
        state=code.state,
        code_challenge=code.code_challenge,
        now=now,
        expires_at=expires_at,
    )


def find(queries: Queries, environment_id: str, code_hash: bytes, *, now: int) -> IssuedCode | None:
    """Find a code that is neither spent nor expired."""
    row = queries.one(
        """
        select client_id, user_id, state, code_challenge from authorization_codes
         where environment_id = :environment_id and code_hash = :code_hash and expires_at > :now
        """,
        environment_id=environment_id,
        code_hash=code_hash,
        now=now,
    )
    if row is None:
        return None
    return IssuedCode(code_hash=code_hash, client_id=row[0], user_id=row[1], state=row[2], code_challenge=row[3])


def delete(queries: Queries, environment_id: str, code_hash: bytes) -> bool:
    """Spend a code; False when it is gone already."""
    return (
        queries.run(
            """
            delete from authorization_codes
             where environment_id = :environment_id and code_hash = :code_hash
            """,
            environment_id=environment_id,
            code_hash=code_hash,
        )
        == 1
    )


def delete_of_user(queries: Queries, environment_id: str, user_id: str) -> None:
    """Void every code of a user."""
    queries.run(
        "delete from authorization_codes where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
    )


def sweep(queries: Queries, *, now: int, limit: int) -> int:
    """Remove codes that have expired."""
    return queries.run(
        """
        delete from authorization_codes where (environment_id, code_hash) in
          (select environment_id, code_hash from authorization_codes
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
