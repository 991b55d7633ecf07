"""SQL on users."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatelodge.contract.timestamps import write_optional, write_timestamp
from gatelodge.contract.users import User
from gatelodge.kit.choices import write_choices
from gatelodge.kit.database import Queries, Question, Queued, Row
from gatelodge.kit.paging import Window

COLUMNS = (
    "id, email, email_verified, first_name, last_name, name, profile_picture_url,"
    " external_id, metadata, last_sign_in_at, locale, created_at, updated_at"
)


def read_user(row: Row) -> User:
    """Map a row of `COLUMNS` to the user of the wire."""
    return User(
        id=row[0],
        email=row[1],
        email_verified=bool(row[2]),
        first_name=row[3],
        last_name=row[4],
        name=row[5],
        profile_picture_url=row[6],
        external_id=row[7],
        metadata={} if row[8] == "{}" else msgspec.json.decode(row[8]),
        last_sign_in_at=write_optional(row[9]),
        locale=row[10],
        created_at=write_timestamp(row[11]),
        updated_at=write_timestamp(row[12]),
    )


_WIDTH = COLUMNS.count(",") + 1
_FIND = f"select {COLUMNS} from users where environment_id = :environment_id and "


def find(queries: Queries, environment_id: str, user_id: str) -> User | None:
    """Find a user by id."""
    row = queries.one(_FIND + "id = :id", environment_id=environment_id, id=user_id)
    return None if row is None else read_user(row)


def ask_for_chosen(environment_id: str, choice: Question) -> Question:
    """Ask for the user whose id another question gives; `read_user` reads the answer."""
    parameters = {**choice.parameters, "environment_id": environment_id}
    return Question(f"{_FIND}id = ({choice.select})", _WIDTH, parameters)


def find_by_external_id(queries: Queries, environment_id: str, external_id: str) -> User | None:
    """Find a user by the caller's own identifier."""
    row = queries.one(
        _FIND + "external_id = :external_id",
        environment_id=environment_id,
        external_id=external_id,
    )
    return None if row is None else read_user(row)


def find_by_email(queries: Queries, environment_id: str, email_normalized: str) -> User | None:
    """Find a user by the normalized form of an address."""
    row = queries.one(
        _FIND + "email_normalized = :email_normalized",
        environment_id=environment_id,
        email_normalized=email_normalized,
    )
    return None if row is None else read_user(row)


def list_by_ids(queries: Queries, environment_id: str, user_ids: Sequence[str]) -> list[User]:
    """List up to a hundred users by their ids, in no order; those that are gone are left out."""
    choices, parameters = write_choices("id", user_ids)
    rows = queries.all(_FIND + f"id in {choices}", environment_id=environment_id, **parameters)
    return [read_user(row) for row in rows]


def list_window(queries: Queries, environment_id: str, window: Window, *, email_normalized: str | None) -> list[Row]:
    """List the rows of a page, of all users or of one address."""
    by_email = " and email_normalized = :email_normalized" if email_normalized is not None else ""
    return queries.all(
        _FIND + "true" + by_email + window.clause(),
        environment_id=environment_id,
        email_normalized=email_normalized,
        **window.bind(),
    )


def insert(queries: Queries, environment_id: str, user: User, *, email_normalized: str, now: int) -> bool:
    """Store a user; False when the address or the external id is taken."""
    inserted = queries.run(
        """
        insert into users
          (environment_id, id, email, email_normalized, email_verified, first_name, last_name,
           name, profile_picture_url, external_id, metadata, locale, created_at, updated_at)
        values
          (:environment_id, :id, :email, :email_normalized, :email_verified, :first_name,
           :last_name, :name, :profile_picture_url, :external_id, :metadata, :locale, :now, :now)
        on conflict do nothing
        """,
        environment_id=environment_id,
        id=user.id,
        email=user.email,
        email_normalized=email_normalized,
        email_verified=user.email_verified,
        first_name=user.first_name,
        last_name=user.last_name,
        name=user.name,
        profile_picture_url=user.profile_picture_url,
        external_id=user.external_id,
        metadata=msgspec.json.encode(user.metadata).decode(),
        locale=user.locale,
        now=now,
    )
    return inserted == 1


def lock(queries: Queries, environment_id: str, user_id: str) -> User | None:
    """Find a user and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update users set updated_at = updated_at
         where environment_id = :environment_id and id = :id returning {COLUMNS}
        """,
        environment_id=environment_id,
        id=user_id,
    )
    return None if row is None else read_user(row)


def has_other_with_email(queries: Queries, environment_id: str, user_id: str, email_normalized: str) -> bool:
    """Tell whether another user has the address."""
    row = queries.one(
        """
        select 1 from users where environment_id = :environment_id
           and email_normalized = :email_normalized and id <> :id
        """,
        environment_id=environment_id,
        email_normalized=email_normalized,
        id=user_id,
    )
    return row is not None


def update(queries: Queries, environment_id: str, user: User, *, email_normalized: str, now: int) -> User:
    """Write all that may change of a user whose row is held."""
    row = queries.one(
        f"""
        update users
           set email = :email, email_normalized = :email_normalized,
               email_verified = :email_verified, first_name = :first_name,
               last_name = :last_name, name = :name, external_id = :external_id,
               metadata = :metadata, locale = :locale, updated_at = :now
         where environment_id = :environment_id and id = :id
        returning {COLUMNS}
        """,
        environment_id=environment_id,
        id=user.id,
        email=user.email,
        email_normalized=email_normalized,
        email_verified=user.email_verified,
        first_name=user.first_name,
        last_name=user.last_name,
        name=user.name,
        external_id=user.external_id,
        metadata=msgspec.json.encode(user.metadata).decode(),
        locale=user.locale,
        now=now,
    )
    assert row is not None, "the row is held by this transaction"  # noqa: S101  # narrows the type
    return read_user(row)


def verify(queries: Queries, environment_id: str, user_id: str, *, now: int) -> User | None:
    """Mark the address of a user as proved; None when it was before, or there is no such user."""
    row = queries.one(
        f"""
        update users set email_verified = true, updated_at = :now
         where environment_id = :environment_id and id = :id and not email_verified
        returning {COLUMNS}
        """,
        environment_id=environment_id,
        id=user_id,
        now=now,
    )
    return None if row is None else read_user(row)


def stamp_sign_in(queries: Queries, environment_id: str, user_id: str, now: int) -> Queued:
    """Write down the last sign-in, which is no change of the user, and hold its row; `read_user` reads the answer."""
    return queries.queue(
        f"""
        update users set last_sign_in_at = :now
         where environment_id = :environment_id and id = :id returning {COLUMNS}
        """,
        environment_id=environment_id,
        id=user_id,
        now=now,
    )


def delete(queries: Queries, environment_id: str, user_id: str) -> bool:
    """Delete a user and, by its foreign keys, all that hangs on it."""
    return (
        queries.run(
            "delete from users where environment_id = :environment_id and id = :id",
            environment_id=environment_id,
            id=user_id,
        )
        == 1
    )
