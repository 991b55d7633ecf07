"""Values of memberships."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.memberships import MembershipStatus, OrganizationMembership
from gatelodge.contract.roles import SlimRole
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """A membership as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    organization_id: str
    status: MembershipStatus
    directory_managed: bool
    custom_attributes: dict[str, Any]
    created_at: int
    updated_at: int


def list_slugs(role_slug: str | None | UnsetType, role_slugs: Sequence[str] | None | UnsetType) -> list[str] | None:
    """Give the slugs asked for, whichever member they came in; None when neither came.

    Raises:
        RequestInvalid: Both came.
    """
    if role_slug and role_slugs:
        fault = Fault(code="invalid", field="role_slugs", message="Give role_slug or role_slugs, not both.")
        raise RequestInvalid(errors=[fault])
    if role_slugs is not None and role_slugs is not UNSET:
        return list(dict.fromkeys(role_slugs))
    return [role_slug] if role_slug else None


def render(
    membership: Membership, *, roles: Sequence[str], user: User, organization_name: str
) -> OrganizationMembership:
    """Write a membership as the wire shows it."""
    slugs = [SlimRole(slug=slug) for slug in roles]
    return OrganizationMembership(
        id=membership.id,
        user_id=membership.user_id,
        organization_id=membership.organization_id,
        organization_name=organization_name,
        status=membership.status,
        directory_managed=membership.directory_managed,
        custom_attributes=membership.custom_attributes,
        role=slugs[0],
        roles=slugs,
        user=user,
        created_at=write_timestamp(membership.created_at),
        updated_at=write_timestamp(membership.updated_at),
    )


def describe(membership: Membership, roles: Sequence[str]) -> dict[str, object]:
    """Write the payload of a membership's events: without user and organization name."""
    slugs = [{"slug": slug} for slug in roles]
    return {
        "object": "organization_membership",
        "id": membership.id,
        "user_id": membership.user_id,
        "organization_id": membership.organization_id,
        "status": membership.status,
        "role": slugs[0],
        "roles": slugs,
        "custom_attributes": membership.custom_attributes,
        "directory_managed": membership.directory_managed,
        "created_at": write_timestamp(membership.created_at),
        "updated_at": write_timestamp(membership.updated_at),
    }
