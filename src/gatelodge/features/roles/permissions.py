"""Delete a permission: the roles let go of it first."""

from __future__ import annotations

from gatelodge.contract.operation import Nothing
from gatelodge.contract.permissions import PermissionOfSlug
from gatelodge.features.events import actions as events
from gatelodge.features.permissions import actions as permissions
from gatelodge.features.roles import store
from gatelodge.features.roles.actions import remove_permission
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def delete_permission(unit: Unit, asked: PermissionOfSlug) -> Nothing:
    """Delete a permission, after taking it from every role that has it.

    Raises:
        NotFound: This environment has no such permission.
    """

    def write(queries: Queries) -> Nothing:
        # Held first, so that no role can get it while the others let go of it.
        permissions.hold_all(queries, unit, [asked.slug])
        for scope, slug in store.list_holding(queries, unit.actor.environment_id, asked.slug):
            remove_permission(queries, unit, scope, slug=slug, permission=asked.slug)
        gone = permissions.remove(queries, unit, asked.slug)
        events.record(queries, unit, "permission.deleted", gone)
        return Nothing()

    return unit.conclude(write)
