"""Permissions on the wire (contract page 21)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest

# The second part refuses a line break at the end, which `$` alone lets pass.
PermissionSlug = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"^[a-z0-9_:.*-]+$(?!\n)")]
Title = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"\S")]
Description = Annotated[str, msgspec.Meta(max_length=150)]
ResourceType = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"^[a-z0-9_-]+$(?!\n)")]


class AuthorizationPermission(msgspec.Struct, frozen=True, kw_only=True):
    """Something that may be done; roles are made of permissions.

    `system` is false for all: this server has no permissions of its own.
    """

    object: Literal["permission"] = "permission"
    id: str
    slug: str
    name: str
    description: str | None = None
    system: bool = False
    resource_type_slug: str
    created_at: str
    updated_at: str


class PermissionOfSlug(msgspec.Struct, frozen=True, kw_only=True):
    """Name a permission."""

    slug: str


class ListPermissions(PageRequest, frozen=True, kw_only=True):
    """List permissions, newest first."""


class CreatePermission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Create a permission."""

    slug: PermissionSlug
    name: Title
    description: Description | None | UnsetType = UNSET
    resource_type_slug: ResourceType | UnsetType = UNSET


class UpdatePermission(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Change what is given of a permission; the slug stays."""

    slug: str
    name: Title | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET


_TAG = "permissions"
_PATH = "/authorization/permissions"

LIST_PERMISSIONS = Operation(
    name="list_permissions",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListPermissions,
    result=Page[AuthorizationPermission],
    tag=_TAG,
    summary="List permissions.",
)
CREATE_PERMISSION = Operation(
    name="create_permission",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreatePermission,
    result=AuthorizationPermission,
    status=201,
    tag=_TAG,
    summary="Create a permission.",
    errors=("permission_slug_conflict",),
)
GET_PERMISSION = Operation(
    name="get_permission",
    method="GET",
    path=_PATH + "/{slug}",
    access=Access.API_KEY,
    request=PermissionOfSlug,
    result=AuthorizationPermission,
    tag=_TAG,
    summary="Get a permission.",
)
UPDATE_PERMISSION = Operation(
    name="update_permission",
    method="PATCH",
    path=_PATH + "/{slug}",
    access=Access.API_KEY,
    request=UpdatePermission,
    result=AuthorizationPermission,
    tag=_TAG,
    summary="Change a permission.",
)
DELETE_PERMISSION = Operation(
    name="delete_permission",
    method="DELETE",
    path=_PATH + "/{slug}",
    access=Access.API_KEY,
    request=PermissionOfSlug,
    result=Nothing,
    status=204,
    tag=_TAG,
    summary="Delete a permission, and take it from every role.",
)

OPERATIONS = (
    CREATE_PERMISSION,
    DELETE_PERMISSION,
    GET_PERMISSION,
    LIST_PERMISSIONS,
    UPDATE_PERMISSION,
)
