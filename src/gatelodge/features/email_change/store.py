"""SQL on e-mail changes: one for each user, the newest."""

from __future__ import annotations

from gatelodge.features.email_change.rules import PendingChange
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, old_email, new_email, code_hash, password_version, attempts, spent_at, expires_at, created_at"


def _change(row: Row) -> PendingChange:
    return PendingChange(**dict(zip(PendingChange.__struct_fields__, row, strict=True)))


def find(queries: Queries, environment_id: str, user_id: str) -> PendingChange | None:
    """Find the newest change of a user, unless it was voided."""
    row = queries.one(
        f"select {_COLUMNS} from email_changes where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
    )
    return None if row is None else _change(row)


def put(queries: Queries, environment_id: str, change: PendingChange) -> None:
    """Store a change in place of any other of its user."""
    queries.run(
        """
        insert into email_changes
          (environment_id, user_id, id, old_email, new_email, code_hash, password_version, attempts,
           expires_at, created_at)
        values (:environment_id, :user_id, :id, :old_email, :new_email, :code_hash, :password_version, 0,
                :expires_at, :created_at)
        on conflict (environment_id, user_id) do update
           set id = excluded.id, old_email = excluded.old_email, new_email = excluded.new_email,
               code_hash = excluded.code_hash, password_version = excluded.password_version,
               attempts = 0, spent_at = null, expires_at = excluded.expires_at,
               created_at = excluded.created_at
        """,
        environment_id=environment_id,
        user_id=change.user_id,
        id=change.id,
        old_email=change.old_email,
        new_email=change.new_email,
        code_hash=change.code_hash,
        password_version=change.password_version,
        expires_at=change.expires_at,
        created_at=change.created_at,
    )


def charge(queries: Queries, environment_id: str, user_id: str, *, most: int, now: int) -> PendingChange | None:
    """Charge a try to the change of a user; None when it can take no more."""
    row = queries.one(
        f"""
        update email_changes set attempts = attempts + 1
         where environment_id = :environment_id and user_id = :user_id
           and attempts < :most and spent_at is null and expires_at > :now
        returning {_COLUMNS}
        """,
        environment_id=environment_id,
        user_id=user_id,
        most=most,
        now=now,
    )
    return None if row is None else _change(row)


def spend(queries: Queries, environment_id: str, change: PendingChange, *, now: int) -> bool:
    """Spend the code of a change; False when a racer did, or another change came in its place."""
    spent = queries.run(
        """
        update email_changes set spent_at = :now
         where environment_id = :environment_id and user_id = :user_id and id = :id
           and code_hash = :code_hash and spent_at is null and expires_at > :now
        """,
        environment_id=environment_id,
        user_id=change.user_id,
        id=change.id,
        code_hash=change.code_hash,
        now=now,
    )
    return spent == 1


def delete(queries: Queries, environment_id: str, user_id: str) -> None:
    """Void the change of a user."""
    queries.run(
        "delete from email_changes where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
    )


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove changes that expired before an instant."""
    return queries.run(
        """
        delete from email_changes where (environment_id, user_id) in
          (select environment_id, user_id from email_changes
            where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
