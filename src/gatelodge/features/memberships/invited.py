"""What an invitation makes of memberships: pending ones, and active ones once it is accepted."""

from __future__ import annotations

from gatelodge.features.memberships import actions as memberships
from gatelodge.features.memberships import store
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles import actions as roles
from gatelodge.features.roles.rules import Claims
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def create_pending(queries: Queries, unit: Unit, user_id: str, *, organization_id: str, role_slug: str | None) -> None:
    """Mirror an invitation of an existing user, unless the user has a membership there.

    One that an earlier invitation has left behind gets the role of this one.
    """
    organizations.hold_organization(queries, unit, organization_id)
    held = store.hold_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if held is not None and held.status != "pending":
        return
    role = roles.resolve_one(queries, unit, organization_id, role_slug)
    if held is None:
        memberships.insert_membership(queries, unit, user_id, organization_id, given=[role], status="pending")
    elif roles.list_assigned(queries, unit, [held.id])[held.id] != [role.slug]:
        roles.assign(queries, unit, held, [role])
        memberships.change_status(queries, unit, held, "pending")


def foresee(unit: Unit, user_id: str, organization_id: str) -> Claims | None:
    """Tell what an access token will say of a pending member who accepts; None for whoever is none."""
    held = store.find_pair(unit.read, unit.actor.environment_id, user_id, organization_id)
    return roles.claims_of(unit, held) if held is not None and held.status == "pending" else None


def remove_pending(queries: Queries, unit: Unit, user_id: str, organization_id: str) -> None:
    """Remove the mirror of an invitation that was revoked."""
    held = store.hold_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if held is not None and held.status == "pending":
        memberships.remove_membership(queries, unit, held)


def activate_for_invitation(
    queries: Queries, unit: Unit, user_id: str, *, organization_id: str, role_slug: str | None
) -> None:
    """Make whoever accepts an invitation an active member with the invited role.

    An active member keeps its roles, and a pending one those that were given to it while it
    waited. A role that was deleted since the invitation was sent gives way to the default one.

    Raises:
        NotFound: The user or the organization is gone.
    """
    organizations.hold_organization(queries, unit, organization_id)
    held = store.hold_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if held is not None and held.status == "active":
        return
    if held is None:
        role = roles.resolve_one(queries, unit, organization_id, role_slug)
        memberships.insert_membership(queries, unit, user_id, organization_id, given=[role])
        return
    if held.status == "inactive":
        roles.assign(queries, unit, held, [roles.resolve_one(queries, unit, organization_id, role_slug)])
    memberships.change_status(queries, unit, held, "active")
