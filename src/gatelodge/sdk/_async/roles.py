"""Roles of the environment, and of one organization (contract page 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from gatelodge.contract import roles as contract
from gatelodge.contract.operation import Nothing
from gatelodge.contract.roles import Role, RoleList
from gatelodge.sdk._async.calls import AsyncCalls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from collections.abc import Sequence


class AsyncRoles(AsyncCalls):
    """The methods for the roles of the environment."""

    async def list_environment_roles(self) -> RoleList:
        """List the environment's roles, all at once, the first of highest priority.

        `GET /authorization/roles`, contract page 21.

        Example:
            roles = await um.list_environment_roles()
        """
        return await self._get(contract.LIST_ENVIRONMENT_ROLES, Nothing(), RoleList)

    async def get_environment_role(self, role_slug: str) -> Role:
        """Get a role of the environment.

        `GET /authorization/roles/{role_slug}`, contract page 21.

        Example:
            role = await um.get_environment_role("member")

        Raises:
            NotFound: The environment has no such role.
        """
        request = contract.RoleOfEnvironment(role_slug=role_slug)
        return await self._get(contract.GET_ENVIRONMENT_ROLE, request, Role)

    async def create_environment_role(
        self,
        slug: str,
        *,
        name: str,
        description: str | None = None,
        resource_type_slug: str | None = None,
    ) -> Role:
        """Create a role that counts in every organization; it comes last in the order.

        `POST /authorization/roles`, contract page 21. Its slug never changes.

        Example:
            role = await um.create_environment_role("billing", name="Billing")

        Raises:
            RoleSlugTaken: The environment has one with this slug.
            RequestInvalid: The slug or another member is malformed.
        """
        request = contract.CreateRole(
            slug=slug, name=name, description=given(description), resource_type_slug=given(resource_type_slug)
        )
        return await self._get(contract.CREATE_ENVIRONMENT_ROLE, request, Role)

    async def update_environment_role(
        self, role_slug: str, *, name: str | UnsetType = UNSET, description: str | None | UnsetType = UNSET
    ) -> Role:
        """Change what is given; what is not given stays, and None clears the description.

        `PATCH /authorization/roles/{role_slug}`, contract page 21.

        Example:
            role = await um.update_environment_role("member", description="Everybody in the team.")

        Raises:
            NotFound: The environment has no such role.
            RequestInvalid: A member is malformed.
        """
        request = contract.UpdateRole(role_slug=role_slug, name=name, description=description)
        return await self._get(contract.UPDATE_ENVIRONMENT_ROLE, request, Role)

    async def set_environment_role_permissions(self, role_slug: str, *, permissions: Sequence[str]) -> Role:
        """Give a role exactly these permissions, by their slugs.

        `PUT /authorization/roles/{role_slug}/permissions`, contract page 21.

        Example:
            role = await um.set_environment_role_permissions("member", permissions=[permission.slug])

        Raises:
            NotFound: There is no such role, or no such permission.
        """
        request = contract.SetRolePermissions(role_slug=role_slug, permissions=list(permissions))
        return await self._get(contract.SET_ENVIRONMENT_ROLE_PERMISSIONS, request, Role)

    async def add_environment_role_permission(self, role_slug: str, *, permission_slug: str) -> Role:
        """Give a role one more permission; one that it has already changes nothing.

        `POST /authorization/roles/{role_slug}/permissions`, contract page 21.

        Example:
            role = await um.add_environment_role_permission("member", permission_slug=permission.slug)

        Raises:
            NotFound: There is no such role, or no such permission.
        """
        request = contract.AddRolePermission(role_slug=role_slug, slug=permission_slug)
        return await self._get(contract.ADD_ENVIRONMENT_ROLE_PERMISSION, request, Role)
