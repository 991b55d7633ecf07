"""The roles of one organization: reached from here, where its existence is known."""

from __future__ import annotations

from collections.abc import Callable

from gatelodge.contract.errors import RoleHasAssignments
from gatelodge.contract.operation import Nothing
from gatelodge.contract.roles import (
    AddOrganizationRolePermission,
    CreateOrganizationRole,
    RemoveOrganizationRolePermission,
    Role,
    RoleList,
    RoleOfOrganization,
    RolesOfOrganization,
    SetOrganizationRolePermissions,
    UpdateOrganizationRole,
)
from gatelodge.features.organizations.actions import hold_organization, require_organization
from gatelodge.features.roles import actions as roles
from gatelodge.kit.database import Queries, ReferenceViolation
from gatelodge.kit.unit import Unit


def list_organization_roles(unit: Unit, asked: RolesOfOrganization) -> RoleList:
    """List the roles that count in an organization, its own and the environment's, in its order.

    Raises:
        NotFound: This environment has no such organization.
    """
    require_organization(unit, asked.organization_id)
    return roles.list_counting(unit, asked.organization_id)


def get_organization_role(unit: Unit, asked: RoleOfOrganization) -> Role:
    """Get the role that a slug means in an organization.

    Raises:
        NotFound: There is no such organization, or no such role counts in it.
    """
    require_organization(unit, asked.organization_id)
    return roles.get_counting(unit, asked.organization_id, asked.role_slug)


def create_organization_role(unit: Unit, asked: CreateOrganizationRole) -> Role:
    """Create a role of one organization; it comes last in its order.

    Raises:
        NotFound: This environment has no such organization.
        OrganizationRoleSlugTaken: It has a role with this slug.
    """
    return _change(unit, asked.organization_id, lambda queries: roles.create_own(queries, unit, asked))


def _change(unit: Unit, organization_id: str, change: Callable[[Queries], Role]) -> Role:
    def write(queries: Queries) -> Role:
        hold_organization(queries, unit, organization_id)
        return change(queries)

    return unit.conclude(write)


def update_organization_role(unit: Unit, asked: UpdateOrganizationRole) -> Role:
    """Change the name or the description of an organization's own role.

    Raises:
        NotFound: There is no such organization or role.
        Forbidden: It is a role of the environment.
    """
    organization_id = asked.organization_id
    return _change(unit, organization_id, lambda queries: roles.update_in(queries, unit, organization_id, asked))


def set_organization_role_permissions(unit: Unit, asked: SetOrganizationRolePermissions) -> Role:
    """Give an organization's own role exactly these permissions.

    Raises:
        NotFound: There is no such organization, role or permission.
        Forbidden: It is a role of the environment.
    """
    organization_id = asked.organization_id
    return _change(
        unit,
        organization_id,
        lambda queries: roles.set_permissions(
            queries, unit, organization_id, slug=asked.role_slug, wanted=asked.permissions
        ),
    )


def add_organization_role_permission(unit: Unit, asked: AddOrganizationRolePermission) -> Role:
    """Give an organization's own role one more permission; raises as setting them does."""
    organization_id = asked.organization_id
    return _change(
        unit,
        organization_id,
        lambda queries: roles.add_permission(
            queries, unit, organization_id, slug=asked.role_slug, permission=asked.slug
        ),
    )


def remove_organization_role_permission(unit: Unit, asked: RemoveOrganizationRolePermission) -> Role:
    """Take a permission from an organization's own role; raises as setting them does."""
    organization_id = asked.organization_id
    return _change(
        unit,
        organization_id,
        lambda queries: roles.remove_permission(
            queries, unit, organization_id, slug=asked.role_slug, permission=asked.permission_slug
        ),
    )


def delete_organization_role(unit: Unit, asked: RoleOfOrganization) -> Nothing:
    """Delete an organization's own role that nobody has.

    Raises:
        NotFound: There is no such organization or role.
        Forbidden: It is a role of the environment.
        RoleHasAssignments: Members have it.
    """

    def write(queries: Queries) -> Nothing:
        hold_organization(queries, unit, asked.organization_id)
        roles.remove_own(queries, unit, asked)
        return Nothing()

    try:
        return unit.conclude(write)
    except ReferenceViolation:
        raise RoleHasAssignments from None
