"""Roles on the wire: those of the environment and those of one organization (contract page 21)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.permissions import Description, PermissionSlug, ResourceType, Title

# The second part refuses a line break at the end, which `$` alone lets pass.
RoleSlug = Annotated[str, msgspec.Meta(min_length=1, max_length=48, pattern=r"^[a-z0-9_-]+$(?!\n)")]
OwnRoleSlug = Annotated[str, msgspec.Meta(min_length=5, max_length=48, pattern=r"^org-[a-z0-9_-]+$(?!\n)")]


class SlimRole(msgspec.Struct, frozen=True):
    """A role where only its name in code matters."""

    slug: str


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role with the slugs of its permissions; its own slug never changes."""

    object: Literal["role"] = "role"
    id: str
    slug: str
    name: str
    description: str | None = None
    type: Literal["EnvironmentRole", "OrganizationRole"]
    resource_type_slug: str
    permissions: list[str]
    created_at: str
    updated_at: str


class RoleList(msgspec.Struct, frozen=True):
    """All roles in their order, the first of highest priority; it has no pages."""

    data: list[Role]
    object: Literal["list"] = "list"


class RoleOfEnvironment(msgspec.Struct, frozen=True, kw_only=True):
    """Name a role of the environment."""

    role_slug: str


class CreateRole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Create a role; it comes last in the order."""

    slug: RoleSlug
    name: Title
    description: Description | None | UnsetType = UNSET
    resource_type_slug: ResourceType | UnsetType = UNSET


class UpdateRole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Change what is given of a role."""

    role_slug: str
    name: Title | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET


class SetRolePermissions(msgspec.Struct, frozen=True, kw_only=True):
    """Give a role exactly these permissions."""

    role_slug: str
    permissions: Annotated[list[PermissionSlug], msgspec.Meta(max_length=1000)]


class AddRolePermission(msgspec.Struct, frozen=True, kw_only=True):
    """Give a role one more permission; `slug` is the permission's."""

    role_slug: str
    slug: PermissionSlug


class RolesOfOrganization(msgspec.Struct, frozen=True, kw_only=True):
    """Name the organization whose roles are meant."""

    organization_id: str


class RoleOfOrganization(msgspec.Struct, frozen=True, kw_only=True):
    """Name a role that counts in an organization: its own, or the environment's."""

    organization_id: str
    role_slug: str


class CreateOrganizationRole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Create a role of one organization; without a slug one is made from the name."""

    organization_id: str
    slug: OwnRoleSlug | UnsetType = UNSET
    name: Title
    description: Description | None | UnsetType = UNSET
    resource_type_slug: ResourceType | UnsetType = UNSET


class UpdateOrganizationRole(UpdateRole, frozen=True, kw_only=True, omit_defaults=True):
    """Change what is given of an organization's own role."""

    organization_id: str


class SetOrganizationRolePermissions(SetRolePermissions, frozen=True, kw_only=True):
    """Give an organization's own role exactly these permissions."""

    organization_id: str


class AddOrganizationRolePermission(AddRolePermission, frozen=True, kw_only=True):
    """Give an organization's own role one more permission."""

    organization_id: str


class RemoveOrganizationRolePermission(msgspec.Struct, frozen=True, kw_only=True):
    """Take one permission from an organization's own role."""

    organization_id: str
    role_slug: str
    permission_slug: str


_TAG = "authorization"
_ROLES = "/authorization/roles"
_OWN_ROLES = "/authorization/organizations/{organization_id}/roles"

LIST_ENVIRONMENT_ROLES = Operation(
    name="list_environment_roles",
    method="GET",
    path=_ROLES,
    access=Access.API_KEY,
    request=Nothing,
    result=RoleList,
    tag=_TAG,
    summary="List the environment's roles, the first of highest priority.",
)
CREATE_ENVIRONMENT_ROLE = Operation(
    name="create_environment_role",
    method="POST",
    path=_ROLES,
    access=Access.API_KEY,
    request=CreateRole,
    result=Role,
    status=201,
    tag=_TAG,
    summary="Create a role of the environment.",
    errors=("role_slug_conflict",),
)
GET_ENVIRONMENT_ROLE = Operation(
    name="get_environment_role",
    method="GET",
    path=_ROLES + "/{role_slug}",
    access=Access.API_KEY,
    request=RoleOfEnvironment,
    result=Role,
    tag=_TAG,
    summary="Get a role of the environment.",
)
UPDATE_ENVIRONMENT_ROLE = Operation(
    name="update_environment_role",
    method="PATCH",
    path=_ROLES + "/{role_slug}",
    access=Access.API_KEY,
    request=UpdateRole,
    result=Role,
    tag=_TAG,
    summary="Change a role of the environment.",
)
SET_ENVIRONMENT_ROLE_PERMISSIONS = Operation(
    name="set_environment_role_permissions",
    method="PUT",
    path=_ROLES + "/{role_slug}/permissions",
    access=Access.API_KEY,
    request=SetRolePermissions,
    result=Role,
    tag=_TAG,
    summary="Give a role of the environment exactly these permissions.",
)
ADD_ENVIRONMENT_ROLE_PERMISSION = Operation(
    name="add_environment_role_permission",
    method="POST",
    path=_ROLES + "/{role_slug}/permissions",
    access=Access.API_KEY,
    request=AddRolePermission,
    result=Role,
    tag=_TAG,
    summary="Give a role of the environment one more permission.",
)
LIST_ORGANIZATION_ROLES = Operation(
    name="list_organization_roles",
    method="GET",
    path=_OWN_ROLES,
    access=Access.API_KEY,
    request=RolesOfOrganization,
    result=RoleList,
    tag=_TAG,
    summary="List the roles that count in an organization, in its order.",
)
CREATE_ORGANIZATION_ROLE = Operation(
    name="create_organization_role",
    method="POST",
    path=_OWN_ROLES,
    access=Access.API_KEY,
    request=CreateOrganizationRole,
    result=Role,
    status=201,
    tag=_TAG,
    summary="Create a role of one organization.",
    errors=("organization_role_slug_conflict",),
)
GET_ORGANIZATION_ROLE = Operation(
    name="get_organization_role",
    method="GET",
    path=_OWN_ROLES + "/{role_slug}",
    access=Access.API_KEY,
    request=RoleOfOrganization,
    result=Role,
    tag=_TAG,
    summary="Get a role that counts in an organization.",
)
UPDATE_ORGANIZATION_ROLE = Operation(
    name="update_organization_role",
    method="PATCH",
    path=_OWN_ROLES + "/{role_slug}",
    access=Access.API_KEY,
    request=UpdateOrganizationRole,
    result=Role,
    tag=_TAG,
    summary="Change an organization's own role.",
    errors=("forbidden",),
)
DELETE_ORGANIZATION_ROLE = Operation(
    name="delete_organization_role",
    method="DELETE",
    path=_OWN_ROLES + "/{role_slug}",
    access=Access.API_KEY,
    request=RoleOfOrganization,
    result=Nothing,
    status=204,
    tag=_TAG,
    summary="Delete an organization's own role that nobody has.",
    errors=("forbidden", "role_has_assignments"),
)
SET_ORGANIZATION_ROLE_PERMISSIONS = Operation(
    name="set_organization_role_permissions",
    method="PUT",
    path=_OWN_ROLES + "/{role_slug}/permissions",
    access=Access.API_KEY,
    request=SetOrganizationRolePermissions,
    result=Role,
    tag=_TAG,
    summary="Give an organization's own role exactly these permissions.",
    errors=("forbidden",),
)
ADD_ORGANIZATION_ROLE_PERMISSION = Operation(
    name="add_organization_role_permission",
    method="POST",
    path=_OWN_ROLES + "/{role_slug}/permissions",
    access=Access.API_KEY,
    request=AddOrganizationRolePermission,
    result=Role,
    tag=_TAG,
    summary="Give an organization's own role one more permission.",
    errors=("forbidden",),
)
REMOVE_ORGANIZATION_ROLE_PERMISSION = Operation(
    name="remove_organization_role_permission",
    method="DELETE",
    path=_OWN_ROLES + "/{role_slug}/permissions/{permission_slug}",
    access=Access.API_KEY,
    request=RemoveOrganizationRolePermission,
    result=Role,
    tag=_TAG,
    summary="Take one permission from an organization's own role.",
    errors=("forbidden",),
)

OPERATIONS = (
    ADD_ENVIRONMENT_ROLE_PERMISSION,
    ADD_ORGANIZATION_ROLE_PERMISSION,
    CREATE_ENVIRONMENT_ROLE,
    CREATE_ORGANIZATION_ROLE,
    DELETE_ORGANIZATION_ROLE,
    GET_ENVIRONMENT_ROLE,
    GET_ORGANIZATION_ROLE,
    LIST_ENVIRONMENT_ROLES,
    LIST_ORGANIZATION_ROLES,
    REMOVE_ORGANIZATION_ROLE_PERMISSION,
    SET_ENVIRONMENT_ROLE_PERMISSIONS,
    SET_ORGANIZATION_ROLE_PERMISSIONS,
    UPDATE_ENVIRONMENT_ROLE,
    UPDATE_ORGANIZATION_ROLE,
)
