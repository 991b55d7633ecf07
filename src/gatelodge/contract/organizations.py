"""Organizations on the wire (contract page 20)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.organization_domains import DomainData, DomainName, OrganizationDomain
from gatelodge.contract.paging import Page, PageRequest
from gatelodge.contract.presence import always, always_a_map
from gatelodge.contract.users import ExternalId

OrganizationName = Annotated[str, msgspec.Meta(min_length=1, max_length=256, pattern=r"\S")]
StripeCustomerId = Annotated[str, msgspec.Meta(max_length=256)]
_Domains = Annotated[list[DomainName], msgspec.Meta(max_length=100)]
_DomainData = Annotated[list[DomainData], msgspec.Meta(max_length=100)]


class Organization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A customer of the application: users are its members, domains its mail addresses.

    `metadata` is always an object. Names need not be unique.
    """

    object: Literal["organization"] = always("organization")
    id: str
    name: str
    domains: list[OrganizationDomain]
    metadata: dict[str, str] = always_a_map()
    external_id: str | None = always(None)
    stripe_customer_id: str | None = None
    allow_profiles_outside_organization: bool = always(value=False)
    created_at: str
    updated_at: str


class OrganizationId(msgspec.Struct, frozen=True, kw_only=True):
    """Name an organization by id."""

    organization_id: str


class ExternalOrganizationId(msgspec.Struct, frozen=True, kw_only=True):
    """Name an organization by the caller's own identifier."""

    external_id: str


class ListOrganizations(PageRequest, frozen=True, kw_only=True):
    """List organizations, newest first: those with any of `domains`, or with `search` in the name."""

    domains: Annotated[list[str], msgspec.Meta(max_length=100)] | None = None
    search: str | None = None


class CreateOrganization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Create an organization, with domains if any are given."""

    name: OrganizationName
    allow_profiles_outside_organization: bool | None | UnsetType = UNSET
    domains: _Domains | None | UnsetType = UNSET
    """Deprecated form of `domain_data`: all of them to be proved."""
    domain_data: _DomainData | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET
    external_id: ExternalId | None | UnsetType = UNSET


class UpdateOrganization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Change what is given; what is absent stays, and null clears.

    `domain_data` replaces the whole set of domains. `metadata` is merged key by key.
    """

    organization_id: str
    name: OrganizationName | UnsetType = UNSET
    allow_profiles_outside_organization: bool | None | UnsetType = UNSET
    domains: _Domains | None | UnsetType = UNSET
    """Deprecated form of `domain_data`: a domain that is there keeps its state."""
    domain_data: _DomainData | None | UnsetType = UNSET
    stripe_customer_id: StripeCustomerId | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET
    external_id: ExternalId | None | UnsetType = UNSET


_TAG = "organizations"
_PATH = "/organizations"
_DOMAIN_ERRORS = ("domain_already_exists", "external_id_already_used", "invalid_metadata")

LIST_ORGANIZATIONS = Operation(
    name="list_organizations",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListOrganizations,
    result=Page[Organization],
    tag=_TAG,
    summary="List organizations.",
)
CREATE_ORGANIZATION = Operation(
    name="create_organization",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreateOrganization,
    result=Organization,
    status=201,
    tag=_TAG,
    summary="Create an organization.",
    errors=_DOMAIN_ERRORS,
)
GET_ORGANIZATION_BY_EXTERNAL_ID = Operation(
    name="get_organization_by_external_id",
    method="GET",
    path=_PATH + "/external_id/{external_id*}",
    access=Access.API_KEY,
    request=ExternalOrganizationId,
    result=Organization,
    tag=_TAG,
    summary="Get an organization by the caller's own identifier.",
)
GET_ORGANIZATION = Operation(
    name="get_organization",
    method="GET",
    path=_PATH + "/{organization_id}",
    access=Access.API_KEY,
    request=OrganizationId,
    result=Organization,
    tag=_TAG,
    summary="Get an organization.",
)
UPDATE_ORGANIZATION = Operation(
    name="update_organization",
    method="PUT",
    path=_PATH + "/{organization_id}",
    access=Access.API_KEY,
    request=UpdateOrganization,
    result=Organization,
    tag=_TAG,
    summary="Change an organization.",
    errors=(*_DOMAIN_ERRORS, "stripe_customer_id_already_used"),
)
DELETE_ORGANIZATION = Operation(
    name="delete_organization",
    method="DELETE",
    path=_PATH + "/{organization_id}",
    access=Access.API_KEY,
    request=OrganizationId,
    result=Nothing,
    status=202,
    tag=_TAG,
    summary="Delete an organization and all that hangs on it.",
)

OPERATIONS = (
    CREATE_ORGANIZATION,
    DELETE_ORGANIZATION,
    GET_ORGANIZATION,
    GET_ORGANIZATION_BY_EXTERNAL_ID,
    LIST_ORGANIZATIONS,
    UPDATE_ORGANIZATION,
)
