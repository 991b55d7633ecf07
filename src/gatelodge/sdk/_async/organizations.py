"""Organizations and their domains (contract page 20)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from gatelodge.contract import organization_domains as domains_contract
from gatelodge.contract import organizations as contract
from gatelodge.contract.organization_domains import DomainData, OrganizationDomain
from gatelodge.contract.organizations import Organization
from gatelodge.sdk._async.calls import AsyncCalls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.contract.paging import Order
    from gatelodge.sdk._async.paging import AsyncPageOf


class AsyncOrganizations(AsyncCalls):
    """The methods for organizations and their domains."""

    async def get_organization(self, organization_id: str) -> Organization:
        """Get an organization.

        `GET /organizations/{organization_id}`, contract page 20.

        Example:
            organization = await um.get_organization(organization.id)

        Raises:
            NotFound: This environment has no such organization.
        """
        request = contract.OrganizationId(organization_id=organization_id)
        return await self._get(contract.GET_ORGANIZATION, request, Organization)

    async def get_organization_by_external_id(self, external_id: str) -> Organization:
        """Get an organization by your own identifier for it.

        `GET /organizations/external_id/{external_id}`, contract page 20. The identifier
        may hold slashes, blanks and other signs; they travel escaped.

        Example:
            organization = await um.get_organization_by_external_id(organization.external_id)

        Raises:
            NotFound: No organization of this environment has this identifier.
        """
        request = contract.ExternalOrganizationId(external_id=external_id)
        return await self._get(contract.GET_ORGANIZATION_BY_EXTERNAL_ID, request, Organization)

    async def list_organizations(
        self,
        domains: Sequence[str] | None = None,
        *,
        search: str | None = None,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> AsyncPageOf[Organization]:
        """List organizations, newest first unless `order` says otherwise.

        `GET /organizations`, contract page 20. Those with any of `domains`, or with
        `search` in the name; `limit` is 1 to 100 organizations a page.

        Example:
            page = await um.list_organizations(domains=["acme.example"])

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        wanted = [domains] if isinstance(domains, str) else domains
        request = contract.ListOrganizations(
            domains=None if wanted is None else list(wanted),
            search=search,
            limit=limit,
            before=before,
            after=after,
            order=order,
        )
        return await self._get_page(contract.LIST_ORGANIZATIONS, request, Organization)

    async def create_organization(
        self,
        name: str,
        *,
        domain_data: Sequence[DomainData] | None = None,
        allow_profiles_outside_organization: bool | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Organization:
        """Create an organization, with domains if any are given; names need not be unique.

        `POST /organizations`, contract page 20. A domain of state "verified" is one that
        you vouch for; a "pending" one is looked for in the DNS. `metadata` holds at most
        50 pairs.

        Example:
            organization = await um.create_organization("Acme", external_id="crm-47", metadata={"plan": "team"})

        Raises:
            DomainTaken: Another organization has one of the domains.
            ExternalIdTaken: Another organization has this `external_id`.
            MetadataInvalid: `metadata` breaks a limit.
            RequestInvalid: The name, a domain or another member is malformed.
        """
        request = contract.CreateOrganization(
            name=name,
            domain_data=UNSET if domain_data is None else list(domain_data),
            allow_profiles_outside_organization=given(allow_profiles_outside_organization),
            external_id=given(external_id),
            metadata=UNSET if metadata is None else dict(metadata),
        )
        return await self._get(contract.CREATE_ORGANIZATION, request, Organization)

    async def update_organization(
        self,
        organization_id: str,
        *,
        name: str | UnsetType = UNSET,
        domain_data: Sequence[DomainData] | UnsetType = UNSET,
        allow_profiles_outside_organization: bool | UnsetType = UNSET,
        stripe_customer_id: str | None | UnsetType = UNSET,
        external_id: str | None | UnsetType = UNSET,
        metadata: Mapping[str, str | None] | None | UnsetType = UNSET,
    ) -> Organization:
        """Change what is given; what is not given stays, and None clears.

        `PUT /organizations/{organization_id}`, contract page 20. `domain_data` replaces
        the whole set of domains. `metadata` is merged: a pair whose value is None is
        removed, and None for the whole removes all pairs.

        Example:
            organization = await um.update_organization(organization.id, name="Acme Ltd")

        Raises:
            NotFound: This environment has no such organization.
            DomainTaken: Another organization has one of the domains.
            ExternalIdTaken: Another organization has this `external_id`.
            StripeCustomerTaken: Another organization has this `stripe_customer_id`.
            MetadataInvalid: `metadata` breaks a limit.
            RequestInvalid: The name, a domain or another member is malformed.
        """
        request = contract.UpdateOrganization(
            organization_id=organization_id,
            name=name,
            domain_data=domain_data if isinstance(domain_data, UnsetType) else list(domain_data),
            allow_profiles_outside_organization=allow_profiles_outside_organization,
            stripe_customer_id=stripe_customer_id,
            external_id=external_id,
            metadata=dict(metadata) if isinstance(metadata, Mapping) else metadata,
        )
        return await self._get(contract.UPDATE_ORGANIZATION, request, Organization)

    async def delete_organization(self, organization_id: str) -> None:
        """Delete an organization and all that hangs on it: domains, memberships, invitations, roles.

        `DELETE /organizations/{organization_id}`, contract page 20. Its users stay; the
        sessions that are bound to it end.

        Example:
            await um.delete_organization(organization.id)

        Raises:
            NotFound: This environment has no such organization. That is also the outcome when
                a first try deleted it, but its answer was lost and the call was repeated.
        """
        request = contract.OrganizationId(organization_id=organization_id)
        await self._exchange(contract.DELETE_ORGANIZATION, request)

    async def create_organization_domain(self, organization_id: str, *, domain: str) -> OrganizationDomain:
        """Attach a domain to an organization, and begin to look for its proof in the DNS.

        `POST /organization_domains`, contract page 20. The proof is a TXT record named
        `verification_prefix` below the domain, with `verification_token` as its value.

        Example:
            domain = await um.create_organization_domain(organization.id, domain="acme.example")

        Raises:
            DomainTaken: An organization has this domain.
            NotFound: This environment has no such organization.
            RequestInvalid: The domain is malformed.
        """
        request = domains_contract.CreateOrganizationDomain(organization_id=organization_id, domain=domain)
        return await self._get(domains_contract.CREATE_ORGANIZATION_DOMAIN, request, OrganizationDomain)

    async def get_organization_domain(self, organization_domain_id: str) -> OrganizationDomain:
        """Get a domain of an organization, with the state of its proof.

        `GET /organization_domains/{organization_domain_id}`, contract page 20.

        Example:
            domain = await um.get_organization_domain(domain.id)

        Raises:
            NotFound: This environment has no such domain.
        """
        request = domains_contract.DomainId(organization_domain_id=organization_domain_id)
        return await self._get(domains_contract.GET_ORGANIZATION_DOMAIN, request, OrganizationDomain)

    async def verify_organization_domain(self, organization_domain_id: str) -> OrganizationDomain:
        """Begin to look for a domain's proof, or begin again; its state tells later what was found.

        `POST /organization_domains/{organization_domain_id}/verify`, contract page 20.

        Example:
            domain = await um.verify_organization_domain(domain.id)

        Raises:
            DomainAlreadyVerified: There is nothing to prove.
            NotFound: This environment has no such domain.
        """
        request = domains_contract.DomainId(organization_domain_id=organization_domain_id)
        return await self._get(domains_contract.VERIFY_ORGANIZATION_DOMAIN, request, OrganizationDomain)

    async def delete_organization_domain(self, organization_domain_id: str) -> None:
        """Take a domain from its organization.

        `DELETE /organization_domains/{organization_domain_id}`, contract page 20.

        Example:
            await um.delete_organization_domain(domain.id)

        Raises:
            NotFound: This environment has no such domain. That is also the outcome when a
                first try deleted it, but its answer was lost and the call was repeated.
        """
        request = domains_contract.DomainId(organization_domain_id=organization_domain_id)
        await self._exchange(domains_contract.DELETE_ORGANIZATION_DOMAIN, request)
