"""SQL on signing keys."""

from __future__ import annotations

from gatelodge.features.tokens.rules import SigningKeyRow
from gatelodge.kit.database import Queries

_COLUMNS = "environment_id, id, private_key, certificate, signs_from, published_until, created_at"


def list_keys(queries: Queries, environment_id: str) -> list[SigningKeyRow]:
    """List an environment's keys, oldest first."""
    rows = queries.all(
        f"select {_COLUMNS} from signing_keys where environment_id = :environment_id order by created_at, id",
        environment_id=environment_id,
    )
    return [
        SigningKeyRow(
            environment_id=row[0],
            id=row[1],
            private_key=row[2],
            certificate=row[3],
            signs_from=row[4],
            published_until=row[5],
            created_at=row[6],
        )
        for row in rows
    ]


def insert(queries: Queries, key: SigningKeyRow, *, only_first: bool) -> bool:
    """Store a key; with `only_first`, only where the environment has none yet."""
    guard = "not exists (select 1 from signing_keys where environment_id = :environment_id)" if only_first else "true"
    return (
        queries.run(
            f"""
            insert into signing_keys ({_COLUMNS})
            select cast(:environment_id as text), :id, :private_key, :certificate, :signs_from, null,
                   :created_at
             where {guard}
            """,
            environment_id=key.environment_id,
            id=key.id,
            private_key=key.private_key,
            certificate=key.certificate,
            signs_from=key.signs_from,
            created_at=key.created_at,
        )
        == 1
    )


def retire_others(queries: Queries, environment_id: str, kept_id: str, *, published_until: int) -> None:
    """Set the end of all other keys, unless it is set already."""
    queries.run(
        """
        update signing_keys set published_until = :published_until
         where environment_id = :environment_id and id <> :id and published_until is null
        """,
        environment_id=environment_id,
        id=kept_id,
        published_until=published_until,
    )


def sweep(queries: Queries, *, now: int) -> int:
    """Remove keys whose last token has expired."""
    return queries.run("delete from signing_keys where published_until < :now", now=now)
