"""Shut members out for a while, and let them in again."""

from __future__ import annotations

from gatelodge.contract.errors import CannotDeactivatePending, CannotReactivatePending
from gatelodge.contract.memberships import MembershipId, OrganizationMembership
from gatelodge.features.memberships.actions import change_status, end_sessions, hold, show
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def deactivate_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Suspend a member and end the sessions bound to the organization; once more changes nothing.

    Raises:
        NotFound: This environment has no such membership.
        CannotDeactivatePending: An invitation is waiting.
    """

    def write(queries: Queries) -> OrganizationMembership:
        held = hold(queries, unit, asked.organization_membership_id)
        if held.status == "pending":
            raise CannotDeactivatePending
        if held.status == "active":
            held = change_status(queries, unit, held, "inactive")
            end_sessions(queries, unit, held)
        return show(queries, unit, held)

    return unit.conclude(write)


def reactivate_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Let a suspended member in again, with the roles it had; once more changes nothing.

    Raises:
        NotFound: This environment has no such membership.
        CannotReactivatePending: An invitation is waiting.
    """

    def write(queries: Queries) -> OrganizationMembership:
        held = hold(queries, unit, asked.organization_membership_id)
        if held.status == "pending":
            raise CannotReactivatePending
        if held.status == "inactive":
            held = change_status(queries, unit, held, "active")
        return show(queries, unit, held)

    return unit.conclude(write)
