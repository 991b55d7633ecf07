"""Change the roles of a membership, and of the invitation that may wait with it."""

from __future__ import annotations

from gatelodge.contract.memberships import OrganizationMembership, UpdateOrganizationMembership
from gatelodge.features.invitations import store
from gatelodge.features.invitations.rules import open_key
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def update_membership(unit: Unit, asked: UpdateOrganizationMembership) -> OrganizationMembership:
    """Give a member other roles, the default one for an empty list; the next refresh carries them.

    The open invitation behind a pending membership shows the role from then on.

    Raises:
        NotFound: This environment has no such membership.
        InvalidRole, MultipleRolesNotEnabled, SubResourceRoleNotAllowed: The roles cannot be given.
    """
    environment_id = unit.actor.environment_id

    def hold(queries: Queries, membership: OrganizationMembership) -> None:
        # Before the membership, as whoever accepts or revokes the invitation holds them.
        if membership.status == "pending":
            store.hold_open(queries, environment_id, _key(membership))

    def follow(queries: Queries, membership: OrganizationMembership) -> None:
        if membership.status == "pending":
            slug = membership.role.slug
            store.change_role(queries, environment_id, _key(membership), role_slug=slug, now=unit.now)

    return memberships.update_membership(unit, asked, first=hold, also=follow)


def _key(membership: OrganizationMembership) -> str:
    return open_key(find_email_form(membership.user.email) or "", membership.organization_id)
