"""Create, find, list, change and end memberships."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import structs

from gatelodge.contract.errors import (
    CannotDeactivatePending,
    CannotReactivatePending,
    MembershipExists,
    MembershipFilterMissing,
    NotFound,
    OrganizationMembershipNotFound,
)
from gatelodge.contract.memberships import (
    CreateOrganizationMembership,
    ListOrganizationMemberships,
    MembershipId,
    MembershipStatus,
    OrganizationMembership,
    UpdateOrganizationMembership,
)
from gatelodge.contract.operation import Nothing
from gatelodge.contract.organizations import OrganizationId
from gatelodge.contract.paging import Page
from gatelodge.contract.users import ListUsers, User, UserId
from gatelodge.features.events import actions as events
from gatelodge.features.memberships import store
from gatelodge.features.memberships.rules import Membership, claims_of, describe, list_slugs, render
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles import actions as roles
from gatelodge.features.roles.rules import Claims, StoredRole
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit

_BATCH = 500


def create_membership(unit: Unit, asked: CreateOrganizationMembership) -> OrganizationMembership:
    """Make a user an active member; an inactive membership is activated with the roles given.

    Raises:
        NotFound: The user or the organization is unknown.
        InvalidRole, MultipleRolesNotEnabled: The roles cannot be given.
        MembershipExists: The user is an active member.
        CannotReactivatePending: An invitation is waiting.
    """
    users.get_user(unit, UserId(user_id=asked.user_id))
    if organizations.find_organization(unit, asked.organization_id) is None:
        raise NotFound.of("Organization", asked.organization_id)
    slugs = list_slugs(asked.role_slug, asked.role_slugs) or []
    given = roles.resolve(unit, asked.organization_id, slugs)

    def write(queries: Queries) -> OrganizationMembership:
        organizations.hold_organization(queries, unit, asked.organization_id)
        if not users.hold_user(queries, unit, asked.user_id):
            raise NotFound.of("User", asked.user_id)
        existing = store.find_pair(queries, unit.actor.environment_id, asked.user_id, asked.organization_id)
        if existing is None:
            return show(queries, unit, _insert(queries, unit, asked.user_id, asked.organization_id, given=given))
        if existing.status == "active":
            raise MembershipExists
        if existing.status == "pending":
            raise CannotReactivatePending
        store.set_roles(queries, unit.actor.environment_id, existing, [role.id for role in given])
        return show(queries, unit, _change_status(queries, unit, existing, "active"))

    return unit.conclude(write)


def _insert(
    queries: Queries,
    unit: Unit,
    user_id: str,
    organization_id: str,
    *,
    given: Sequence[StoredRole],
    status: MembershipStatus = "active",
) -> Membership:
    membership = Membership(
        id=unit.new_id("om"),
        user_id=user_id,
        organization_id=organization_id,
        status=status,
        directory_managed=False,
        custom_attributes={},
        created_at=unit.now,
        updated_at=unit.now,
    )
    if not store.insert(queries, unit.actor.environment_id, membership):
        raise MembershipExists
    store.set_roles(queries, unit.actor.environment_id, membership, [role.id for role in given])
    _record(queries, unit, "created", membership)
    return membership


def _change_status(queries: Queries, unit: Unit, membership: Membership, status: MembershipStatus) -> Membership:
    store.set_status(queries, unit.actor.environment_id, membership.id, status=status, now=unit.now)
    changed = structs.replace(membership, status=status, updated_at=unit.now)
    _record(queries, unit, "updated", changed)
    return changed


def _record(queries: Queries, unit: Unit, verb: str, membership: Membership) -> None:
    events.record(
        queries,
        unit,
        f"organization_membership.{verb}",
        describe(membership, _roles_of(queries, unit, membership)),
        organization_id=membership.organization_id,
    )


def _roles_of(queries: Queries, unit: Unit, membership: Membership) -> list[StoredRole]:
    assigned = store.list_role_ids(queries, unit.actor.environment_id, membership.id)
    return roles.choose_by_id(queries, unit, membership.organization_id, assigned)


def show(queries: Queries, unit: Unit, membership: Membership) -> OrganizationMembership:
    """Write a membership as the wire shows it, with its user, roles and organization."""
    return _show_all(queries, unit, [membership])[0]


def _show_all(queries: Queries, unit: Unit, found: Sequence[Membership]) -> list[OrganizationMembership]:
    names = organizations.name_organizations(queries, unit, [each.organization_id for each in found])
    people: dict[str, User] = users.find_users(queries, unit, [each.user_id for each in found])
    return [
        render(
            each,
            roles=_roles_of(queries, unit, each),
            user=people[each.user_id],
            organization_name=names.get(each.organization_id, ""),
        )
        for each in found
        if each.user_id in people
    ]


def get_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Get a membership.

    Raises:
        NotFound: This environment has no such membership.
    """
    found = store.find(unit.read, unit.actor.environment_id, asked.organization_membership_id)
    shown = _show_all(unit.read, unit, [found]) if found else []
    if not shown:
        raise NotFound.of("Organization membership", asked.organization_membership_id)
    return shown[0]


def list_memberships(unit: Unit, asked: ListOrganizationMemberships) -> Page[OrganizationMembership]:
    """List memberships of a user or of an organization, newest first; active ones unless told.

    Raises:
        MembershipFilterMissing: Neither is named.
    """
    if not asked.user_id and not asked.organization_id:
        raise MembershipFilterMissing
    window = open_window(asked, "om")
    rows = store.list_window(
        unit.read,
        unit.actor.environment_id,
        window,
        user_id=asked.user_id or None,
        organization_id=asked.organization_id or None,
        statuses=asked.statuses or ["active"],
    )
    page = fold_page(asked, window, rows, store.read_membership, identify=lambda membership: membership.id)
    return Page(data=_show_all(unit.read, unit, page.data), list_metadata=page.list_metadata)


def _hold(queries: Queries, unit: Unit, membership_id: str) -> Membership:
    held = store.hold(queries, unit.actor.environment_id, membership_id)
    if held is None:
        raise NotFound.of("Organization membership", membership_id)
    return held


def update_membership(unit: Unit, asked: UpdateOrganizationMembership) -> OrganizationMembership:
    """Give a member other roles; the next refresh carries them.

    Raises:
        NotFound: This environment has no such membership.
        InvalidRole, MultipleRolesNotEnabled: The roles cannot be given.
    """
    slugs = list_slugs(asked.role_slug, asked.role_slugs)
    current = get_membership(unit, MembershipId(organization_membership_id=asked.organization_membership_id))
    if slugs is None:
        return current
    given = roles.resolve(unit, current.organization_id, slugs)

    def write(queries: Queries) -> OrganizationMembership:
        held = _hold(queries, unit, asked.organization_membership_id)
        environment_id = unit.actor.environment_id
        wanted = {role.id for role in given}
        if store.list_role_ids(queries, environment_id, held.id) != wanted:
            store.set_roles(queries, environment_id, held, sorted(wanted))
            held = _change_status(queries, unit, held, held.status)
        return show(queries, unit, held)

    return unit.conclude(write)


def deactivate_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Suspend a member and end the sessions bound to the organization; once more changes nothing.

    Raises:
        NotFound: This environment has no such membership.
        CannotDeactivatePending: An invitation is waiting.
    """

    def write(queries: Queries) -> OrganizationMembership:
        held = _hold(queries, unit, asked.organization_membership_id)
        if held.status == "pending":
            raise CannotDeactivatePending
        if held.status == "active":
            held = _change_status(queries, unit, held, "inactive")
            _end_sessions(queries, unit, held)
        return show(queries, unit, held)

    return unit.conclude(write)


def _end_sessions(queries: Queries, unit: Unit, membership: Membership) -> None:
    sessions.end_in_organization(queries, unit, organization_id=membership.organization_id, user_id=membership.user_id)


def reactivate_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Let a suspended member in again, with the roles it had; once more changes nothing.

    Raises:
        NotFound: This environment has no such membership.
        CannotReactivatePending: An invitation is waiting.
    """

    def write(queries: Queries) -> OrganizationMembership:
        held = _hold(queries, unit, asked.organization_membership_id)
        if held.status == "pending":
            raise CannotReactivatePending
        if held.status == "inactive":
            held = _change_status(queries, unit, held, "active")
        return show(queries, unit, held)

    return unit.conclude(write)


def delete_membership(unit: Unit, asked: MembershipId) -> Nothing:
    """End a membership and the sessions bound to the organization.

    Raises:
        NotFound: This environment has no such membership.
    """

    def write(queries: Queries) -> Nothing:
        _remove(queries, unit, _hold(queries, unit, asked.organization_membership_id))
        return Nothing()

    return unit.conclude(write)


def _remove(queries: Queries, unit: Unit, membership: Membership) -> None:
    _record(queries, unit, "deleted", membership)
    store.delete(queries, unit.actor.environment_id, membership.id)
    _end_sessions(queries, unit, membership)


def delete_user(unit: Unit, asked: UserId) -> Nothing:
    """Delete a user with its memberships, sessions and all that hangs on it.

    Raises:
        NotFound: This environment has no such user.
    """

    def write(queries: Queries) -> Nothing:
        for membership in store.list_of_user(queries, unit.actor.environment_id, asked.user_id):
            _remove(queries, unit, membership)
        users.remove(queries, unit, asked.user_id)
        return Nothing()

    return unit.conclude(write)


def delete_organization(unit: Unit, asked: OrganizationId) -> Nothing:
    """Delete an organization with its members' right to it and all that hangs on it.

    Raises:
        NotFound: This environment has no such organization.
    """

    def write(queries: Queries) -> Nothing:
        organizations.hold_organization(queries, unit, asked.organization_id)
        environment_id = unit.actor.environment_id
        while found := store.list_of_organization(queries, environment_id, asked.organization_id, _BATCH):
            for membership in found:
                _remove(queries, unit, membership)
        organizations.remove(queries, unit, asked.organization_id)
        return Nothing()

    return unit.conclude(write)


def list_users(unit: Unit, asked: ListUsers) -> Page[User]:
    """List users, newest first, by address or by the organization they have a membership in."""
    organization_id = asked.organization_id or asked.organization
    if not organization_id:
        return users.list_users(unit, asked)
    return users.list_users(unit, asked, among=store.MEMBERS, organization_id=organization_id)


def list_active(unit: Unit, user_id: str) -> list[tuple[str, str]]:
    """List the organizations of which a user is an active member: ids with names, oldest first."""
    active = [
        each.organization_id
        for each in store.list_of_user(unit.read, unit.actor.environment_id, user_id)
        if each.status == "active"
    ]
    names = organizations.name_organizations(unit.read, unit, active) if active else {}
    return [(organization_id, names[organization_id]) for organization_id in active if organization_id in names]


def find_active(unit: Unit, user_id: str, organization_id: str) -> Membership | None:
    """Find the active membership of a user in an organization."""
    found = store.find_pair(unit.read, unit.actor.environment_id, user_id, organization_id)
    return found if found is not None and found.status == "active" else None


def confirm_active(queries: Queries, unit: Unit, user_id: str, organization_id: str) -> None:
    """Make sure, in the write that binds a session to an organization, that the user may be there.

    Raises:
        OrganizationMembershipNotFound: The membership has ended in between.
    """
    found = store.find_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if found is None or found.status != "active":
        raise OrganizationMembershipNotFound


def find_claims(unit: Unit, user_id: str, organization_id: str) -> Claims | None:
    """Tell what an access token may say of a member; None for whoever is no active one."""
    membership = find_active(unit, user_id, organization_id)
    if membership is None:
        return None
    return claims_of(_roles_of(unit.read, unit, membership))


def create_pending(queries: Queries, unit: Unit, user_id: str, *, organization_id: str, role_slug: str | None) -> None:
    """Mirror an invitation of an existing user, unless the user has a membership there."""
    environment_id = unit.actor.environment_id
    if store.find_pair(queries, environment_id, user_id, organization_id) is None:
        role = roles.resolve_one(queries, unit, organization_id, role_slug)
        _insert(queries, unit, user_id, organization_id, given=[role], status="pending")


def remove_pending(queries: Queries, unit: Unit, user_id: str, organization_id: str) -> None:
    """Remove the mirror of an invitation that was revoked."""
    found = store.find_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if found is not None and found.status == "pending":
        _remove(queries, unit, found)


def activate_for_invitation(
    queries: Queries, unit: Unit, user_id: str, *, organization_id: str, role_slug: str | None
) -> None:
    """Make whoever accepts an invitation an active member with the invited role.

    An active member keeps its roles.
    """
    environment_id = unit.actor.environment_id
    found = store.find_pair(queries, environment_id, user_id, organization_id)
    if found is not None and found.status == "active":
        return
    role = roles.resolve_one(queries, unit, organization_id, role_slug)
    if found is None:
        _insert(queries, unit, user_id, organization_id, given=[role])
        return
    store.set_roles(queries, environment_id, found, [role.id])
    _change_status(queries, unit, found, "active")
