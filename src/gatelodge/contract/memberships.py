"""Memberships of users in organizations on the wire (contract page 14)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest
from gatelodge.contract.roles import SlimRole
from gatelodge.contract.users import User

MembershipStatus = Literal["active", "inactive", "pending"]
_RoleSlugs = Annotated[list[str], msgspec.Meta(max_length=50)]


class OrganizationMembership(msgspec.Struct, frozen=True, kw_only=True):
    """A user in an organization; `role` is the first of `roles`, of which there is one at least.

    `pending` is invited and not yet accepted, `inactive` is shut out for now.
    """

    object: Literal["organization_membership"] = "organization_membership"
    id: str
    user_id: str
    organization_id: str
    organization_name: str
    status: MembershipStatus
    directory_managed: bool
    custom_attributes: dict[str, Any]
    role: SlimRole
    """The first of `roles`."""
    roles: list[SlimRole]
    user: User
    created_at: str
    updated_at: str


class MembershipId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a membership by id."""

    organization_membership_id: str


class ListOrganizationMemberships(PageRequest, frozen=True, kw_only=True):
    """List memberships of a user, of an organization, or of both; active ones unless `statuses` says otherwise."""

    user_id: str | None = None
    organization_id: str | None = None
    statuses: list[MembershipStatus] | None = None


class CreateOrganizationMembership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Make a user an active member at once, with one role, with several, or with the default one."""

    user_id: str
    organization_id: str
    role_slug: str | None | UnsetType = UNSET
    role_slugs: _RoleSlugs | None | UnsetType = UNSET


class UpdateOrganizationMembership(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Replace a member's roles; no slug at all means the default role."""

    organization_membership_id: str
    role_slug: str | None | UnsetType = UNSET
    role_slugs: _RoleSlugs | None | UnsetType = UNSET


_TAG = "user-management.organization-membership"
_PATH = "/user_management/organization_memberships"
_ONE = _PATH + "/{organization_membership_id}"
_ROLE_ERRORS = ("invalid_role", "multiple_roles_not_enabled", "sub_resource_scoped_role_not_allowed")

LIST_ORGANIZATION_MEMBERSHIPS = Operation(
    name="list_organization_memberships",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListOrganizationMemberships,
    result=Page[OrganizationMembership],
    tag=_TAG,
    summary="List memberships of a user or of an organization.",
    errors=("missing_user_id_or_organization_id",),
)
CREATE_ORGANIZATION_MEMBERSHIP = Operation(
    name="create_organization_membership",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreateOrganizationMembership,
    result=OrganizationMembership,
    status=201,
    tag=_TAG,
    summary="Make a user a member of an organization.",
    errors=(
        "cannot_reactivate_pending_organization_membership",
        "organization_membership_already_exists",
        *_ROLE_ERRORS,
    ),
)
GET_ORGANIZATION_MEMBERSHIP = Operation(
    name="get_organization_membership",
    method="GET",
    path=_ONE,
    access=Access.API_KEY,
    request=MembershipId,
    result=OrganizationMembership,
    tag=_TAG,
    summary="Get a membership.",
)
UPDATE_ORGANIZATION_MEMBERSHIP = Operation(
    name="update_organization_membership",
    method="PUT",
    path=_ONE,
    access=Access.API_KEY,
    request=UpdateOrganizationMembership,
    result=OrganizationMembership,
    tag=_TAG,
    summary="Change a member's roles.",
    errors=_ROLE_ERRORS,
)
DELETE_ORGANIZATION_MEMBERSHIP = Operation(
    name="delete_organization_membership",
    method="DELETE",
    path=_ONE,
    access=Access.API_KEY,
    request=MembershipId,
    result=Nothing,
    tag=_TAG,
    summary="End a membership, and the sessions bound to its organization.",
)
DEACTIVATE_ORGANIZATION_MEMBERSHIP = Operation(
    name="deactivate_organization_membership",
    method="PUT",
    path=_ONE + "/deactivate",
    access=Access.API_KEY,
    request=MembershipId,
    result=OrganizationMembership,
    tag=_TAG,
    summary="Shut a member out until reactivated.",
    errors=("cannot_deactivate_pending_organization_membership",),
)
REACTIVATE_ORGANIZATION_MEMBERSHIP = Operation(
    name="reactivate_organization_membership",
    method="PUT",
    path=_ONE + "/reactivate",
    access=Access.API_KEY,
    request=MembershipId,
    result=OrganizationMembership,
    tag=_TAG,
    summary="Let a deactivated member in again.",
    errors=("cannot_reactivate_pending_organization_membership",),
)

OPERATIONS = (
    CREATE_ORGANIZATION_MEMBERSHIP,
    DEACTIVATE_ORGANIZATION_MEMBERSHIP,
    DELETE_ORGANIZATION_MEMBERSHIP,
    GET_ORGANIZATION_MEMBERSHIP,
    LIST_ORGANIZATION_MEMBERSHIPS,
    REACTIVATE_ORGANIZATION_MEMBERSHIP,
    UPDATE_ORGANIZATION_MEMBERSHIP,
)
