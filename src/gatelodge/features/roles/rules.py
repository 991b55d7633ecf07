"""Values and pure functions of roles and permissions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal, NamedTuple, Protocol

import msgspec

from gatelodge.contract.errors import InvalidRole, MultipleRolesNotEnabled, SubResourceRoleNotAllowed
from gatelodge.contract.roles import Role
from gatelodge.contract.timestamps import write_timestamp

ENVIRONMENT = ""
"""The scope of roles that count everywhere in an environment."""
MEMBER = "member"
ADMIN = "admin"
ORGANIZATION_RESOURCE = "organization"

_LONGEST_SLUG = 48
_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")


class StoredRole(msgspec.Struct, frozen=True, kw_only=True):
    """A role as it is stored, its permissions by slug; instants in milliseconds."""

    id: str
    scope: str
    slug: str
    name: str
    description: str | None
    resource_type_slug: str
    permissions: tuple[str, ...] = ()
    created_at: int
    updated_at: int


class Claims(NamedTuple):
    """What an access token says a member is and may do."""

    role: str | None
    """The slug of highest priority among `roles`; None once the membership is gone."""
    roles: tuple[str, ...]
    permissions: tuple[str, ...]


class Assigned(Protocol):
    """A membership, as far as roles need to know of one."""

    @property
    def id(self) -> str:
        """Name the membership."""

    @property
    def organization_id(self) -> str:
        """Name its organization."""


def render_role(role: StoredRole) -> Role:
    """Write a role as the wire shows it."""
    kind: Literal["EnvironmentRole", "OrganizationRole"]
    kind = "OrganizationRole" if role.scope else "EnvironmentRole"
    return Role(
        id=role.id,
        slug=role.slug,
        name=role.name,
        description=role.description,
        type=kind,
        resource_type_slug=role.resource_type_slug,
        permissions=list(role.permissions),
        created_at=write_timestamp(role.created_at),
        updated_at=write_timestamp(role.updated_at),
    )


def describe_role(role: StoredRole) -> dict[str, object]:
    """Write the payload of a role's events (contract page 23 §2)."""
    payload: dict[str, object] = {
        "object": "organization_role" if role.scope else "role",
        "slug": role.slug,
        "resource_type_slug": role.resource_type_slug,
        "permissions": list(role.permissions),
        "created_at": write_timestamp(role.created_at),
        "updated_at": write_timestamp(role.updated_at),
    }
    if role.scope:
        payload |= {"organization_id": role.scope, "name": role.name, "description": role.description}
    return payload


def invent_slug(name: str, suffix: str) -> str:
    """Make the slug of an organization's role from its name and a random suffix."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = _NOT_IN_A_SLUG.sub("-", ascii_name).strip("-") or "role"
    room = _LONGEST_SLUG - len("org--") - len(suffix)
    return f"org-{words[:room].rstrip('-')}-{suffix}"


def foresee_claims(roles: Sequence[StoredRole]) -> Claims:
    """Tell what an access token will say of a member who is about to be given these roles."""
    granted = {permission for role in roles for permission in role.permissions}
    slugs = tuple(role.slug for role in roles)
    return Claims(role=slugs[0] if slugs else None, roles=slugs, permissions=tuple(sorted(granted)))


def check_choice(slugs: Sequence[str], found: Sequence[StoredRole], *, several: bool) -> list[StoredRole]:
    """Let the roles pass that a member is to have; `found` may hold two of one slug.

    An organization's own role comes before the environment's of the same slug.

    Raises:
        MultipleRolesNotEnabled: More than one is asked for where `several` is false.
        InvalidRole: One of them does not count there.
        SubResourceRoleNotAllowed: One of them is not a role for members.
    """
    wanted = list(dict.fromkeys(slugs))
    if len(wanted) > 1 and not several:
        raise MultipleRolesNotEnabled
    by_slug = {role.slug: role for role in sorted(found, key=lambda role: role.scope)}
    for slug in wanted:
        role = by_slug.get(slug)
        if role is None:
            raise InvalidRole(f"There is no role {slug!r} in this organization.")
        if role.resource_type_slug != ORGANIZATION_RESOURCE:
            raise SubResourceRoleNotAllowed(role_slug=slug)
    return [by_slug[slug] for slug in wanted]
