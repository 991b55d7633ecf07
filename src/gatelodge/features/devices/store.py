"""SQL on device codes."""

from __future__ import annotations

from gatelodge.features.devices.rules import DENIED, WAITING, DeviceCode
from gatelodge.kit.database import Queries, Row

_COLUMNS = "code_hash, client_id, answer, state, polled_at, expires_at"


def _code(row: Row) -> DeviceCode:
    return DeviceCode(
        code_hash=row[0], client_id=row[1], answer=row[2], state=row[3], polled_at=row[4], expires_at=row[5]
    )


def insert(
    queries: Queries,
    environment_id: str,
    code_hash: bytes,
    *,
    user_code_hash: bytes,
    client_id: str,
    expires_at: int,
    now: int,
) -> bool:
    """Store a code; False when the user code is taken by another that is alive."""
    return (
        queries.run(
            """
            insert into device_codes
              (environment_id, code_hash, user_code_hash, client_id, answer, created_at, expires_at)
            values (:environment_id, :code_hash, :user_code_hash, :client_id, :answer, :now,
                    :expires_at)
            on conflict do nothing
            """,
            environment_id=environment_id,
            code_hash=code_hash,
            user_code_hash=user_code_hash,
            client_id=client_id,
            answer=WAITING,
            now=now,
            expires_at=expires_at,
        )
        == 1
    )


def find(queries: Queries, environment_id: str, code_hash: bytes) -> DeviceCode | None:
    """Find a code by the device's secret."""
    row = queries.one(
        f"select {_COLUMNS} from device_codes where environment_id = :environment_id and code_hash = :code_hash",
        environment_id=environment_id,
        code_hash=code_hash,
    )
    return None if row is None else _code(row)


def find_by_user_code(queries: Queries, environment_id: str, user_code_hash: bytes, *, now: int) -> DeviceCode | None:
    """Find a live code by what the user types."""
    row = queries.one(
        f"""
        select {_COLUMNS} from device_codes
         where environment_id = :environment_id and user_code_hash = :user_code_hash
           and expires_at > :now
        """,
        environment_id=environment_id,
        user_code_hash=user_code_hash,
        now=now,
    )
    return None if row is None else _code(row)


def list_environments(queries: Queries, user_code_hash: bytes, *, now: int) -> list[str]:
    """List the environments in which what a user typed is a live code: whoever types it names none."""
    rows = queries.all(
        """
        select environment_id from device_codes
         where user_code_hash = :user_code_hash and expires_at > :now
        """,
        user_code_hash=user_code_hash,
        now=now,
    )
    return [str(row[0]) for row in rows]


def note_poll(queries: Queries, environment_id: str, code_hash: bytes, *, now: int, earliest: int) -> bool:
    """Write down a poll; False when the one before is later than `earliest`."""
    allowed = queries.run(
        """
        update device_codes set polled_at = :now
         where environment_id = :environment_id and code_hash = :code_hash
           and (polled_at is null or polled_at <= :earliest)
        """,
        environment_id=environment_id,
        code_hash=code_hash,
        now=now,
        earliest=earliest,
    )
    return allowed == 1


def answer(
    queries: Queries,
    environment_id: str,
    code_hash: bytes,
    *,
    answer: str,
    user_id: str | None,
    state: str | None,
    now: int,
) -> bool:
    """Confirm or refuse a waiting code; False when it was answered before or has expired."""
    return (
        queries.run(
            """
            update device_codes set answer = :answer, user_id = :user_id, state = :state
             where environment_id = :environment_id and code_hash = :code_hash
               and answer = :waiting and expires_at > :now
            """,
            environment_id=environment_id,
            code_hash=code_hash,
            answer=answer,
            user_id=user_id,
            state=state,
            waiting=WAITING,
            now=now,
        )
        == 1
    )


def delete(queries: Queries, environment_id: str, code_hash: bytes) -> bool:
    """Spend a code; False when it is gone already."""
    return (
        queries.run(
            "delete from device_codes where environment_id = :environment_id and code_hash = :code_hash",
            environment_id=environment_id,
            code_hash=code_hash,
        )
        == 1
    )


def refuse_of_user(queries: Queries, environment_id: str, user_id: str) -> None:
    """Turn the word of a user that was not taken up yet into a refusal."""
    queries.run(
        """
        update device_codes set answer = :denied, user_id = null, state = null
         where environment_id = :environment_id and user_id = :user_id
        """,
        environment_id=environment_id,
        user_id=user_id,
        denied=DENIED,
    )


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove codes that expired before an instant."""
    return queries.run(
        """
        delete from device_codes where (environment_id, code_hash) in
          (select environment_id, code_hash from device_codes
            where expires_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
