"""What may stand in a seed file. What is absent is left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.cli.seed.marks import Marked, Noted
from gatelodge.contract.organization_domains import DomainName
from gatelodge.contract.organizations import OrganizationName
from gatelodge.contract.permissions import Description, PermissionSlug, Title
from gatelodge.contract.roles import OwnRoleSlug, RoleSlug
from gatelodge.contract.users import ExternalId, Name, PasswordHashType, SaltPosition
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.organizations.rules import OrganizationPolicy

ClientId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,128}$(?!\n)")]
EnvironmentName = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^(?!environment_|-)\S.*(?<!\s)$")]
Metadata = dict[str, str | None]
_Slugs = Annotated[list[str], msgspec.Meta(min_length=1)]


def _make_partial(name: str, policy: type[msgspec.Struct]) -> Any:  # noqa: ANN401  # made at run time
    """Make the shape of a policy in a file: each member of it, and all of them may be absent."""
    members: list[Any] = [(field.name, field.type | UnsetType, UNSET) for field in msgspec.structs.fields(policy)]
    return msgspec.defstruct(name, members, bases=(Marked,), frozen=True, kw_only=True, forbid_unknown_fields=True)


if TYPE_CHECKING:
    PolicySeed: TypeAlias = Marked
    OrganizationPolicySeed: TypeAlias = Marked
else:
    PolicySeed = _make_partial("PolicySeed", EnvironmentPolicy)
    OrganizationPolicySeed = _make_partial("OrganizationPolicySeed", OrganizationPolicy)


class PermissionSeed(Marked, frozen=True, kw_only=True):
    """A permission; its name is the slug unless another is given."""

    slug: PermissionSlug
    name: Title | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET


class RoleSeed(Marked, frozen=True, kw_only=True):
    """A role of the environment; `permissions` are all that it has."""

    slug: RoleSlug
    name: Title | UnsetType = UNSET
    description: Description | None | UnsetType = UNSET
    permissions: list[PermissionSlug] | UnsetType = UNSET


class OwnRoleSeed(RoleSeed, frozen=True, kw_only=True):
    """A role of one organization; its slug begins with `org-`."""

    slug: OwnRoleSlug


class DomainSeed(Marked, frozen=True, kw_only=True):
    """A domain of an organization; `verified` vouches for it, else the DNS has to prove it."""

    domain: DomainName
    verified: bool = False


class OrganizationSeed(Marked, frozen=True, kw_only=True):
    """An organization, known by its external id, or by its name where it has none."""

    name: OrganizationName
    external_id: ExternalId | UnsetType = UNSET
    allow_profiles_outside_organization: bool | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET
    domains: tuple[DomainSeed, ...] = ()
    policy: OrganizationPolicySeed | None = None
    roles: tuple[OwnRoleSeed, ...] = ()
    role_order: _Slugs | UnsetType = UNSET
    default_role: str | UnsetType = UNSET


class MembershipSeed(Marked, frozen=True, kw_only=True):
    """A user's place in an organization, which is named by external id or name."""

    organization: str
    roles: _Slugs | UnsetType = UNSET
    status: Literal["active", "inactive"] | UnsetType = UNSET


class UserSeed(Marked, frozen=True, kw_only=True):
    """A user, known by its external id, else by its address."""

    email: str
    password: str | UnsetType = UNSET
    password_hash: str | UnsetType = UNSET
    password_hash_type: PasswordHashType | UnsetType = UNSET
    password_salt_position: SaltPosition | UnsetType = UNSET
    reset_password: bool = False
    email_verified: bool | UnsetType = UNSET
    first_name: Name | None | UnsetType = UNSET
    last_name: Name | None | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    external_id: ExternalId | UnsetType = UNSET
    locale: str | None | UnsetType = UNSET
    metadata: Metadata | UnsetType = UNSET
    memberships: tuple[MembershipSeed, ...] = ()


class InvitationSeed(Marked, frozen=True, kw_only=True):
    """An invitation, sent once to an address for an organization, or for the application."""

    email: str
    organization: str | UnsetType = UNSET
    role: str | UnsetType = UNSET
    expires_in_days: Annotated[int, msgspec.Meta(ge=1, le=30)] | UnsetType = UNSET
    inviter: str | UnsetType = UNSET
    locale: str | UnsetType = UNSET


class EnvironmentSeed(Marked, frozen=True, kw_only=True):
    """What an environment should hold."""

    name: EnvironmentName | UnsetType = UNSET
    client_id: ClientId | UnsetType = UNSET
    policy: PolicySeed | None = None
    redirect_uris: tuple[Noted, ...] = ()
    sign_out_uris: tuple[Noted, ...] = ()
    cors_origins: tuple[Noted, ...] = ()
    permissions: tuple[PermissionSeed, ...] = ()
    roles: tuple[RoleSeed, ...] = ()
    role_order: _Slugs | UnsetType = UNSET
    default_role: str | UnsetType = UNSET
    organizations: tuple[OrganizationSeed, ...] = ()
    users: tuple[UserSeed, ...] = ()
    invitations: tuple[InvitationSeed, ...] = ()


class SeedFile(Marked, frozen=True, kw_only=True):
    """A file with several environments."""

    environments: list[EnvironmentSeed]
