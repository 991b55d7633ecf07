"""SQL on e-mail changes: one for each user, the newest."""

from __future__ import annotations

import msgspec

from gatelodge.features.email_change.rules import PendingChange, Undo
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, old_email, new_email, code_hash, password_version, attempts, spent_at, expires_at, created_at"

_UNDO = "token_hash, user_id, old_email, new_email, expires_at, created_at"


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


def insert_undo(queries: Queries, environment_id: str, undo: Undo) -> None:
    """Store what a link to undo a change stands for."""
    queries.run(
        f"""
        insert into email_change_undos (environment_id, {_UNDO})
        values (:environment_id, :token_hash, :user_id, :old_email, :new_email, :expires_at, :created_at)
        """,
        environment_id=environment_id,
        **msgspec.structs.asdict(undo),
    )


def find_undo(queries: Queries, token_hash: bytes, *, now: int) -> tuple[str, Undo] | None:
    """Find what a link stands for, unless it has expired, and before it its environment."""
    row = queries.one(
        f"select environment_id, {_UNDO} from email_change_undos where token_hash = :token_hash and expires_at > :now",
        token_hash=token_hash,
        now=now,
    )
    return None if row is None else (row[0], Undo(**dict(zip(Undo.__struct_fields__, row[1:], strict=True))))


def spend_undo(queries: Queries, environment_id: str, token_hash: bytes, *, now: int) -> bool:
    """Spend a link; False when a racer did."""
    spent = queries.run(
        """
        delete from email_change_undos
         where environment_id = :environment_id and token_hash = :token_hash and expires_at > :now
        """,
        environment_id=environment_id,
        token_hash=token_hash,
        now=now,
    )
    return spent == 1


def delete_undos(queries: Queries, environment_id: str, user_id: str, *, since: int) -> None:
    """Void the links of changes that a user made from an instant on."""
    queries.run(
        """
        delete from email_change_undos
         where environment_id = :environment_id and user_id = :user_id and created_at >= :since
        """,
        environment_id=environment_id,
        user_id=user_id,
        since=since,
    )


def sweep_undos(queries: Queries, *, now: int, limit: int) -> int:
    """Remove links that have expired."""
    return queries.run(
        """
        delete from email_change_undos where (environment_id, token_hash) in
          (select environment_id, token_hash from email_change_undos
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
