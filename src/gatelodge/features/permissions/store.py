"""SQL on permissions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatelodge.features.permissions.rules import StoredPermission
from gatelodge.kit.choices import MOST_CHOICES, write_choices
from gatelodge.kit.database import Queries, Row
from gatelodge.kit.paging import Window

_COLUMNS = "id, slug, name, description, resource_type_slug, created_at, updated_at"


def read_permission(row: Row) -> StoredPermission:
    """Map a row to a permission."""
    return StoredPermission(
        id=row[0],
        slug=row[1],
        name=row[2],
        description=row[3],
        resource_type_slug=row[4],
        created_at=row[5],
        updated_at=row[6],
    )


def list_window(queries: Queries, environment_id: str, window: Window) -> list[Row]:
    """List the rows of a page of permissions."""
    return queries.all(
        f"select {_COLUMNS} from permissions where environment_id = :environment_id" + window.clause(),
        environment_id=environment_id,
        **window.bind(),
    )


def find(queries: Queries, environment_id: str, slug: str) -> StoredPermission | None:
    """Find a permission by its slug."""
    row = queries.one(
        f"select {_COLUMNS} from permissions where environment_id = :environment_id and slug = :slug",
        environment_id=environment_id,
        slug=slug,
    )
    return None if row is None else read_permission(row)


def hold(queries: Queries, environment_id: str, slug: str) -> StoredPermission | None:
    """Find a permission and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update permissions set updated_at = updated_at
         where environment_id = :environment_id and slug = :slug returning {_COLUMNS}
        """,
        environment_id=environment_id,
        slug=slug,
    )
    return None if row is None else read_permission(row)


def insert(queries: Queries, environment_id: str, permission: StoredPermission) -> bool:
    """Store a permission; False when the slug is taken."""
    return (
        queries.run(
            f"""
            insert into permissions (environment_id, {_COLUMNS})
            values (:environment_id, :id, :slug, :name, :description, :resource_type_slug,
                    :created_at, :updated_at)
            on conflict do nothing
            """,
            environment_id=environment_id,
            **msgspec.structs.asdict(permission),
        )
        == 1
    )


def update(queries: Queries, environment_id: str, permission: StoredPermission) -> None:
    """Write what may change of a permission."""
    queries.run(
        """
        update permissions set name = :name, description = :description, updated_at = :updated_at
         where environment_id = :environment_id and id = :id
        """,
        environment_id=environment_id,
        id=permission.id,
        name=permission.name,
        description=permission.description,
        updated_at=permission.updated_at,
    )


def delete(queries: Queries, environment_id: str, permission_id: str) -> bool:
    """Delete a permission and take it from every role; False when it is gone."""
    return (
        queries.run(
            "delete from permissions where environment_id = :environment_id and id = :id",
            environment_id=environment_id,
            id=permission_id,
        )
        == 1
    )


def hold_known(queries: Queries, environment_id: str, slugs: Sequence[str]) -> set[str]:
    """List which of these slugs are permissions, and hold their rows until the transaction ends."""
    known: set[str] = set()
    for start in range(0, len(slugs), MOST_CHOICES):
        choices, parameters = write_choices("slug", slugs[start : start + MOST_CHOICES])
        rows = queries.all(
            f"""
            update permissions set updated_at = updated_at
             where environment_id = :environment_id and slug in {choices} returning slug
            """,
            environment_id=environment_id,
            **parameters,
        )
        known.update(row[0] for row in rows)
    return known
