"""SQL on factors and challenges."""

from __future__ import annotations

import msgspec

from gatelodge.features.factors.rules import Challenge, Factor, RecoveryCodes
from gatelodge.kit.database import Queries, Question, Row
from gatelodge.kit.paging import Window

_FACTOR = (
    "id, user_id, type, phone_number, totp_issuer, totp_user, secret, last_step, verified_at, created_at, updated_at"
)
_CHALLENGE = "id, factor_id, code_hash, attempts, verified_at, expires_at, created_at, updated_at"


def read_factor(row: Row) -> Factor:
    """Map a row to a factor."""
    return Factor(
        id=row[0],
        user_id=row[1],
        type=row[2],
        phone_number=row[3],
        totp_issuer=row[4],
        totp_user=row[5],
        secret=row[6],
        last_step=row[7],
        verified_at=row[8],
        created_at=row[9],
        updated_at=row[10],
    )


def _challenge(row: Row) -> Challenge:
    return Challenge(
        id=row[0],
        factor_id=row[1],
        code_hash=row[2],
        attempts=row[3],
        verified_at=row[4],
        expires_at=row[5],
        created_at=row[6],
        updated_at=row[7],
    )


def insert_factor(queries: Queries, environment_id: str, factor: Factor) -> None:
    """Store a factor."""
    queries.run(
        f"""
        insert into factors (environment_id, {_FACTOR})
        values (:environment_id, :id, :user_id, :type, :phone_number, :totp_issuer, :totp_user,
                :secret, :last_step, :verified_at, :created_at, :updated_at)
        """,
        environment_id=environment_id,
        **msgspec.structs.asdict(factor),
    )


def find_factor(queries: Queries, environment_id: str, factor_id: str) -> Factor | None:
    """Find a factor by id."""
    row = queries.one(
        f"select {_FACTOR} from factors where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=factor_id,
    )
    return None if row is None else read_factor(row)


def list_verified(queries: Queries, environment_id: str, user_id: str) -> list[Factor]:
    """List the factors of a user whose first code was right, oldest first."""
    rows = queries.all(
        f"""
        select {_FACTOR} from factors
         where environment_id = :environment_id and user_id = :user_id and verified_at is not null
         order by created_at, id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return [read_factor(row) for row in rows]


def ask_for_verified(environment_id: str, user_id: str) -> Question:
    """Ask whether a user has any factor whose first code was right, together with whatever else is asked."""
    return Question(
        """
        select id from factors
         where environment_id = :environment_id and user_id = :user_id and verified_at is not null limit 1
        """,
        1,
        {"environment_id": environment_id, "user_id": user_id},
    )


def list_window(queries: Queries, environment_id: str, user_id: str, window: Window) -> list[Row]:
    """List the rows of a page of a user's factors."""
    return queries.all(
        f"select {_FACTOR} from factors where environment_id = :environment_id and user_id = :user_id"
        + window.clause(),
        environment_id=environment_id,
        user_id=user_id,
        **window.bind(),
    )


def delete_factor(queries: Queries, environment_id: str, factor_id: str) -> Factor | None:
    """Delete a factor with its challenges, and give it as it was; None when it is gone."""
    row = queries.one(
        f"delete from factors where environment_id = :environment_id and id = :id returning {_FACTOR}",
        environment_id=environment_id,
        id=factor_id,
    )
    return None if row is None else read_factor(row)


def delete_factors_of_user(queries: Queries, environment_id: str, user_id: str, *, since: int) -> None:
    """Delete the factors of a user that were made from an instant on, and with them their challenges."""
    queries.run(
        """
        delete from factors
         where environment_id = :environment_id and user_id = :user_id and created_at >= :since
        """,
        environment_id=environment_id,
        user_id=user_id,
        since=since,
    )


def accept_step(queries: Queries, environment_id: str, factor_id: str, *, step: int | None, now: int) -> bool:
    """Keep the step of a factor's right code; False when it was used before.

    `step` is None for a factor without steps.
    """
    return (
        queries.run(
            """
            update factors
               set last_step = coalesce(:step, last_step), updated_at = :now
             where environment_id = :environment_id and id = :id
               and (last_step is null or coalesce(:step, last_step + 1) > last_step)
            """,
            environment_id=environment_id,
            id=factor_id,
            step=step,
            now=now,
        )
        == 1
    )


def confirm_factor(queries: Queries, environment_id: str, factor_id: str, *, now: int) -> bool:
    """Mark a factor as enrolled; False when it was before."""
    return (
        queries.run(
            """
            update factors set verified_at = :now
             where environment_id = :environment_id and id = :id and verified_at is null
            """,
            environment_id=environment_id,
            id=factor_id,
            now=now,
        )
        == 1
    )


def insert_challenge(queries: Queries, environment_id: str, challenge: Challenge) -> None:
    """Store a challenge."""
    queries.run(
        f"""
        insert into challenges (environment_id, {_CHALLENGE})
        values (:environment_id, :id, :factor_id, :code_hash, :attempts, :verified_at,
                :expires_at, :created_at, :updated_at)
        """,
        environment_id=environment_id,
        **msgspec.structs.asdict(challenge),
    )


def find_challenge(queries: Queries, environment_id: str, challenge_id: str) -> Challenge | None:
    """Find a challenge by id."""
    row = queries.one(
        f"select {_CHALLENGE} from challenges where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=challenge_id,
    )
    return None if row is None else _challenge(row)


def charge_attempt(queries: Queries, environment_id: str, challenge_id: str, *, most: int) -> bool:
    """Charge a try; False when all of them are used up."""
    return (
        queries.run(
            """
            update challenges set attempts = attempts + 1
             where environment_id = :environment_id and id = :id and attempts < :most
            """,
            environment_id=environment_id,
            id=challenge_id,
            most=most,
        )
        == 1
    )


def verify_challenge(queries: Queries, environment_id: str, challenge_id: str, *, now: int) -> Challenge | None:
    """Mark a challenge as answered; None when it was answered before."""
    row = queries.one(
        f"""
        update challenges set verified_at = :now, updated_at = :now
         where environment_id = :environment_id and id = :id and verified_at is null
        returning {_CHALLENGE}
        """,
        environment_id=environment_id,
        id=challenge_id,
        now=now,
    )
    return None if row is None else _challenge(row)


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove challenges that expired before an instant."""
    return queries.run(
        """
        delete from challenges where (environment_id, id) in
          (select environment_id, id from challenges where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )


def insert_recovery_code(queries: Queries, environment_id: str, user_id: str, *, code_hash: bytes, now: int) -> None:
    """Store the hash of a recovery code."""
    queries.run(
        """
        insert into recovery_codes (environment_id, code_hash, user_id, created_at)
        values (:environment_id, :code_hash, :user_id, :now)
        """,
        environment_id=environment_id,
        code_hash=code_hash,
        user_id=user_id,
        now=now,
    )


def find_recovery_code(queries: Queries, environment_id: str, user_id: str, *, code_hash: bytes) -> bool | None:
    """Tell whether a recovery code of a user is spent; None when it is none of theirs."""
    row = queries.one(
        """
        select spent_at from recovery_codes
         where environment_id = :environment_id and code_hash = :code_hash and user_id = :user_id
        """,
        environment_id=environment_id,
        code_hash=code_hash,
        user_id=user_id,
    )
    return None if row is None else row[0] is not None


def spend_recovery_code(queries: Queries, environment_id: str, user_id: str, *, code_hash: bytes, now: int) -> bool:
    """Spend a recovery code; False when a racer did, or it is gone."""
    spent = queries.run(
        """
        update recovery_codes set spent_at = :now
         where environment_id = :environment_id and code_hash = :code_hash and user_id = :user_id
           and spent_at is null
        """,
        environment_id=environment_id,
        code_hash=code_hash,
        user_id=user_id,
        now=now,
    )
    return spent == 1


def count_recovery_codes(queries: Queries, environment_id: str, user_id: str) -> RecoveryCodes:
    """Count the recovery codes of a user that are not spent, and tell when they were made."""
    row = queries.one(
        """
        select count(*) - count(spent_at), max(created_at) from recovery_codes
         where environment_id = :environment_id and user_id = :user_id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return RecoveryCodes(left=0, made_at=None) if row is None else RecoveryCodes(left=row[0], made_at=row[1])


def delete_recovery_codes(queries: Queries, environment_id: str, user_id: str, *, since: int = 0) -> None:
    """Void the recovery codes of a user that were made from an instant on."""
    queries.run(
        """
        delete from recovery_codes
         where environment_id = :environment_id and user_id = :user_id and created_at >= :since
        """,
        environment_id=environment_id,
        user_id=user_id,
        since=since,
    )
