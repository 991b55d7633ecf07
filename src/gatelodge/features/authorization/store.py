"""SQL on authorization requests and codes."""

from __future__ import annotations

from gatelodge.features.authorization.rules import IssuedCode
from gatelodge.kit.database import Queries, Row


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


def insert_request(
    queries: Queries,
    environment_id: str,
    token_hash: bytes,
    *,
    client_id: str,
    asked: bytes,
    flow: bytes,
    expires_at: int,
    now: int,
) -> None:
    """Store a request, sealed."""
    queries.run(
        """
        insert into authorization_requests
          (environment_id, token_hash, client_id, asked, flow, created_at, expires_at)
        values (:environment_id, :token_hash, :client_id, :asked, :flow, :now, :expires_at)
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        client_id=client_id,
        asked=asked,
        flow=flow,
        now=now,
        expires_at=expires_at,
    )


def find_request(queries: Queries, token_hash: bytes, *, now: int) -> Row | None:
    """Find the environment, the sealed parts and the age of a live request: a cookie names no environment."""
    return queries.one(
        """
        select environment_id, asked, flow, created_at from authorization_requests
         where token_hash = :token_hash and expires_at > :now
        """,
        token_hash=token_hash,
        now=now,
    )


def update_flow(queries: Queries, environment_id: str, token_hash: bytes, *, flow: bytes) -> None:
    """Store how far a browser has come."""
    queries.run(
        """
        update authorization_requests set flow = :flow
         where environment_id = :environment_id and token_hash = :token_hash
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        flow=flow,
    )


def delete_request(queries: Queries, environment_id: str, token_hash: bytes) -> bool:
    """Spend a request; False when it is gone already."""
    return (
        queries.run(
            """
            delete from authorization_requests
             where environment_id = :environment_id and token_hash = :token_hash
            """,
            environment_id=environment_id,
            token_hash=token_hash,
        )
        == 1
    )


def sweep_requests(queries: Queries, *, now: int, limit: int) -> int:
    """Remove requests that have expired."""
    return queries.run(
        """
        delete from authorization_requests where (environment_id, token_hash) in
          (select environment_id, token_hash from authorization_requests
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
