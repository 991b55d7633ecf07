"""Values and pure functions of permissions."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.permissions import AuthorizationPermission
from gatelodge.contract.timestamps import write_timestamp


class StoredPermission(msgspec.Struct, frozen=True, kw_only=True):
    """A permission as it is stored; instants in milliseconds."""

    id: str
    slug: str
    name: str
    description: str | None
    resource_type_slug: str
    created_at: int
    updated_at: int


def render_permission(permission: StoredPermission) -> AuthorizationPermission:
    """Write a permission as the wire shows it."""
    return AuthorizationPermission(
        id=permission.id,
        slug=permission.slug,
        name=permission.name,
        description=permission.description,
        resource_type_slug=permission.resource_type_slug,
        created_at=write_timestamp(permission.created_at),
        updated_at=write_timestamp(permission.updated_at),
    )


def list_changes(
    held: msgspec.Struct, *, name: str | UnsetType, description: str | None | UnsetType
) -> dict[str, object]:
    """List what a request changes of a thing's name and description."""
    given = {"name": name, "description": description}
    return {member: value for member, value in given.items() if value not in (UNSET, getattr(held, member))}
