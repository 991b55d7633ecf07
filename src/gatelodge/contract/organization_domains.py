"""Domains of organizations on the wire (contract page 20)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.presence import always

DomainName = Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
DomainState = Literal["failed", "legacy_verified", "pending", "unverified", "verified"]
VerificationStrategy = Literal["dns", "manual"]


class OrganizationDomain(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A domain of mail addresses that an organization claims.

    A pending domain is proved by a TXT record at `verification_prefix` below it whose
    value is `verification_token`. One that the caller vouched for has neither.
    """

    object: Literal["organization_domain"] = always("organization_domain")
    id: str
    organization_id: str
    domain: str
    state: DomainState
    verification_prefix: str | None = None
    verification_token: str | None = None
    verification_strategy: VerificationStrategy
    created_at: str
    updated_at: str


class DomainData(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A domain to attach: `verified` when the caller vouches for it, else to be proved by DNS."""

    domain: DomainName
    state: Literal["pending", "verified"] = "pending"


class DomainId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a domain of an organization by id."""

    organization_domain_id: str


class CreateOrganizationDomain(msgspec.Struct, frozen=True, kw_only=True):
    """Attach a domain to an organization and begin to look for its proof."""

    organization_id: str
    domain: DomainName


_TAG = "organization-domains"
_PATH = "/organization_domains"

CREATE_ORGANIZATION_DOMAIN = Operation(
    name="create_organization_domain",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=CreateOrganizationDomain,
    result=OrganizationDomain,
    status=201,
    tag=_TAG,
    summary="Attach a domain to an organization.",
    errors=("domain_already_exists",),
)
GET_ORGANIZATION_DOMAIN = Operation(
    name="get_organization_domain",
    method="GET",
    path=_PATH + "/{organization_domain_id}",
    access=Access.API_KEY,
    request=DomainId,
    result=OrganizationDomain,
    tag=_TAG,
    summary="Get a domain of an organization.",
)
DELETE_ORGANIZATION_DOMAIN = Operation(
    name="delete_organization_domain",
    method="DELETE",
    path=_PATH + "/{organization_domain_id}",
    access=Access.API_KEY,
    request=DomainId,
    result=Nothing,
    status=204,
    tag=_TAG,
    summary="Take a domain from its organization.",
)
VERIFY_ORGANIZATION_DOMAIN = Operation(
    name="verify_organization_domain",
    method="POST",
    path=_PATH + "/{organization_domain_id}/verify",
    access=Access.API_KEY,
    request=DomainId,
    result=OrganizationDomain,
    status=201,
    tag=_TAG,
    summary="Begin to look for a domain's proof, or begin again.",
    errors=("domain_already_verified",),
)

OPERATIONS = (
    CREATE_ORGANIZATION_DOMAIN,
    DELETE_ORGANIZATION_DOMAIN,
    GET_ORGANIZATION_DOMAIN,
    VERIFY_ORGANIZATION_DOMAIN,
)
