"""SQL on magic auth codes."""

from __future__ import annotations

from gatelodge.features.magic_auth.rules import MagicCode
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, email, code, code_hash, attempts, spent_at, expires_at, created_at, updated_at"


def _code(row: Row) -> MagicCode:
    return MagicCode(**dict(zip(MagicCode.__struct_fields__, row, strict=True)))


def find(queries: Queries, environment_id: str, magic_auth_id: str) -> MagicCode | None:
    """Find a code, also one that is spent, lapsed or expired."""
    row = queries.one(
        f"select {_COLUMNS} from magic_auths where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=magic_auth_id,
    )
    return None if row is None else _code(row)


def find_current(queries: Queries, environment_id: str, user_id: str) -> MagicCode | None:
    """Find the newest code of a user, unless it was voided."""
    row = queries.one(
        f"""
        select {_COLUMNS} from magic_auths
         where environment_id = :environment_id and user_id = :user_id and is_current
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return None if row is None else _code(row)


def insert(queries: Queries, environment_id: str, code: MagicCode) -> None:
    """Store a code as the current one; the one before has lapsed."""
    queries.run(
        """
        insert into magic_auths
          (environment_id, id, user_id, email, code, code_hash, is_current, attempts, expires_at,
           created_at, updated_at)
        values (:environment_id, :id, :user_id, :email, :code, :code_hash, true, 0, :expires_at, :now, :now)
        """,
        environment_id=environment_id,
        id=code.id,
        user_id=code.user_id,
        email=code.email,
        code=code.sealed,
        code_hash=code.code_hash,
        expires_at=code.expires_at,
        now=code.created_at,
    )


def lapse(queries: Queries, environment_id: str, user_id: str, *, now: int) -> None:
    """Make the current code of a user lapse."""
    queries.run(
        """
        update magic_auths
           set is_current = false, updated_at = :now,
               expires_at = case when expires_at > :now then :now else expires_at end
         where environment_id = :environment_id and user_id = :user_id and is_current
        """,
        environment_id=environment_id,
        user_id=user_id,
        now=now,
    )


def charge(queries: Queries, environment_id: str, user_id: str, *, most: int, now: int) -> MagicCode | None:
    """Charge a try to the current code; None when it can take no more."""
    row = queries.one(
        f"""
        update magic_auths set attempts = attempts + 1
         where environment_id = :environment_id and user_id = :user_id and is_current
           and attempts < :most and spent_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        user_id=user_id,
        most=most,
        now=now,
    )
    return None if row is None else _code(row)


def spend(queries: Queries, environment_id: str, code: MagicCode, *, now: int) -> bool:
    """Spend a code that was proved; False when a racer did, or it has lapsed since."""
    spent = queries.run(
        """
        update magic_auths set spent_at = :now, updated_at = :now
         where environment_id = :environment_id and id = :id and code_hash = :code_hash
           and is_current and spent_at is null and expires_at > :now
        """,
        environment_id=environment_id,
        id=code.id,
        code_hash=code.code_hash,
        now=now,
    )
    return spent == 1


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove codes that expired before an instant."""
    return queries.run(
        """
        delete from magic_auths where (environment_id, id) in
          (select environment_id, id from magic_auths
            where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
