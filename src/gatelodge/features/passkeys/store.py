"""SQL on passkeys and their challenges."""

from __future__ import annotations

import msgspec

from gatelodge.features.passkeys.rules import Passkey
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, user_id, credential_id, public_key, sign_count, name, last_used_at, barred_at, created_at, updated_at"


def _passkey(row: Row) -> Passkey:
    return Passkey(**dict(zip(Passkey.__struct_fields__, row, strict=True)))


def insert_passkey(queries: Queries, environment_id: str, passkey: Passkey) -> None:
    """Store a passkey."""
    queries.run(
        f"""
        insert into passkeys (environment_id, {_COLUMNS})
        values (:environment_id, :id, :user_id, :credential_id, :public_key, :sign_count, :name,
                :last_used_at, :barred_at, :created_at, :updated_at)
        """,
        environment_id=environment_id,
        **msgspec.structs.asdict(passkey),
    )


def find_by_credential(queries: Queries, environment_id: str, credential_id: bytes) -> Passkey | None:
    """Find the passkey that an authenticator goes by this id."""
    row = queries.one(
        f"select {_COLUMNS} from passkeys where environment_id = :environment_id and credential_id = :credential_id",
        environment_id=environment_id,
        credential_id=credential_id,
    )
    return None if row is None else _passkey(row)


def list_of_user(queries: Queries, environment_id: str, user_id: str) -> list[Passkey]:
    """List the passkeys of a user, oldest first."""
    rows = queries.all(
        f"""
        select {_COLUMNS} from passkeys
         where environment_id = :environment_id and user_id = :user_id
         order by created_at, id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return [_passkey(row) for row in rows]


def use(queries: Queries, environment_id: str, passkey_id: str, *, sign_count: int, now: int) -> bool:
    """Note a use with its count; False when the passkey is gone or barred, or a racer has counted as far."""
    used = queries.run(
        """
        update passkeys set sign_count = :sign_count, last_used_at = :now, updated_at = :now
         where environment_id = :environment_id and id = :id and barred_at is null
           and (sign_count < :sign_count or (sign_count = 0 and :sign_count = 0))
        """,
        environment_id=environment_id,
        id=passkey_id,
        sign_count=sign_count,
        now=now,
    )
    return used == 1


def bar(queries: Queries, environment_id: str, passkey_id: str, *, now: int) -> bool:
    """Bar a passkey; False when it is gone, or barred already."""
    barred = queries.run(
        """
        update passkeys set barred_at = :now, updated_at = :now
         where environment_id = :environment_id and id = :id and barred_at is null
        """,
        environment_id=environment_id,
        id=passkey_id,
        now=now,
    )
    return barred == 1


def rename(queries: Queries, environment_id: str, passkey_id: str, *, user_id: str, name: str, now: int) -> None:
    """Give a passkey of a user another name."""
    queries.run(
        """
        update passkeys set name = :name, updated_at = :now
         where environment_id = :environment_id and id = :id and user_id = :user_id
        """,
        environment_id=environment_id,
        id=passkey_id,
        user_id=user_id,
        name=name,
        now=now,
    )


def delete_passkey(queries: Queries, environment_id: str, passkey_id: str, *, user_id: str) -> bool:
    """Delete a passkey of a user; False when there is none."""
    deleted = queries.run(
        "delete from passkeys where environment_id = :environment_id and id = :id and user_id = :user_id",
        environment_id=environment_id,
        id=passkey_id,
        user_id=user_id,
    )
    return deleted == 1


def delete_of_user(queries: Queries, environment_id: str, user_id: str, *, since: int) -> None:
    """Delete the passkeys of a user that were made from an instant on."""
    queries.run(
        """
        delete from passkeys
         where environment_id = :environment_id and user_id = :user_id and created_at >= :since
        """,
        environment_id=environment_id,
        user_id=user_id,
        since=since,
    )


def insert_challenge(
    queries: Queries, environment_id: str, challenge_hash: bytes, *, holder_hash: bytes, expires_at: int, now: int
) -> None:
    """Store a challenge for whoever it is given to."""
    queries.run(
        """
        insert into passkey_challenges (environment_id, challenge_hash, holder_hash, expires_at, created_at)
        values (:environment_id, :challenge_hash, :holder_hash, :expires_at, :now)
        """,
        environment_id=environment_id,
        challenge_hash=challenge_hash,
        holder_hash=holder_hash,
        expires_at=expires_at,
        now=now,
    )


def drop_oldest_challenges(queries: Queries, environment_id: str, holder_hash: bytes, *, most: int) -> None:
    """Delete all but the newest challenges of a holder."""
    queries.run(
        """
        delete from passkey_challenges
         where environment_id = :environment_id and holder_hash = :holder_hash and challenge_hash not in
          (select challenge_hash from passkey_challenges
            where environment_id = :environment_id and holder_hash = :holder_hash
            order by created_at desc, challenge_hash limit :most)
        """,
        environment_id=environment_id,
        holder_hash=holder_hash,
        most=most,
    )


def spend_challenge(
    queries: Queries, environment_id: str, challenge_hash: bytes, *, holder_hash: bytes, now: int
) -> bool:
    """Delete a challenge that its holder answers in time; False when there is none."""
    spent = queries.run(
        """
        delete from passkey_challenges
         where environment_id = :environment_id and challenge_hash = :challenge_hash
           and holder_hash = :holder_hash and expires_at > :now
        """,
        environment_id=environment_id,
        challenge_hash=challenge_hash,
        holder_hash=holder_hash,
        now=now,
    )
    return spent == 1


def sweep(queries: Queries, *, now: int, limit: int) -> int:
    """Remove challenges that have expired."""
    return queries.run(
        """
        delete from passkey_challenges where (environment_id, challenge_hash) in
          (select environment_id, challenge_hash from passkey_challenges
            where expires_at <= :now limit :limit)
        """,
        now=now,
        limit=limit,
    )
