# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Memberships of users in organizations (contract page 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from gatelodge.contract import memberships as contract
from gatelodge.contract.memberships import MembershipStatus, OrganizationMembership
from gatelodge.sdk._sync.calls import Calls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.contract.paging import Order
    from gatelodge.sdk._sync.paging import PageOf


class Memberships(Calls):
    """The methods for memberships."""

    def get_organization_membership(self, organization_membership_id: str) -> OrganizationMembership:
        """Get a membership.

        `GET /user_management/organization_memberships/{organization_membership_id}`,
        contract page 14.

        Example:
            membership = um.get_organization_membership(membership.id)

        Raises:
            NotFound: This environment has no such membership.
        """
        request = contract.MembershipId(organization_membership_id=organization_membership_id)
        return self._get(contract.GET_ORGANIZATION_MEMBERSHIP, request, OrganizationMembership)

    def list_organization_memberships(
        self,
        user_id: str | None = None,
        *,
        organization_id: str | None = None,
        statuses: Sequence[MembershipStatus] | None = None,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> PageOf[OrganizationMembership]:
        """List memberships of a user, of an organization, or of both, newest first unless `order` says otherwise.

        `GET /user_management/organization_memberships`, contract page 14. Active ones
        only, unless `statuses` names others; `limit` is 1 to 100 memberships a page.

        Example:
            page = um.list_organization_memberships(user.id, statuses=["active", "inactive"])

        Raises:
            MembershipFilterMissing: Neither a user nor an organization is given.
            RequestInvalid: A status, `limit` or a cursor cannot be used.
        """
        request = contract.ListOrganizationMemberships(
            user_id=user_id,
            organization_id=organization_id,
            statuses=None if statuses is None else list(statuses),
            limit=limit,
            before=before,
            after=after,
            order=order,
        )
        return self._get_page(contract.LIST_ORGANIZATION_MEMBERSHIPS, request, OrganizationMembership)

    def create_organization_membership(
        self,
        user_id: str,
        *,
        organization_id: str,
        role_slug: str | None = None,
        role_slugs: Sequence[str] | None = None,
    ) -> OrganizationMembership:
        """Make a user an active member at once, with one role, with several, or with the default one.

        `POST /user_management/organization_memberships`, contract page 14. An inactive
        membership of the two becomes active again.

        Example:
            membership = um.create_organization_membership(
                user.id, organization_id=organization.id, role_slug="member"
            )

        Raises:
            MembershipExists: The user is an active member already.
            CannotReactivatePending: The user is invited there: the invitation is accepted instead.
            InvalidRole: A role does not count in this organization.
            MultipleRolesNotEnabled: Several roles are given where members have one.
            SubResourceRoleNotAllowed: A role is for resources inside an organization.
            NotFound: There is no such user or no such organization.
        """
        request = contract.CreateOrganizationMembership(
            user_id=user_id,
            organization_id=organization_id,
            role_slug=given(role_slug),
            role_slugs=UNSET if role_slugs is None else list(role_slugs),
        )
        return self._get(contract.CREATE_ORGANIZATION_MEMBERSHIP, request, OrganizationMembership)

    def update_organization_membership(
        self,
        organization_membership_id: str,
        *,
        role_slug: str | None = None,
        role_slugs: Sequence[str] | None = None,
    ) -> OrganizationMembership:
        """Replace a member's roles; with no role at all, by the default one.

        `PUT /user_management/organization_memberships/{organization_membership_id}`,
        contract page 14. Access tokens tell the new roles from the next refresh on.

        Example:
            membership = um.update_organization_membership(membership.id, role_slug="member")

        Raises:
            InvalidRole: A role does not count in this organization.
            MultipleRolesNotEnabled: Several roles are given where members have one.
            SubResourceRoleNotAllowed: A role is for resources inside an organization.
            NotFound: This environment has no such membership.
        """
        request = contract.UpdateOrganizationMembership(
            organization_membership_id=organization_membership_id,
            role_slug=given(role_slug),
            role_slugs=UNSET if role_slugs is None else list(role_slugs),
        )
        return self._get(contract.UPDATE_ORGANIZATION_MEMBERSHIP, request, OrganizationMembership)

    def delete_organization_membership(self, organization_membership_id: str) -> None:
        """End a membership, and the sessions that are bound to its organization.

        `DELETE /user_management/organization_memberships/{organization_membership_id}`,
        contract page 14.

        Example:
            um.delete_organization_membership(membership.id)

        Raises:
            NotFound: This environment has no such membership. That is also the outcome when
                a first try deleted it, but its answer was lost and the call was repeated.
        """
        request = contract.MembershipId(organization_membership_id=organization_membership_id)
        self._exchange(contract.DELETE_ORGANIZATION_MEMBERSHIP, request)

    def deactivate_organization_membership(self, organization_membership_id: str) -> OrganizationMembership:
        """Shut a member out until reactivated; sessions that are bound to the organization end.

        `PUT /user_management/organization_memberships/{organization_membership_id}/deactivate`,
        contract page 14. Roles are kept. Doing it again changes nothing.

        Example:
            membership = um.deactivate_organization_membership(membership.id)

        Raises:
            CannotDeactivatePending: The membership is pending; revoke the invitation instead.
            NotFound: This environment has no such membership.
        """
        request = contract.MembershipId(organization_membership_id=organization_membership_id)
        return self._get(contract.DEACTIVATE_ORGANIZATION_MEMBERSHIP, request, OrganizationMembership)

    def reactivate_organization_membership(self, organization_membership_id: str) -> OrganizationMembership:
        """Let a deactivated member in again, with the roles from before.

        `PUT /user_management/organization_memberships/{organization_membership_id}/reactivate`,
        contract page 14. Doing it again changes nothing.

        Example:
            membership = um.reactivate_organization_membership(membership.id)

        Raises:
            CannotReactivatePending: The membership is pending; the invitation is accepted instead.
            NotFound: This environment has no such membership.
        """
        request = contract.MembershipId(organization_membership_id=organization_membership_id)
        return self._get(contract.REACTIVATE_ORGANIZATION_MEMBERSHIP, request, OrganizationMembership)
