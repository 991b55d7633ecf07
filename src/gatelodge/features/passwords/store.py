"""SQL on password hashes."""

from __future__ import annotations

from gatelodge.kit.database import Queries, Queued


def find(queries: Queries, environment_id: str, user_id: str) -> str | None:
    """Find the stored hash of a user."""
    row = queries.one(
        """
        select password_hash from passwords
         where environment_id = :environment_id and user_id = :user_id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return None if row is None else row[0]


def ask_with_decoy(queries: Queries, environment_id: str, user_id: str, *, place: bytes) -> Queued:
    """Ask for the stored hash of a user with its version, and for the hash of another at the next place, all around.

    One statement for both, so that it takes as long whether or not there is the first.
    """
    return queries.queue(
        """
        select found.password_hash, found.version, found.distance from (
          select password_hash, version, 0 as distance from passwords
           where environment_id = :environment_id and user_id = :user_id
          union all
          select password_hash, version, 1 as distance from
            (select password_hash, version from passwords
              where environment_id = :environment_id and decoy_place >= :place
              order by decoy_place limit 1) as following
          union all
          select password_hash, version, 2 as distance from
            (select password_hash, version from passwords
              where environment_id = :environment_id order by decoy_place limit 1) as foremost
        ) as found order by found.distance
        """,
        environment_id=environment_id,
        user_id=user_id,
        place=place,
    )


def read_with_decoy(answer: Queued) -> tuple[tuple[str, str] | None, str | None]:
    """Read the answer to `ask_with_decoy`."""
    rows = answer.all()
    stored = next(((row[0], row[1]) for row in rows if row[2] == 0), None)
    return stored, next((row[0] for row in rows if row[2] > 0), None)


def find_version(queries: Queries, environment_id: str, user_id: str) -> str | None:
    """Find which password a user has, by the name it was given when it was set."""
    row = queries.one(
        "select version from passwords where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
    )
    return None if row is None else row[0]


def require_version(queries: Queries, environment_id: str, user_id: str, version: str) -> None:
    """Let the transaction stand only if a user has the password of this name."""
    queries.require(
        """
        select 1 from passwords
         where environment_id = :environment_id and user_id = :user_id and version = :version
        """,
        environment_id=environment_id,
        user_id=user_id,
        version=version,
    )


def put(
    queries: Queries,
    environment_id: str,
    user_id: str,
    *,
    password_hash: str,
    version: str,
    decoy_place: bytes,
    now: int,
) -> None:
    """Store the hash of a user in place of any other."""
    queries.run(
        """
        insert into passwords (environment_id, user_id, password_hash, version, decoy_place, updated_at)
        values (:environment_id, :user_id, :password_hash, :version, :decoy_place, :now)
        on conflict (environment_id, user_id) do update
           set password_hash = excluded.password_hash, version = excluded.version,
               updated_at = excluded.updated_at
        """,
        environment_id=environment_id,
        user_id=user_id,
        password_hash=password_hash,
        version=version,
        decoy_place=decoy_place,
        now=now,
    )


def delete(queries: Queries, environment_id: str, user_id: str) -> None:
    """Remove the hash of a user."""
    queries.run(
        "delete from passwords where environment_id = :environment_id and user_id = :user_id",
        environment_id=environment_id,
        user_id=user_id,
    )


def replace(queries: Queries, environment_id: str, user_id: str, *, old: str, new: str, now: int) -> bool:
    """Replace one known hash by another of the same password, unless it has changed meanwhile."""
    return (
        queries.run(
            """
            update passwords set password_hash = :new, updated_at = :now
             where environment_id = :environment_id and user_id = :user_id
               and password_hash = :old
            """,
            environment_id=environment_id,
            user_id=user_id,
            old=old,
            new=new,
            now=now,
        )
        == 1
    )
