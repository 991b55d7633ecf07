"""SQL on identities."""

from __future__ import annotations

from gatelodge.kit.database import Queries


def list_of_user(queries: Queries, environment_id: str, user_id: str) -> list[tuple[str, str]]:
    """List provider and subject of each identity of a user, oldest first."""
    rows = queries.all(
        """
        select provider, subject from identities
         where environment_id = :environment_id and user_id = :user_id
         order by created_at, id
        """,
        environment_id=environment_id,
        user_id=user_id,
    )
    return [(provider, subject) for provider, subject in rows]
