"""Create, find, list and change permissions."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from gatelodge.contract.errors import NotFound, PermissionSlugTaken
from gatelodge.contract.paging import Page
from gatelodge.contract.permissions import (
    AuthorizationPermission,
    CreatePermission,
    ListPermissions,
    PermissionOfSlug,
    UpdatePermission,
)
from gatelodge.features.events import actions as events
from gatelodge.features.permissions import store
from gatelodge.features.permissions.rules import StoredPermission, list_changes, render_permission
from gatelodge.kit.database import Queries
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit


def list_permissions(unit: Unit, asked: ListPermissions) -> Page[AuthorizationPermission]:
    """List permissions, newest first."""
    window = open_window(asked, "perm")
    rows = store.list_window(unit.read, unit.actor.environment_id, window)
    return fold_page(
        asked,
        window,
        rows,
        lambda row: render_permission(store.read_permission(row)),
        identify=lambda permission: permission.id,
    )


def get_permission(unit: Unit, asked: PermissionOfSlug) -> AuthorizationPermission:
    """Get a permission by its slug.

    Raises:
        NotFound: This environment has no such permission.
    """
    permission = store.find(unit.read, unit.actor.environment_id, asked.slug)
    if permission is None:
        raise NotFound.of("Permission", asked.slug)
    return render_permission(permission)


def create_permission(unit: Unit, asked: CreatePermission) -> AuthorizationPermission:
    """Create a permission; no role has it yet.

    Raises:
        PermissionSlugTaken: One with this slug exists.
    """
    permission = StoredPermission(
        id=unit.new_id("perm"),
        slug=asked.slug,
        name=asked.name,
        description=None if asked.description is UNSET else asked.description,
        resource_type_slug="organization" if asked.resource_type_slug is UNSET else asked.resource_type_slug,
        created_at=unit.now,
        updated_at=unit.now,
    )

    def write(queries: Queries) -> AuthorizationPermission:
        if not store.insert(queries, unit.actor.environment_id, permission):
            raise PermissionSlugTaken
        shown = render_permission(permission)
        events.record(queries, unit, "permission.created", shown)
        return shown

    return unit.conclude(write)


def update_permission(unit: Unit, asked: UpdatePermission) -> AuthorizationPermission:
    """Change a permission's name or description.

    Raises:
        NotFound: This environment has no such permission.
    """

    def write(queries: Queries) -> AuthorizationPermission:
        held = _hold(queries, unit, asked.slug)
        changes = list_changes(held, name=asked.name, description=asked.description)
        if not changes:
            return render_permission(held)
        changed = msgspec.structs.replace(held, **changes, updated_at=unit.now)
        store.update(queries, unit.actor.environment_id, changed)
        shown = render_permission(changed)
        events.record(queries, unit, "permission.updated", shown)
        return shown

    return unit.conclude(write)


def remove(queries: Queries, unit: Unit, slug: str) -> AuthorizationPermission:
    """Delete a permission within a transaction; its caller has held it and taken it from the roles.

    Raises:
        NotFound: This environment has no such permission.
    """
    permission = _hold(queries, unit, slug)
    store.delete(queries, unit.actor.environment_id, permission.id)
    return render_permission(permission)


def hold_all(queries: Queries, unit: Unit, slugs: Sequence[str]) -> None:
    """Make sure that all of these are permissions, and stay so until the transaction ends.

    Raises:
        NotFound: One of them is not; the first is named.
    """
    known = store.hold_known(queries, unit.actor.environment_id, slugs)
    for slug in slugs:
        if slug not in known:
            raise NotFound.of("Permission", slug)


def _hold(queries: Queries, unit: Unit, slug: str) -> StoredPermission:
    permission = store.hold(queries, unit.actor.environment_id, slug)
    if permission is None:
        raise NotFound.of("Permission", slug)
    return permission
