"""Create, find, list, change and end memberships."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import structs

from gatelodge.contract.errors import (
    CannotReactivatePending,
    InvalidRole,
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
from gatelodge.contract.users import UserId
from gatelodge.features.events import actions as events
from gatelodge.features.memberships import store
from gatelodge.features.memberships.rules import Membership, describe, list_slugs, render
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles import actions as roles
from gatelodge.features.roles.rules import Claims, StoredRole
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries, Question, ReferenceViolation
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit

_BATCH = 250
_MOST_BATCHES = 40_000


def create_membership(unit: Unit, asked: CreateOrganizationMembership) -> OrganizationMembership:
    """Make a user an active member; an inactive membership is activated with the roles given.

    Where no role is given, a new member gets the default one and an inactive one keeps its own.
    Of many that race, one makes the membership and the others are told that it exists.

    Raises:
        NotFound: The user or the organization is unknown.
        InvalidRole, MultipleRolesNotEnabled, SubResourceRoleNotAllowed: The roles cannot be given.
        MembershipExists: The user is an active member.
        CannotReactivatePending: An invitation is waiting.
    """
    slugs = list_slugs(asked.role_slug, asked.role_slugs)
    users.get_user(unit, UserId(user_id=asked.user_id))
    organizations.require_organization(unit, asked.organization_id)
    given = roles.resolve(unit, asked.organization_id, slugs or [])

    def write(queries: Queries) -> OrganizationMembership:
        organizations.hold_organization(queries, unit, asked.organization_id)
        held = store.hold_pair(queries, unit.actor.environment_id, asked.user_id, asked.organization_id)
        if held is None:
            return show(
                queries, unit, insert_membership(queries, unit, asked.user_id, asked.organization_id, given=given)
            )
        if held.status == "active":
            raise MembershipExists
        if held.status == "pending":
            raise CannotReactivatePending
        if slugs is not None:
            roles.assign(queries, unit, held, given)
        return show(queries, unit, change_status(queries, unit, held, "active"))

    return _conclude_with_roles(unit, write)


def insert_membership(
    queries: Queries,
    unit: Unit,
    user_id: str,
    organization_id: str,
    *,
    given: Sequence[StoredRole],
    status: MembershipStatus = "active",
) -> Membership:
    """Store a membership within a transaction, with its roles, and tell of it.

    Raises:
        NotFound: The user is gone.
    """
    # Held, as the organization is, so that whoever deletes the user finds this membership.
    if users.hold_user(queries, unit, user_id) is None:
        raise NotFound.of("User", user_id)
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
    roles.assign(queries, unit, membership, given)
    _record(queries, unit, "created", membership)
    return membership


def change_status(queries: Queries, unit: Unit, membership: Membership, status: MembershipStatus) -> Membership:
    """Write down the status of a membership whose row is held, and tell that it changed."""
    store.set_status(queries, unit.actor.environment_id, membership.id, status=status, now=unit.now)
    changed = structs.replace(membership, status=status, updated_at=unit.now)
    _record(queries, unit, "updated", changed)
    return changed


def _conclude_with_roles(unit: Unit, write: Callable[[Queries], OrganizationMembership]) -> OrganizationMembership:
    try:
        return unit.conclude(write)
    except ReferenceViolation:
        raise InvalidRole("The role was deleted meanwhile.") from None


def _record(queries: Queries, unit: Unit, verb: str, membership: Membership) -> None:
    assigned = roles.list_assigned(queries, unit, [membership.id])
    events.record(
        queries,
        unit,
        f"organization_membership.{verb}",
        describe(membership, assigned[membership.id]),
        organization_id=membership.organization_id,
    )


def show(queries: Queries, unit: Unit, membership: Membership) -> OrganizationMembership:
    """Write a membership whose row is held as the wire shows it, with its user, roles and organization."""
    return _show_all(queries, unit, [membership])[0]


def _show_all(queries: Queries, unit: Unit, found: Sequence[Membership]) -> list[OrganizationMembership]:
    """Show up to a hundred memberships; one that ends between two of our looks is left out."""
    names = organizations.name_organizations(queries, unit, [each.organization_id for each in found])
    people = users.find_users(queries, unit, [each.user_id for each in found])
    assigned = roles.list_assigned(queries, unit, [each.id for each in found])
    return [
        render(
            each,
            roles=assigned[each.id],
            user=people[each.user_id],
            organization_name=names[each.organization_id],
        )
        for each in found
        if each.id in assigned and each.user_id in people and each.organization_id in names
    ]


def get_membership(unit: Unit, asked: MembershipId) -> OrganizationMembership:
    """Get a membership.

    Raises:
        NotFound: This environment has no such membership.
    """
    found = store.find(unit.read, unit.actor.environment_id, asked.organization_membership_id)
    shown = _show_all(unit.read, unit, [found]) if found else []
    if not shown:
        raise _not_found(asked.organization_membership_id)
    return shown[0]


def _not_found(membership_id: str) -> NotFound:
    return NotFound.of("OrganizationMembership", membership_id)


def list_memberships(unit: Unit, asked: ListOrganizationMemberships) -> Page[OrganizationMembership]:
    """List memberships of a user or of an organization, newest first; active ones unless told.

    Raises:
        MembershipFilterMissing: Neither is named.
        NotFound: The user or the organization is unknown.
    """
    if not asked.user_id and not asked.organization_id:
        raise MembershipFilterMissing
    window = open_window(asked, "om")
    if asked.user_id:
        users.get_user(unit, UserId(user_id=asked.user_id))
    if asked.organization_id:
        organizations.require_organization(unit, asked.organization_id)
    rows = store.list_window(
        unit.read,
        unit.actor.environment_id,
        window,
        user_id=asked.user_id or None,
        organization_id=asked.organization_id or None,
        statuses=sorted(set(asked.statuses or ["active"])),
    )
    page = fold_page(asked, window, rows, store.read_membership, identify=lambda membership: membership.id)
    return Page(data=_show_all(unit.read, unit, page.data), list_metadata=page.list_metadata)


def hold(queries: Queries, unit: Unit, membership_id: str) -> Membership:
    """Find a membership and hold its row until the transaction ends.

    Raises:
        NotFound: This environment has no such membership.
    """
    held = store.hold(queries, unit.actor.environment_id, membership_id)
    if held is None:
        raise _not_found(membership_id)
    return held


def update_membership(
    unit: Unit,
    asked: UpdateOrganizationMembership,
    *,
    first: Callable[[Queries, OrganizationMembership], None],
    also: Callable[[Queries, OrganizationMembership], None],
) -> OrganizationMembership:
    """Give a member other roles, the default one for an empty list; the next refresh carries them.

    `first` begins the transaction, with the membership as it was found, and `also` ends it
    when the roles have changed.

    Raises:
        NotFound: This environment has no such membership.
        InvalidRole, MultipleRolesNotEnabled, SubResourceRoleNotAllowed: The roles cannot be given.
    """
    slugs = list_slugs(asked.role_slug, asked.role_slugs)
    current = get_membership(unit, MembershipId(organization_membership_id=asked.organization_membership_id))
    if slugs is None:
        return current
    given = roles.resolve(unit, current.organization_id, slugs)
    wanted = {role.slug for role in given}

    def write(queries: Queries) -> OrganizationMembership:
        first(queries, current)
        held = hold(queries, unit, asked.organization_membership_id)
        if set(roles.list_assigned(queries, unit, [held.id])[held.id]) != wanted:
            roles.assign(queries, unit, held, given)
            changed = show(queries, unit, change_status(queries, unit, held, held.status))
            also(queries, changed)
            return changed
        return show(queries, unit, held)

    return _conclude_with_roles(unit, write)


def end_sessions(queries: Queries, unit: Unit, membership: Membership) -> None:
    """End a member's sessions that are bound to the organization."""
    sessions.end_in_organization(queries, unit, organization_id=membership.organization_id, user_id=membership.user_id)


def delete_membership(unit: Unit, asked: MembershipId) -> Nothing:
    """End a membership and the sessions bound to the organization.

    Raises:
        NotFound: This environment has no such membership.
    """

    def write(queries: Queries) -> Nothing:
        remove_membership(queries, unit, hold(queries, unit, asked.organization_membership_id))
        return Nothing()

    return unit.conclude(write)


def remove_membership(queries: Queries, unit: Unit, membership: Membership) -> None:
    """Delete a membership, unless a racer has done so since it was listed."""
    environment_id = unit.actor.environment_id
    held = store.hold(queries, environment_id, membership.id)
    if held is None:
        return
    _record(queries, unit, "deleted", held)
    store.delete(queries, environment_id, held.id)
    end_sessions(queries, unit, held)


def delete_user(unit: Unit, asked: UserId) -> Nothing:
    """Delete a user with its memberships, sessions and all that hangs on it.

    Raises:
        NotFound: This environment has no such user.
    """

    def write(queries: Queries) -> Nothing:
        # Held first, so that no membership can be made while the others go; and all of them before the sessions
        # of any, as a refresh holds the one that it goes to before its session.
        users.hold_user(queries, unit, asked.user_id)
        found = store.hold_of_user(queries, unit.actor.environment_id, asked.user_id)
        _remove_all(queries, unit, found=found)
        users.remove(queries, unit, asked.user_id)
        return Nothing()

    return unit.conclude(write)


def delete_organization(unit: Unit, asked: OrganizationId) -> Nothing:
    """Delete an organization with its members' right to it and all that hangs on it.

    Of a large one the members go first, in batches, so that no transaction is long; who
    is cut off meanwhile asks again, and the rest goes.

    Raises:
        NotFound: This environment has no such organization.
    """
    environment_id, organization_id = unit.actor.environment_id, asked.organization_id
    for _ in range(_MOST_BATCHES):
        found = store.list_of_organization(unit.read, environment_id, organization_id, _BATCH)
        if len(found) < _BATCH:
            break
        unit.write(partial(_remove_all, unit=unit, found=found))

    def write(queries: Queries) -> Nothing:
        organizations.hold_organization(queries, unit, organization_id)
        while found := store.list_of_organization(queries, environment_id, organization_id, _BATCH):
            _remove_all(queries, unit, found=found)
        organizations.remove(queries, unit, organization_id)
        return Nothing()

    return unit.conclude(write)


def _remove_all(queries: Queries, unit: Unit, *, found: Sequence[Membership]) -> None:
    for membership in found:
        remove_membership(queries, unit, membership)


def list_active(unit: Unit, user_id: str) -> list[tuple[str, str]]:
    """List the organizations of which a user is an active member: ids with names, oldest first."""
    active = [
        each.organization_id
        for each in store.list_of_user(unit.read, unit.actor.environment_id, user_id)
        if each.status == "active"
    ]
    names = organizations.name_organizations(unit.read, unit, active) if active else {}
    return [(organization_id, names[organization_id]) for organization_id in active if organization_id in names]


def ask_for_any(unit: Unit, user_id: str) -> Question:
    """Ask whether a user has any membership at all, together with whatever else is asked."""
    return store.ask_for_any(unit.actor.environment_id, user_id)


def has_any(unit: Unit, user_id: str, organization_id: str) -> bool:
    """Tell whether a user has a membership in an organization, of whatever status."""
    return store.find_pair(unit.read, unit.actor.environment_id, user_id, organization_id) is not None


def find_active(unit: Unit, user_id: str, organization_id: str) -> Membership | None:
    """Find the active membership of a user in an organization."""
    found = store.find_pair(unit.read, unit.actor.environment_id, user_id, organization_id)
    return found if found is not None and found.status == "active" else None


def confirm_active(queries: Queries, unit: Unit, user_id: str, organization_id: str) -> None:
    """Make sure, in the write that binds a session to an organization, that the user may be there.

    The membership is held until the transaction ends: whoever ends it later finds the
    session and ends it too.

    Raises:
        OrganizationMembershipNotFound: The membership has ended in between.
    """
    held = store.hold_pair(queries, unit.actor.environment_id, user_id, organization_id)
    if held is None or held.status != "active":
        raise OrganizationMembershipNotFound


def find_claims(unit: Unit, user_id: str, organization_id: str) -> Claims | None:
    """Tell what an access token may say of a member; None for whoever is no active one."""
    membership = find_active(unit, user_id, organization_id)
    claims = roles.claims_of(unit, membership) if membership is not None else None
    return claims if claims is not None and claims.roles else None
