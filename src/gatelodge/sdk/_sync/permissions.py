# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Permissions, of which roles are made (contract page 21)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from gatelodge.contract import permissions as contract
from gatelodge.contract.permissions import AuthorizationPermission
from gatelodge.sdk._sync.calls import Calls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._sync.paging import PageOf


class Permissions(Calls):
    """The methods for permissions."""

    def list_permissions(
        self,
        *,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> PageOf[AuthorizationPermission]:
        """List permissions, newest first unless `order` says otherwise.

        `GET /authorization/permissions`, contract page 21. `limit` is 1 to 100
        permissions a page; `before` and `after` are ids.

        Example:
            page = um.list_permissions(limit=100)

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListPermissions(limit=limit, before=before, after=after, order=order)
        return self._get_page(contract.LIST_PERMISSIONS, request, AuthorizationPermission)

    def get_permission(self, slug: str) -> AuthorizationPermission:
        """Get a permission.

        `GET /authorization/permissions/{slug}`, contract page 21.

        Example:
            permission = um.get_permission(permission.slug)

        Raises:
            NotFound: This environment has no such permission.
        """
        return self._get(contract.GET_PERMISSION, contract.PermissionOfSlug(slug=slug), AuthorizationPermission)

    def create_permission(
        self,
        slug: str,
        *,
        name: str,
        description: str | None = None,
        resource_type_slug: str | None = None,
    ) -> AuthorizationPermission:
        """Create a permission, such as `invoices:read`; its slug never changes.

        `POST /authorization/permissions`, contract page 21.

        Example:
            permission = um.create_permission("invoices:read", name="Read invoices")

        Raises:
            PermissionSlugTaken: There is one with this slug.
            RequestInvalid: The slug or another member is malformed.
        """
        request = contract.CreatePermission(
            slug=slug, name=name, description=given(description), resource_type_slug=given(resource_type_slug)
        )
        return self._get(contract.CREATE_PERMISSION, request, AuthorizationPermission)

    def update_permission(
        self, slug: str, *, name: str | UnsetType = UNSET, description: str | None | UnsetType = UNSET
    ) -> AuthorizationPermission:
        """Change what is given; what is not given stays, and None clears the description.

        `PATCH /authorization/permissions/{slug}`, contract page 21.

        Example:
            permission = um.update_permission(permission.slug, name="See invoices")

        Raises:
            NotFound: This environment has no such permission.
            RequestInvalid: A member is malformed.
        """
        request = contract.UpdatePermission(slug=slug, name=name, description=description)
        return self._get(contract.UPDATE_PERMISSION, request, AuthorizationPermission)

    def delete_permission(self, slug: str) -> None:
        """Delete a permission, and take it from every role.

        `DELETE /authorization/permissions/{slug}`, contract page 21.

        Example:
            um.delete_permission(permission.slug)

        Raises:
            NotFound: This environment has no such permission. That is also the outcome when a
                first try deleted it, but its answer was lost and the call was repeated.
        """
        self._exchange(contract.DELETE_PERMISSION, contract.PermissionOfSlug(slug=slug))
