"""Permissions and roles, those of the environment and those of one organization."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from gatelodge.cli.seed.changes import Detail, Difference, Step, Wrong, compare, pick_members
from gatelodge.cli.seed.shapes import EnvironmentSeed, OrganizationSeed, PermissionSeed, RoleSeed
from gatelodge.contract.errors import NotFound
from gatelodge.contract.operation import Nothing
from gatelodge.contract.permissions import (
    AuthorizationPermission,
    CreatePermission,
    PermissionOfSlug,
    UpdatePermission,
)
from gatelodge.contract.roles import (
    CreateOrganizationRole,
    CreateRole,
    Role,
    RolesOfOrganization,
    SetOrganizationRolePermissions,
    SetRolePermissions,
    UpdateOrganizationRole,
    UpdateRole,
)
from gatelodge.features.organizations import own_roles
from gatelodge.features.permissions import actions as permissions
from gatelodge.features.roles import actions as roles
from gatelodge.features.roles import order
from gatelodge.features.roles.rules import ADMIN, ENVIRONMENT, MEMBER
from gatelodge.kit.unit import Unit

_WORDS = ("name", "description")

FindOrganization = Callable[[Unit], str | None]
"""Gives the id of the organization whose roles are meant; None while it is not there."""


def list_steps(seed: EnvironmentSeed) -> Iterator[Step]:
    """Make the steps of an environment's permissions and roles."""
    for permission in seed.permissions:
        yield Step(kind="permission", name=permission.slug, line=permission.line, look=_look_for_permission(permission))
    for role in seed.roles:
        yield Step(kind="role", name=role.slug, line=role.line, look=_look_for_role(seed, role))
    if seed.role_order is not UNSET:
        look = _look_at_order(seed, None, seed.role_order, find=_no_organization)
        yield Step(kind="role order", name="of the environment", line=seed.line, look=look)
    if seed.default_role is not UNSET:
        look = _look_at_default(seed, None, seed.default_role, find=_no_organization)
        yield Step(kind="default role", name="of the environment", line=seed.line, look=look)


def list_own_steps(seed: EnvironmentSeed, organization: OrganizationSeed, *, find: FindOrganization) -> Iterator[Step]:
    """Make the steps of an organization's own roles."""
    name, line = organization.name, organization.line
    for role in organization.roles:
        look = _look_for_role(seed, role, find)
        yield Step(kind="role", name=f"{role.slug} of {name}", line=role.line, look=look)
    if organization.role_order is not UNSET:
        look = _look_at_order(seed, organization, organization.role_order, find=find)
        yield Step(kind="role order", name=f"of {name}", line=line, look=look)
    if organization.default_role is not UNSET:
        look = _look_at_default(seed, organization, organization.default_role, find=find)
        yield Step(kind="default role", name=f"of {name}", line=line, look=look)


def check_slugs(
    unit: Unit,
    seed: EnvironmentSeed,
    slugs: Iterable[str],
    *,
    organization: OrganizationSeed | None,
    organization_id: str | None,
) -> None:
    """Make sure that roles are there, or will be when the file's steps before are done.

    Raises:
        Wrong: One of them will not.
    """
    known = _foresee(unit, seed, organization, organization_id=organization_id)
    for slug in slugs:
        if slug not in known:
            place = f"in {organization.name}" if organization else "here"
            raise Wrong(f"there is no role {slug!r} {place}, neither in this file nor in the database.")


def _foresee(
    unit: Unit, seed: EnvironmentSeed, organization: OrganizationSeed | None, *, organization_id: str | None
) -> list[str]:
    """List the slugs in the order that they will have: new ones come last."""
    standing = [role.slug for role in list_standing(unit, organization_id)]
    new = [role.slug for role in seed.roles] + [role.slug for role in (organization.roles if organization else ())]
    return list(dict.fromkeys([*standing, *new]))


def list_standing(unit: Unit, organization_id: str | None) -> Sequence[Role]:
    """List the roles that count, in their order; a new environment has its first ones."""
    if not unit.actor.environment_id:
        slugs = (ADMIN, MEMBER) if unit.settings.development else (MEMBER,)
        return [_first_role(slug) for slug in slugs]
    if organization_id is None:
        return roles.list_environment_roles(unit, Nothing()).data
    return own_roles.list_organization_roles(unit, RolesOfOrganization(organization_id=organization_id)).data


def _first_role(slug: str) -> Role:
    return Role(
        id="",
        slug=slug,
        name=slug.capitalize(),
        type="EnvironmentRole",
        resource_type_slug="organization",
        permissions=[],
        created_at="",
        updated_at="",
    )


def _look_for_permission(item: PermissionSeed) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        current = _find_permission(unit, item.slug)
        details = compare(current, item, members=_WORDS)
        given = pick_members(details, _WORDS)
        if current is None:
            asked = CreatePermission(**{"slug": item.slug, "name": item.slug} | given)
            return Difference(
                verb="create", details=details, carry_out=lambda unit: permissions.create_permission(unit, asked)
            )
        if not details:
            return None
        change = UpdatePermission(slug=item.slug, **given)
        return Difference(
            verb="change", details=details, carry_out=lambda unit: permissions.update_permission(unit, change)
        )

    return look


def _find_permission(unit: Unit, slug: str) -> AuthorizationPermission | None:
    try:
        return permissions.get_permission(unit, PermissionOfSlug(slug=slug))
    except NotFound:
        return None


def _no_organization(unit: Unit) -> None:  # noqa: ARG001  # a `FindOrganization`
    return None


def _look_for_role(
    seed: EnvironmentSeed, item: RoleSeed, find: FindOrganization | None = None
) -> Callable[[Unit], Difference | None]:
    kind = "OrganizationRole" if find else "EnvironmentRole"
    in_file = {permission.slug for permission in seed.permissions}

    def look(unit: Unit) -> Difference | None:
        organization_id = find(unit) if find else None
        standing = () if find and organization_id is None else list_standing(unit, organization_id)
        current = next((role for role in standing if role.slug == item.slug and role.type == kind), None)
        details = compare(current, item, members=_WORDS)
        if item.permissions is not UNSET:
            _check_permissions(unit, item.permissions, in_file)
            details += _compare_lists("permissions", current.permissions if current else [], item.permissions)
        if current is not None and not details:
            return None
        return Difference(
            verb="change" if current else "create",
            details=details,
            carry_out=lambda unit: _write_role(
                unit, item, details, organization_id=organization_id, is_new=current is None
            ),
        )

    return look


def _check_permissions(unit: Unit, slugs: Iterable[str], in_file: set[str]) -> None:
    for slug in slugs:
        if slug not in in_file and _find_permission(unit, slug) is None:
            raise Wrong(f"there is no permission {slug!r}, neither in this file nor in the database.")


def _compare_lists(member: str, old: Iterable[str], new: Iterable[str]) -> list[Detail]:
    before, after = sorted(set(old)), sorted(set(new))
    return [] if before == after else [Detail(member, before or None, after)]


def _write_role(
    unit: Unit, item: RoleSeed, details: Sequence[Detail], *, organization_id: str | None, is_new: bool
) -> None:
    given = pick_members(details, _WORDS)
    if is_new:
        members = {"slug": item.slug, "name": item.slug} | given
        _create_role(unit, members, organization_id)
    elif given:
        _update_role(unit, {"role_slug": item.slug} | given, organization_id)
    slugs: list[str] | UnsetType = item.permissions
    if slugs is UNSET or not any(each.member == "permissions" for each in details):
        return
    if organization_id is None:
        roles.set_environment_role_permissions(unit, SetRolePermissions(role_slug=item.slug, permissions=slugs))
    else:
        own_roles.set_organization_role_permissions(
            unit,
            SetOrganizationRolePermissions(organization_id=organization_id, role_slug=item.slug, permissions=slugs),
        )


def _create_role(unit: Unit, members: dict[str, Any], organization_id: str | None) -> None:
    if organization_id is None:
        roles.create_environment_role(unit, CreateRole(**members))
        return
    asked = CreateOrganizationRole(organization_id=organization_id, **members)
    own_roles.create_organization_role(unit, asked)


def _update_role(unit: Unit, members: dict[str, Any], organization_id: str | None) -> None:
    if organization_id is None:
        roles.update_environment_role(unit, UpdateRole(**members))
        return
    asked = UpdateOrganizationRole(organization_id=organization_id, **members)
    own_roles.update_organization_role(unit, asked)


def _look_at_order(
    seed: EnvironmentSeed, organization: OrganizationSeed | None, slugs: Sequence[str], *, find: FindOrganization
) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        organization_id = find(unit)
        check_slugs(unit, seed, slugs, organization=organization, organization_id=organization_id)
        standing = _foresee(unit, seed, organization, organization_id=organization_id)
        wanted = list(dict.fromkeys([*slugs, *standing]))
        if wanted == standing:
            return None

        def arrange(unit: Unit) -> None:
            scope = organization_id or ENVIRONMENT
            unit.write(lambda queries: order.set_order(queries, unit, scope, slugs))

        return Difference(verb="change", details=[Detail("order", standing, wanted)], carry_out=arrange)

    return look


def _look_at_default(
    seed: EnvironmentSeed, organization: OrganizationSeed | None, slug: str, *, find: FindOrganization
) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        organization_id = find(unit)
        check_slugs(unit, seed, [slug], organization=organization, organization_id=organization_id)
        current = MEMBER
        if unit.actor.environment_id:
            current = roles.resolve(unit, organization_id or ENVIRONMENT, [])[0].slug
        if current == slug:
            return None

        def choose(unit: Unit) -> None:
            scope = organization_id or ENVIRONMENT
            unit.write(lambda queries: order.set_default(queries, unit, scope, slug))

        return Difference(verb="change", details=[Detail("role", current, slug)], carry_out=choose)

    return look
