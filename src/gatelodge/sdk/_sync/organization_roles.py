# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""The roles of one organization (contract page 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from gatelodge.contract import roles as contract
from gatelodge.contract.roles import Role, RoleList
from gatelodge.sdk._sync.calls import Calls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from collections.abc import Sequence


class OrganizationRoles(Calls):
    """The methods for the roles that count in one organization."""

    def list_organization_roles(self, organization_id: str) -> RoleList:
        """List the roles that count in an organization, its own and the environment's, in its order.

        `GET /authorization/organizations/{organization_id}/roles`, contract page 21.

        Example:
            roles = um.list_organization_roles(organization.id)

        Raises:
            NotFound: This environment has no such organization.
        """
        request = contract.RolesOfOrganization(organization_id=organization_id)
        return self._get(contract.LIST_ORGANIZATION_ROLES, request, RoleList)

    def get_organization_role(self, organization_id: str, *, role_slug: str) -> Role:
        """Get a role that counts in an organization.

        `GET /authorization/organizations/{organization_id}/roles/{role_slug}`, contract page 21.

        Example:
            role = um.get_organization_role(organization.id, role_slug=role.slug)

        Raises:
            NotFound: No such role counts there, or there is no such organization.
        """
        request = contract.RoleOfOrganization(organization_id=organization_id, role_slug=role_slug)
        return self._get(contract.GET_ORGANIZATION_ROLE, request, Role)

    def create_organization_role(
        self,
        organization_id: str,
        *,
        name: str,
        slug: str | None = None,
        description: str | None = None,
        resource_type_slug: str | None = None,
    ) -> Role:
        """Create a role of one organization; its slug begins with `org-`, and is made from the name if not given.

        `POST /authorization/organizations/{organization_id}/roles`, contract page 21.

        Example:
            role = um.create_organization_role(organization.id, name="Auditor")

        Raises:
            OrganizationRoleSlugTaken: The organization has one with this slug.
            NotFound: This environment has no such organization.
            RequestInvalid: The slug or another member is malformed.
        """
        request = contract.CreateOrganizationRole(
            organization_id=organization_id,
            name=name,
            slug=given(slug),
            description=given(description),
            resource_type_slug=given(resource_type_slug),
        )
        return self._get(contract.CREATE_ORGANIZATION_ROLE, request, Role)

    def update_organization_role(
        self,
        organization_id: str,
        *,
        role_slug: str,
        name: str | UnsetType = UNSET,
        description: str | None | UnsetType = UNSET,
    ) -> Role:
        """Change what is given of an organization's own role; None clears the description.

        `PATCH /authorization/organizations/{organization_id}/roles/{role_slug}`, contract page 21.

        Example:
            role = um.update_organization_role(organization.id, role_slug=role.slug, name="Reviewer")

        Raises:
            Forbidden: It is a role of the environment.
            NotFound: The organization has no such role, or there is no such organization.
            RequestInvalid: A member is malformed.
        """
        request = contract.UpdateOrganizationRole(
            organization_id=organization_id, role_slug=role_slug, name=name, description=description
        )
        return self._get(contract.UPDATE_ORGANIZATION_ROLE, request, Role)

    def delete_organization_role(self, organization_id: str, *, role_slug: str) -> None:
        """Delete an organization's own role that nobody has.

        `DELETE /authorization/organizations/{organization_id}/roles/{role_slug}`, contract page 21.

        Example:
            um.delete_organization_role(organization.id, role_slug=role.slug)

        Raises:
            RoleHasAssignments: Members have it; give them another one first.
            Forbidden: It is a role of the environment.
            NotFound: The organization has no such role. That is also the outcome when a first
                try deleted it, but its answer was lost and the call was repeated.
        """
        request = contract.RoleOfOrganization(organization_id=organization_id, role_slug=role_slug)
        self._exchange(contract.DELETE_ORGANIZATION_ROLE, request)

    def set_organization_role_permissions(
        self, organization_id: str, *, role_slug: str, permissions: Sequence[str]
    ) -> Role:
        """Give an organization's own role exactly these permissions, by their slugs.

        `PUT /authorization/organizations/{organization_id}/roles/{role_slug}/permissions`,
        contract page 21.

        Example:
            role = um.set_organization_role_permissions(
                organization.id, role_slug=role.slug, permissions=[permission.slug]
            )

        Raises:
            Forbidden: It is a role of the environment.
            NotFound: There is no such role, permission or organization.
        """
        request = contract.SetOrganizationRolePermissions(
            organization_id=organization_id, role_slug=role_slug, permissions=list(permissions)
        )
        return self._get(contract.SET_ORGANIZATION_ROLE_PERMISSIONS, request, Role)

    def add_organization_role_permission(
        self, organization_id: str, *, role_slug: str, permission_slug: str
    ) -> Role:
        """Give an organization's own role one more permission; one that it has already changes nothing.

        `POST /authorization/organizations/{organization_id}/roles/{role_slug}/permissions`,
        contract page 21.

        Example:
            role = um.add_organization_role_permission(
                organization.id, role_slug=role.slug, permission_slug=permission.slug
            )

        Raises:
            Forbidden: It is a role of the environment.
            NotFound: There is no such role, permission or organization.
        """
        request = contract.AddOrganizationRolePermission(
            organization_id=organization_id, role_slug=role_slug, slug=permission_slug
        )
        return self._get(contract.ADD_ORGANIZATION_ROLE_PERMISSION, request, Role)

    def remove_organization_role_permission(
        self, organization_id: str, *, role_slug: str, permission_slug: str
    ) -> Role:
        """Take one permission from an organization's own role.

        `DELETE /authorization/organizations/{organization_id}/roles/{role_slug}/permissions/{permission_slug}`,
        contract page 21.

        Example:
            role = um.remove_organization_role_permission(
                organization.id, role_slug=role.slug, permission_slug=permission.slug
            )

        Raises:
            Forbidden: It is a role of the environment.
            NotFound: The role does not have it, or there is no such role or organization.
        """
        request = contract.RemoveOrganizationRolePermission(
            organization_id=organization_id, role_slug=role_slug, permission_slug=permission_slug
        )
        return self._get(contract.REMOVE_ORGANIZATION_ROLE_PERMISSION, request, Role)
