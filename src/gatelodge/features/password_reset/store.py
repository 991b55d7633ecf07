"""SQL on password resets."""

from __future__ import annotations

from gatelodge.features.password_reset.rules import Reset
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, email, token, token_hash, password_version, spent_at, expires_at, created_at"


def _reset(row: Row) -> Reset:
    return Reset(**dict(zip(Reset.__struct_fields__, row, strict=True)))


def insert(queries: Queries, environment_id: str, reset: Reset) -> None:
    """Store a reset."""
    queries.run(
        """
        insert into password_resets
          (environment_id, id, user_id, email, token, token_hash, password_version, expires_at, created_at)
        values (:environment_id, :id, :user_id, :email, :token, :token_hash, :password_version,
                :expires_at, :created_at)
        """,
        environment_id=environment_id,
        id=reset.id,
        user_id=reset.user_id,
        email=reset.email,
        token=reset.token,
        token_hash=reset.token_hash,
        password_version=reset.password_version,
        expires_at=reset.expires_at,
        created_at=reset.created_at,
    )


def find(queries: Queries, environment_id: str, reset_id: str) -> Reset | None:
    """Find a reset by its id, also one that is spent or expired."""
    row = queries.one(
        f"select {_COLUMNS} from password_resets where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=reset_id,
    )
    return None if row is None else _reset(row)


def find_by_token(queries: Queries, environment_id: str, token_hash: bytes) -> Reset | None:
    """Find a reset by its token, also one that is spent or expired."""
    row = queries.one(
        f"""
        select {_COLUMNS} from password_resets
         where environment_id = :environment_id and token_hash = :token_hash
        """,
        environment_id=environment_id,
        token_hash=token_hash,
    )
    return None if row is None else _reset(row)


def find_environment(queries: Queries, token_hash: bytes) -> str | None:
    """Find the environment of a token: a link in a mail names none."""
    row = queries.one(
        "select environment_id from password_resets where token_hash = :token_hash", token_hash=token_hash
    )
    return None if row is None else str(row[0])


def spend(queries: Queries, environment_id: str, token_hash: bytes, *, now: int) -> Reset | None:
    """Spend a token; None when it is spent already, or has expired."""
    row = queries.one(
        f"""
        update password_resets set spent_at = :now
         where environment_id = :environment_id and token_hash = :token_hash
           and spent_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        now=now,
    )
    return None if row is None else _reset(row)


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove resets that expired before an instant."""
    return queries.run(
        """
        delete from password_resets where (environment_id, id) in
          (select environment_id, id from password_resets
            where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
