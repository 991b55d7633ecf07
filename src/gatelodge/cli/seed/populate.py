"""Users with their passwords and memberships, and invitations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from msgspec import UNSET

from gatelodge.cli.seed import authorize, organize
from gatelodge.cli.seed.changes import (
    Detail,
    Difference,
    Step,
    Wrong,
    compare,
    compare_metadata,
    pick_members,
    pick_metadata,
)
from gatelodge.cli.seed.shapes import EnvironmentSeed, MembershipSeed, UserSeed
from gatelodge.contract.errors import InvalidCredentials, NotFound
from gatelodge.contract.memberships import (
    CreateOrganizationMembership,
    ListOrganizationMemberships,
    MembershipId,
    OrganizationMembership,
    UpdateOrganizationMembership,
)
from gatelodge.contract.users import CreateUser, Credential, ExternalUserId, UpdateUser, User
from gatelodge.features.invitations import pending_roles
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.memberships import suspend
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.passwords.rules import check_password
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.unit import Unit

_MEMBERS = ("email", "email_verified", "first_name", "last_name", "name", "external_id", "locale")
_CREDENTIAL = ("password", "password_hash", "password_hash_type", "password_salt_position")


def list_steps(seed: EnvironmentSeed) -> Iterator[Step]:
    """Make the steps of an environment's users; each is followed by its memberships."""
    for item in seed.users:
        yield Step(kind="user", name=item.email, line=item.line, look=_look_for_user(item))
        for membership in item.memberships:
            name = f"{item.email} in {membership.organization}"
            look = _look_for_membership(seed, item, membership)
            yield Step(kind="membership", name=name, line=membership.line, look=look)


def find_user(unit: Unit, item: UserSeed) -> User | None:
    """Find a user of the file, by its external id and then by its address.

    Raises:
        Wrong: The two belong to two users.
    """
    by_email = users.find_user_by_email(unit, item.email)
    if item.external_id is UNSET:
        return by_email
    try:
        by_id = users.get_user_by_external_id(unit, ExternalUserId(external_id=item.external_id))
    except NotFound:
        return by_email
    if by_email is not None and by_email.id != by_id.id:
        raise Wrong("its external_id and its email belong to two users.")
    return by_id


def _look_for_user(item: UserSeed) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        current = find_user(unit, item)
        details = compare(current, item, members=_MEMBERS if current else _MEMBERS[1:])
        details += compare_metadata(current.metadata if current else {}, item.metadata)
        credential: dict[str, Any] = {}
        if _is_password_due(unit, item, current):
            credential = {name: getattr(item, name) for name in _CREDENTIAL}
            _check_credential(unit, item)
            details.append(Detail("password", None, "(set)"))
        given = pick_members(details, _MEMBERS) | credential
        if current is None:
            return Difference(
                verb="create", details=details, carry_out=lambda unit: _create(unit, item, details, given=given)
            )
        if not details:
            return None
        change = UpdateUser(user_id=current.id, metadata=pick_metadata(details), **given)
        return Difference(verb="change", details=details, carry_out=lambda unit: users.update_user(unit, change))

    return look


def _is_password_due(unit: Unit, item: UserSeed, current: User | None) -> bool:
    """Tell whether the file's password is to be set: nobody's own choice is undone unasked."""
    if item.password is UNSET and item.password_hash is UNSET:
        return False
    if current is None or not passwords.has_password(unit, current.id):
        return True
    return item.reset_password and not _has_this_password(unit, item, current)


def _has_this_password(unit: Unit, item: UserSeed, current: User) -> bool:
    if item.password is UNSET:
        return False
    try:
        passwords.prove(unit, current.id, item.password, address=item.email)
    except InvalidCredentials:
        return False
    return True


def _check_credential(unit: Unit, item: UserSeed) -> None:
    email = find_email_form(item.email) or ""
    if item.password is not UNSET:
        check_password(item.password, email=email, profile=unit.settings.password_profile)
        return
    credential = Credential(**{name: getattr(item, name) for name in _CREDENTIAL})
    passwords.prepare_credential(unit, credential, email=email)


def _create(unit: Unit, item: UserSeed, details: Sequence[Detail], *, given: dict[str, Any]) -> None:
    members = {name: value for name, value in given.items() if name != "locale"}
    asked = CreateUser(email=item.email, metadata=pick_metadata(details), **members)
    user = users.create_user(unit, asked)
    if item.locale is not UNSET and item.locale:
        users.update_user(unit, UpdateUser(user_id=user.id, locale=item.locale))


def _look_for_membership(
    seed: EnvironmentSeed, item: UserSeed, wanted: MembershipSeed
) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        user = find_user(unit, item)
        named = organize.resolve(unit, seed, wanted.organization)
        slugs = [] if wanted.roles is UNSET else wanted.roles
        authorize.check_slugs(unit, seed, slugs, organization=named.seed, organization_id=named.id)
        current = _find_membership(unit, user.id, named.id) if user and named.id else None
        details = _compare_membership(current, wanted)
        if current is not None and not details:
            return None
        if current is not None and current.status == "pending":
            raise Wrong("an invitation waits for an answer; accept or revoke it first.")

        def carry_out(unit: Unit) -> None:
            if current is not None:
                _change(unit, current, wanted, details=details)
            elif user is None or named.id is None:
                raise Wrong("its user or its organization is not there.")
            else:
                _join(unit, user.id, named.id, wanted=wanted)

        return Difference(verb="change" if current else "create", details=details, carry_out=carry_out)

    return look


def _find_membership(unit: Unit, user_id: str, organization_id: str) -> OrganizationMembership | None:
    asked = ListOrganizationMemberships(
        user_id=user_id, organization_id=organization_id, statuses=["active", "inactive", "pending"]
    )
    found = memberships.list_memberships(unit, asked).data
    return found[0] if found else None


def _compare_membership(current: OrganizationMembership | None, wanted: MembershipSeed) -> list[Detail]:
    details = []
    if wanted.roles is not UNSET:
        old = sorted(role.slug for role in current.roles) if current else None
        if old != sorted(set(wanted.roles)):
            details.append(Detail("roles", old, sorted(set(wanted.roles))))
    if current is None:
        return details + ([Detail("status", None, "inactive")] if wanted.status == "inactive" else [])
    if wanted.status is not UNSET and wanted.status != current.status:
        details.append(Detail("status", current.status, wanted.status))
    if current.status == "pending" and not details:
        details.append(Detail("status", current.status, "active"))
    return details


def _join(unit: Unit, user_id: str, organization_id: str, *, wanted: MembershipSeed) -> None:
    asked = CreateOrganizationMembership(user_id=user_id, organization_id=organization_id, role_slugs=wanted.roles)
    made = memberships.create_membership(unit, asked)
    if wanted.status == "inactive":
        suspend.deactivate_membership(unit, MembershipId(organization_membership_id=made.id))


def _change(unit: Unit, current: OrganizationMembership, wanted: MembershipSeed, *, details: Sequence[Detail]) -> None:
    changed = {each.member for each in details}
    if "roles" in changed:
        asked = UpdateOrganizationMembership(organization_membership_id=current.id, role_slugs=wanted.roles)
        pending_roles.update_membership(unit, asked)
    if "status" in changed and wanted.status == "inactive":
        suspend.deactivate_membership(unit, MembershipId(organization_membership_id=current.id))
    elif "status" in changed:
        suspend.reactivate_membership(unit, MembershipId(organization_membership_id=current.id))
