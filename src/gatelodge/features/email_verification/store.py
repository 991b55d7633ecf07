"""SQL on e-mail verifications."""

from __future__ import annotations

from gatelodge.features.email_verification.rules import Verification
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, email, code, code_hash, attempts, spent_at, expires_at, created_at, updated_at"


def _verification(row: Row) -> Verification:
    return Verification(**dict(zip(Verification.__struct_fields__, row, strict=True)))


def find(queries: Queries, environment_id: str, verification_id: str) -> Verification | None:
    """Find a verification, also one that is spent, lapsed or expired."""
    row = queries.one(
        f"select {_COLUMNS} from email_verifications where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=verification_id,
    )
    return None if row is None else _verification(row)


def find_current(queries: Queries, environment_id: str, user_id: str) -> Verification | None:
    """Find the newest verification of a user, unless it was voided."""
    row = queries.one(
        f"""
        select {_COLUMNS} from email_verifications
         where environment_id = :environment_id and user_id = :user_id and is_current
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return None if row is None else _verification(row)


def insert(queries: Queries, environment_id: str, verification: Verification) -> None:
    """Store a verification as the current one; the one before has lapsed."""
    queries.run(
        """
        insert into email_verifications
          (environment_id, id, user_id, email, code, code_hash, is_current, attempts, expires_at,
           created_at, updated_at)
        values (:environment_id, :id, :user_id, :email, :code, :code_hash, true, 0, :expires_at, :now, :now)
        """,
        environment_id=environment_id,
        id=verification.id,
        user_id=verification.user_id,
        email=verification.email,
        code=verification.code,
        code_hash=verification.code_hash,
        expires_at=verification.expires_at,
        now=verification.created_at,
    )


def lapse(queries: Queries, environment_id: str, user_id: str, *, now: int) -> None:
    """Make the current verification of a user lapse."""
    queries.run(
        """
        update email_verifications
           set is_current = false, updated_at = :now,
               expires_at = case when expires_at > :now then :now else expires_at end
         where environment_id = :environment_id and user_id = :user_id and is_current
        """,
        environment_id=environment_id,
        user_id=user_id,
        now=now,
    )


def charge(queries: Queries, environment_id: str, user_id: str, *, most: int, now: int) -> Verification | None:
    """Charge a try to the current verification; None when it can take no more."""
    row = queries.one(
        f"""
        update email_verifications set attempts = attempts + 1
         where environment_id = :environment_id and user_id = :user_id and is_current
           and attempts < :most and spent_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        user_id=user_id,
        most=most,
        now=now,
    )
    return None if row is None else _verification(row)


def spend(queries: Queries, environment_id: str, verification: Verification, *, now: int) -> bool:
    """Spend a code that was proved; False when a racer did, or it has lapsed since."""
    spent = queries.run(
        """
        update email_verifications set spent_at = :now, updated_at = :now
         where environment_id = :environment_id and id = :id and code_hash = :code_hash
           and is_current and spent_at is null and expires_at > :now
        """,
        environment_id=environment_id,
        id=verification.id,
        code_hash=verification.code_hash,
        now=now,
    )
    return spent == 1


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
