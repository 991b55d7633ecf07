"""Create, change and order roles, and choose those of a member.

Where an organization is named, its existence is for the caller to see to, in the same
transaction when something is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import UNSET

from gatelodge.contract.errors import (
    Forbidden,
    GatelodgeError,
    InvalidRole,
    NotFound,
    OrganizationRoleSlugTaken,
    RoleSlugTaken,
    SubResourceRoleNotAllowed,
)
from gatelodge.contract.operation import Nothing
from gatelodge.contract.roles import (
    AddRolePermission,
    CreateOrganizationRole,
    CreateRole,
    Role,
    RoleList,
    RoleOfEnvironment,
    RoleOfOrganization,
    SetRolePermissions,
    UpdateRole,
)
from gatelodge.features.applications import actions as applications
from gatelodge.features.events import actions as events
from gatelodge.features.permissions import actions as permissions
from gatelodge.features.permissions.rules import list_changes
from gatelodge.features.roles import store
from gatelodge.features.roles.rules import (
    ADMIN,
    ENVIRONMENT,
    MEMBER,
    ORGANIZATION_RESOURCE,
    Assigned,
    Claims,
    StoredRole,
    check_choice,
    describe_role,
    invent_slug,
    render_role,
)
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_code
from gatelodge.kit.unit import Unit


def prepare(queries: Queries, unit: Unit, environment_id: str) -> None:
    """Give an environment its first roles, unless it has any; no events tell of them.

    `member` is the default. In development mode there is `admin` too, before it.
    """
    if store.has_scope(queries, environment_id, ENVIRONMENT):
        return
    slugs = (ADMIN, MEMBER) if unit.settings.development else (MEMBER,)
    roles = [_new_role(unit, ENVIRONMENT, slug, name=slug.capitalize()) for slug in slugs]
    if not store.insert_scope(queries, environment_id, ENVIRONMENT, roles[-1].id):
        return
    for rank, role in enumerate(roles, start=1):
        store.insert(queries, environment_id, role)
        store.set_rank(queries, environment_id, ENVIRONMENT, role.id, rank=rank)


def _ensure(unit: Unit) -> None:
    environment_id = unit.actor.environment_id
    if not store.has_scope(unit.read, environment_id, ENVIRONMENT):
        unit.write(lambda queries: prepare(queries, unit, environment_id))


def _new_role(
    unit: Unit, scope: str, slug: str, *, name: str, description: str | None = None, resource_type: str | None = None
) -> StoredRole:
    return StoredRole(
        id=unit.new_id("role"),
        scope=scope,
        slug=slug,
        name=name,
        description=description,
        resource_type_slug=resource_type or ORGANIZATION_RESOURCE,
        created_at=unit.now,
        updated_at=unit.now,
    )


def _record(queries: Queries, unit: Unit, verb: str, role: StoredRole) -> None:
    kind = "organization_role" if role.scope else "role"
    events.record(queries, unit, f"{kind}.{verb}", describe_role(role), organization_id=role.scope or None)


def list_environment_roles(unit: Unit, asked: Nothing) -> RoleList:  # noqa: ARG001  # nothing can be asked
    """List the environment's roles, the first of highest priority."""
    return list_counting(unit, ENVIRONMENT)


def list_counting(unit: Unit, organization_id: str) -> RoleList:
    """List the roles that count in an organization, its own and the environment's, in its order."""
    _ensure(unit)
    found = store.list_counting(unit.read, unit.actor.environment_id, organization_id)
    return RoleList(data=[render_role(role) for role in found])


def get_environment_role(unit: Unit, asked: RoleOfEnvironment) -> Role:
    """Get a role of the environment.

    Raises:
        NotFound: It has no such role.
    """
    return get_counting(unit, ENVIRONMENT, asked.role_slug)


def get_counting(unit: Unit, organization_id: str, slug: str) -> Role:
    """Get the role that a slug means in an organization: its own before the environment's.

    Raises:
        NotFound: No such role counts there.
    """
    _ensure(unit)
    for scope in dict.fromkeys((organization_id, ENVIRONMENT)):
        role = store.find(unit.read, unit.actor.environment_id, scope, slug)
        if role is not None:
            return render_role(role)
    raise NotFound.of("Role", slug)


def create_environment_role(unit: Unit, asked: CreateRole) -> Role:
    """Create a role of the environment; it comes last in every order.

    Raises:
        RoleSlugTaken: The environment has one with this slug.
    """
    role = _new_role(
        unit,
        ENVIRONMENT,
        asked.slug,
        name=asked.name,
        description=asked.description or None,
        resource_type=asked.resource_type_slug or None,
    )

    def write(queries: Queries) -> Role:
        prepare(queries, unit, unit.actor.environment_id)
        if not store.insert(queries, unit.actor.environment_id, role):
            raise RoleSlugTaken
        return _place(queries, unit, role)

    return unit.conclude(write)


def _place(queries: Queries, unit: Unit, role: StoredRole) -> Role:
    store.rank_last(queries, unit.actor.environment_id, role)
    _record(queries, unit, "created", role)
    return render_role(role)


def create_own(queries: Queries, unit: Unit, asked: CreateOrganizationRole) -> Role:
    """Create a role of one organization, last in its order, within a transaction.

    The first gives the organization an order and a default of its own, which begin as
    the environment's.

    Raises:
        OrganizationRoleSlugTaken: It has one with this slug.
    """
    environment_id = unit.actor.environment_id
    slug = invent_slug(asked.name, issue_code(unit.random)) if asked.slug is UNSET else asked.slug
    role = _new_role(
        unit,
        asked.organization_id,
        slug,
        name=asked.name,
        description=asked.description or None,
        resource_type=asked.resource_type_slug or None,
    )
    prepare(queries, unit, environment_id)
    store.copy_order(queries, environment_id, role.scope)
    if not store.insert(queries, environment_id, role):
        raise OrganizationRoleSlugTaken
    return _place(queries, unit, role)


def update_environment_role(unit: Unit, asked: UpdateRole) -> Role:
    """Change the name or the description of a role of the environment.

    Raises:
        NotFound: It has no such role.
    """
    return unit.conclude(lambda queries: update_in(queries, unit, ENVIRONMENT, asked))


def update_in(queries: Queries, unit: Unit, scope: str, asked: UpdateRole) -> Role:
    """Change the name or the description of a role of this very scope.

    Only an organization's role tells of it: the event of the environment's shows neither.

    Raises:
        NotFound: The scope has no such role.
        Forbidden: An organization asks for a role of the environment.
    """
    role = _hold(queries, unit, scope, asked.role_slug)
    changes = list_changes(role, name=asked.name, description=asked.description)
    if not changes:
        return render_role(role)
    changed = msgspec.structs.replace(role, **changes, updated_at=unit.now)
    store.update(queries, unit.actor.environment_id, changed)
    if scope:
        _record(queries, unit, "updated", changed)
    return render_role(changed)


def _hold(queries: Queries, unit: Unit, scope: str, slug: str) -> StoredRole:
    environment_id = unit.actor.environment_id
    prepare(queries, unit, environment_id)
    role = store.hold(queries, environment_id, scope, slug)
    if role is None:
        raise _why_missing(queries, unit, scope, slug)
    return role


def _hold_with(queries: Queries, unit: Unit, scope: str, *, slug: str, wanted: Sequence[str]) -> StoredRole:
    """Hold permissions and then the role that gets them, in the order of whoever deletes a permission."""
    prepare(queries, unit, unit.actor.environment_id)
    if store.find(queries, unit.actor.environment_id, scope, slug) is None:
        raise _why_missing(queries, unit, scope, slug)
    permissions.hold_all(queries, unit, wanted)
    return _hold(queries, unit, scope, slug)


def _why_missing(queries: Queries, unit: Unit, scope: str, slug: str) -> GatelodgeError:
    environment_id = unit.actor.environment_id
    if scope and store.find(queries, environment_id, ENVIRONMENT, slug) is not None:
        return Forbidden(f"{slug!r} is a role of the environment and cannot be changed for one organization.")
    return NotFound.of("Role", slug)


def set_environment_role_permissions(unit: Unit, asked: SetRolePermissions) -> Role:
    """Give a role of the environment exactly these permissions.

    Raises:
        NotFound: There is no such role, or no such permission.
    """
    return unit.conclude(
        lambda queries: set_permissions(queries, unit, ENVIRONMENT, slug=asked.role_slug, wanted=asked.permissions)
    )


def add_environment_role_permission(unit: Unit, asked: AddRolePermission) -> Role:
    """Give a role of the environment one more permission; it may have it already.

    Raises:
        NotFound: There is no such role, or no such permission.
    """
    return unit.conclude(
        lambda queries: add_permission(queries, unit, ENVIRONMENT, slug=asked.role_slug, permission=asked.slug)
    )


def set_permissions(queries: Queries, unit: Unit, scope: str, *, slug: str, wanted: Iterable[str]) -> Role:
    """Give a role of this very scope exactly these permissions.

    Raises:
        NotFound: There is no such role, or no such permission.
        Forbidden: An organization asks for a role of the environment.
    """
    wanted = tuple(sorted(set(wanted)))
    role = _hold_with(queries, unit, scope, slug=slug, wanted=wanted)
    return _exchange(queries, unit, role, wanted)


def add_permission(queries: Queries, unit: Unit, scope: str, *, slug: str, permission: str) -> Role:
    """Give a role of this very scope one more permission; raises as `set_permissions`."""
    role = _hold_with(queries, unit, scope, slug=slug, wanted=[permission])
    return _exchange(queries, unit, role, tuple(sorted({*role.permissions, permission})))


def remove_permission(queries: Queries, unit: Unit, scope: str, *, slug: str, permission: str) -> Role:
    """Take a permission from a role of this very scope; raises as `set_permissions`.

    Raises:
        NotFound: The role does not have it.
    """
    role = _hold(queries, unit, scope, slug)
    if permission not in role.permissions:
        raise NotFound.of("Permission", permission)
    return _exchange(queries, unit, role, tuple(each for each in role.permissions if each != permission))


def _exchange(queries: Queries, unit: Unit, role: StoredRole, wanted: tuple[str, ...]) -> Role:
    if wanted == role.permissions:
        return render_role(role)
    environment_id = unit.actor.environment_id
    store.withdraw(queries, environment_id, role.id, sorted(set(role.permissions) - set(wanted)))
    store.grant(queries, environment_id, role.id, sorted(set(wanted) - set(role.permissions)))
    changed = msgspec.structs.replace(role, permissions=wanted, updated_at=unit.now)
    store.update(queries, environment_id, changed)
    _record(queries, unit, "updated", changed)
    return render_role(changed)


def remove_own(queries: Queries, unit: Unit, asked: RoleOfOrganization) -> None:
    """Delete an organization's own role; where it was the default, the environment's becomes it.

    Raises:
        NotFound: The organization has no such role.
        Forbidden: It is a role of the environment.
        ReferenceViolation: Members have it.
    """
    role = _hold(queries, unit, asked.organization_id, asked.role_slug)
    environment_id = unit.actor.environment_id
    default = store.find_default(queries, environment_id, role.scope)
    general = store.find_default(queries, environment_id, ENVIRONMENT)
    if default is not None and general is not None and default.id == role.id:
        store.set_default(queries, environment_id, role.scope, general.id)
    store.delete(queries, environment_id, role.id)
    _record(queries, unit, "deleted", role)


def remove_scope(queries: Queries, unit: Unit, organization_id: str) -> None:
    """Delete all that an organization has of roles; nobody may have any of them."""
    environment_id = unit.actor.environment_id
    for role in store.list_counting(queries, environment_id, organization_id):
        if role.scope:
            store.delete(queries, environment_id, role.id)
            _record(queries, unit, "deleted", role)
    store.delete_scope(queries, environment_id, organization_id)


def resolve(unit: Unit, organization_id: str, slugs: Sequence[str]) -> list[StoredRole]:
    """Find the roles that these slugs mean in an organization; no slug means its default.

    Raises:
        InvalidRole: One of them does not count there.
        MultipleRolesNotEnabled: Several are asked for where the policy allows one.
        SubResourceRoleNotAllowed: One of them is for resources, not for members.
    """
    _ensure(unit)
    several = len(slugs) < 2 or applications.find_policy(unit).multiple_roles  # noqa: PLR2004  # several means two
    return _choose(unit.read, unit, organization_id, slugs=slugs, several=several)


def resolve_one(queries: Queries, unit: Unit, organization_id: str, slug: str | None) -> StoredRole:
    """Find the role that a slug means in an organization, within a transaction.

    A role that is gone, or none, means the default: what was promised long ago must
    not fail for a role that was deleted since.
    """
    prepare(queries, unit, unit.actor.environment_id)
    try:
        return _choose(queries, unit, organization_id, slugs=[slug] if slug else [], several=False)[0]
    except (InvalidRole, SubResourceRoleNotAllowed):
        return _choose(queries, unit, organization_id, slugs=[], several=False)[0]


def _choose(
    queries: Queries, unit: Unit, organization_id: str, *, slugs: Sequence[str], several: bool
) -> list[StoredRole]:
    environment_id = unit.actor.environment_id
    if slugs:
        return check_choice(slugs, store.list_named(queries, environment_id, organization_id, slugs), several=several)
    default = store.find_default(queries, environment_id, organization_id)
    if default is None:
        raise InvalidRole("This environment has no default role.")
    return [default]


def assign(queries: Queries, unit: Unit, membership: Assigned, roles: Sequence[StoredRole]) -> None:
    """Make these the roles of a membership, within the transaction that stores it."""
    store.assign(
        queries,
        unit.actor.environment_id,
        membership.id,
        organization_id=membership.organization_id,
        role_ids=[role.id for role in roles],
    )


def list_assigned(queries: Queries, unit: Unit, membership_ids: Sequence[str]) -> dict[str, list[str]]:
    """List the slugs of the roles of up to a hundred memberships, that of highest priority first."""
    return store.list_assigned(queries, unit.actor.environment_id, membership_ids)


def claims_of(unit: Unit, membership: Assigned) -> Claims:
    """Tell what an access token says of a membership, from what is stored now."""
    rows = store.list_claims(unit.read, unit.actor.environment_id, membership.id)
    slugs = tuple(dict.fromkeys(row[0] for row in rows))
    granted = {row[1] for row in rows if row[1] is not None}
    return Claims(role=slugs[0] if slugs else None, roles=slugs, permissions=tuple(sorted(granted)))
