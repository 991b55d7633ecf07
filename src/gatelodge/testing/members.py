"""What may be said of the users and organizations that a test begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatelodge.contract.organization_domains import DomainData
    from gatelodge.contract.users import PasswordHashType


class UserMembers(TypedDict, total=False):
    """What `UserManagement.create_user` takes beside the address."""

    password: str | None
    password_hash: str | None
    password_hash_type: PasswordHashType | None
    first_name: str | None
    last_name: str | None
    name: str | None
    email_verified: bool | None
    external_id: str | None
    metadata: Mapping[str, str] | None


class OrganizationMembers(TypedDict, total=False):
    """What `UserManagement.create_organization` takes beside the name."""

    domain_data: Sequence[DomainData] | None
    allow_profiles_outside_organization: bool | None
    external_id: str | None
    metadata: Mapping[str, str] | None
