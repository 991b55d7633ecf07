"""Create, find, list, change and delete organizations."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import UNSET

from gatelodge.contract.errors import ExternalIdTaken, NotFound, StripeCustomerTaken
from gatelodge.contract.organization_domains import DomainState
from gatelodge.contract.organizations import (
    CreateOrganization,
    ExternalOrganizationId,
    ListOrganizations,
    Organization,
    OrganizationId,
    UpdateOrganization,
)
from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.features.events import actions as events
from gatelodge.features.organizations import store
from gatelodge.features.organizations.domains import attach, detach, refuse_domain, replace_all, tell_attached
from gatelodge.features.organizations.rules import (
    DomainInvalid,
    OrganizationPolicy,
    StoredDomain,
    StoredOrganization,
    describe_organization,
    find_domain_form,
    fold_name,
    list_wanted,
    render_organization,
)
from gatelodge.features.roles import actions as roles
from gatelodge.features.sessions import actions as sessions
from gatelodge.kit.choices import MOST_CHOICES
from gatelodge.kit.database import Queries, Question, UniqueViolation
from gatelodge.kit.metadata import merge_metadata
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit


def get_organization(unit: Unit, asked: OrganizationId) -> Organization:
    """Get an organization by id.

    Raises:
        NotFound: This environment has no such organization.
    """
    organization = find_organization(unit, asked.organization_id)
    if organization is None:
        raise NotFound.of("Organization", asked.organization_id)
    return organization


def get_organization_by_external_id(unit: Unit, asked: ExternalOrganizationId) -> Organization:
    """Get an organization by the caller's own identifier.

    Raises:
        NotFound: This environment has no such organization.
    """
    environment_id = unit.actor.environment_id
    found = store.find_by_external_id(unit.read, environment_id, asked.external_id)
    if found is None:
        raise NotFound.of("Organization", asked.external_id)
    return render_organization(found, store.list_domains(unit.read, environment_id, [found.id]))


def find_organization(unit: Unit, organization_id: str) -> Organization | None:
    """Find an organization by id."""
    environment_id = unit.actor.environment_id
    found = store.find(unit.read, environment_id, organization_id)
    if found is None:
        return None
    return render_organization(found, store.list_domains(unit.read, environment_id, [found.id]))


def require_organization(unit: Unit, organization_id: str) -> None:
    """Make sure that an organization exists.

    Raises:
        NotFound: This environment has no such organization.
    """
    if store.find(unit.read, unit.actor.environment_id, organization_id) is None:
        raise NotFound.of("Organization", organization_id)


def name_organizations(queries: Queries, unit: Unit, organization_ids: Sequence[str]) -> dict[str, str]:
    """Find the names of organizations by their ids; those that are gone are left out."""
    ids = list(dict.fromkeys(organization_ids))
    names: dict[str, str] = {}
    for start in range(0, len(ids), MOST_CHOICES):
        names |= store.list_names(queries, unit.actor.environment_id, ids[start : start + MOST_CHOICES])
    return names


def hold_organization(queries: Queries, unit: Unit, organization_id: str) -> None:
    """Hold an organization's row until the transaction ends, so that nobody deletes it meanwhile.

    Raises:
        NotFound: This environment has no such organization.
    """
    if store.hold(queries, unit.actor.environment_id, organization_id) is None:
        raise NotFound.of("Organization", organization_id)


def list_organizations(unit: Unit, asked: ListOrganizations) -> Page[Organization]:
    """List organizations, newest first, by domain or by a part of the name."""
    window = open_window(asked, "org")
    environment_id = unit.actor.environment_id
    forms: list[str] | None = None
    if asked.domains:
        forms = [form for form in map(find_domain_form, asked.domains) if form is not None]
        if not forms:
            return Page(data=[], list_metadata=ListMetadata())
    search = fold_name(asked.search) if asked.search else None
    rows = store.list_window(unit.read, environment_id, window, domains=forms, search=search)
    page = fold_page(asked, window, rows, store.read_organization, identify=lambda found: found.id)
    by_organization: dict[str, list[StoredDomain]] = {}
    for domain in store.list_domains(unit.read, environment_id, [found.id for found in page.data]):
        by_organization.setdefault(domain.organization_id, []).append(domain)
    shown = [render_organization(found, by_organization.get(found.id, ())) for found in page.data]
    return Page(data=shown, list_metadata=page.list_metadata)


def create_organization(unit: Unit, asked: CreateOrganization) -> Organization:
    """Create an organization with its domains.

    Raises:
        RequestInvalid: A domain is none, or a public mail provider's.
        DomainTaken: Another organization holds one of the domains as verified.
        ExternalIdTaken: Another organization has the external id.
        MetadataInvalid: The metadata breaks a limit.
    """
    wanted = _list_wanted(asked) or []
    organization = StoredOrganization(
        id=unit.new_id("org"),
        name=asked.name,
        external_id=asked.external_id or None,
        metadata={} if asked.metadata is UNSET else merge_metadata({}, asked.metadata),
        allow_profiles_outside_organization=bool(asked.allow_profiles_outside_organization),
        created_at=unit.now,
        updated_at=unit.now,
    )

    def write(queries: Queries) -> Organization:
        environment_id = unit.actor.environment_id
        if not store.insert(queries, environment_id, organization):
            raise ExternalIdTaken
        domains = [attach(queries, unit, organization.id, name=name, state=state) for name, state in wanted]
        shown = render_organization(organization, sorted(domains, key=lambda domain: domain.id))
        _record(queries, unit, "created", shown)
        for domain in domains:
            tell_attached(queries, unit, domain)
        return shown

    return unit.conclude(write)


def _list_wanted(asked: CreateOrganization | UpdateOrganization) -> list[tuple[str, DomainState | None]] | None:
    try:
        return list_wanted(asked)
    except DomainInvalid as reason:
        raise refuse_domain("domain_data" if asked.domain_data else "domains", reason) from None


def _record(queries: Queries, unit: Unit, verb: str, organization: Organization) -> None:
    events.record(
        queries,
        unit,
        f"organization.{verb}",
        describe_organization(organization),
        organization_id=organization.id,
    )


def update_organization(unit: Unit, asked: UpdateOrganization) -> Organization:
    """Change what is given of an organization; `domain_data` replaces all of its domains.

    Raises:
        NotFound: This environment has no such organization.
        RequestInvalid: A domain is none, or a public mail provider's.
        DomainTaken: Another organization holds one of the domains as verified.
        ExternalIdTaken: Another organization has the external id.
        StripeCustomerTaken: Another organization has the customer.
        MetadataInvalid: The metadata breaks a limit.
    """
    wanted = _list_wanted(asked)

    def write(queries: Queries) -> Organization:
        environment_id = unit.actor.environment_id
        held = store.hold(queries, environment_id, asked.organization_id)
        if held is None:
            raise NotFound.of("Organization", asked.organization_id)
        changed = _apply(held, asked)
        _refuse_taken(queries, environment_id, held, changed=changed)
        domains = store.list_domains(queries, environment_id, [held.id])
        has_moved = wanted is not None and replace_all(queries, unit, domains, organization_id=held.id, wanted=wanted)
        if changed == held and not has_moved:
            return render_organization(held, domains)
        changed = msgspec.structs.replace(changed, updated_at=unit.now)
        store.update(queries, environment_id, changed)
        shown = render_organization(changed, store.list_domains(queries, environment_id, [held.id]))
        _record(queries, unit, "updated", shown)
        return shown

    try:
        return unit.conclude(write)
    except UniqueViolation:
        # A racer took an id or a domain between our look and our write; the second look
        # tells which.
        return unit.conclude(write)


def _apply(held: StoredOrganization, asked: UpdateOrganization) -> StoredOrganization:
    changes: dict[str, object] = {}
    if asked.name is not UNSET:
        changes["name"] = asked.name
    if asked.allow_profiles_outside_organization not in (UNSET, None):
        changes["allow_profiles_outside_organization"] = asked.allow_profiles_outside_organization
    for member in ("external_id", "stripe_customer_id"):
        value = getattr(asked, member)
        if value is not UNSET:
            changes[member] = value or None
    if asked.metadata is not UNSET:
        changes["metadata"] = merge_metadata(held.metadata, asked.metadata)
    return msgspec.structs.replace(held, **changes)


def _refuse_taken(
    queries: Queries, environment_id: str, held: StoredOrganization, *, changed: StoredOrganization
) -> None:
    external_id, customer = changed.external_id, changed.stripe_customer_id
    asks_id = external_id is not None and external_id != held.external_id
    if asks_id and store.find_by_external_id(queries, environment_id, external_id or "") is not None:
        raise ExternalIdTaken
    asks_customer = customer is not None and customer != held.stripe_customer_id
    if asks_customer and store.find_by_stripe_customer(queries, environment_id, customer or "") is not None:
        raise StripeCustomerTaken


def remove(queries: Queries, unit: Unit, organization_id: str) -> None:
    """Delete an organization within a transaction, with its domains, its roles and the sessions bound to it.

    Whoever stands above has removed its members and invitations already.

    Raises:
        NotFound: This environment has no such organization.
    """
    environment_id = unit.actor.environment_id
    held = store.hold(queries, environment_id, organization_id)
    if held is None:
        raise NotFound.of("Organization", organization_id)
    domains = store.list_domains(queries, environment_id, [organization_id])
    sessions.end_in_organization(queries, unit, organization_id=organization_id)
    for domain in domains:
        detach(queries, unit, domain)
    roles.remove_scope(queries, unit, organization_id)
    store.delete(queries, environment_id, organization_id)
    _record(queries, unit, "deleted", render_organization(held, domains))


def find_policy(unit: Unit, organization_id: str) -> OrganizationPolicy | None:
    """Find what an organization demands of sign-ins; None when there is no such organization."""
    return store.find_policy(unit.read, unit.actor.environment_id, organization_id)


def set_policy(unit: Unit, organization_id: str, policy: OrganizationPolicy) -> bool:
    """Replace what an organization demands of sign-ins; False when there is no such organization."""
    return unit.write(
        lambda queries: store.set_policy(
            queries, unit.actor.environment_id, organization_id, policy=policy, now=unit.now
        )
    )


def lets_use(unit: Unit, email: str, method: str) -> bool:
    """Tell whether the organization that governs an address's domain lets it use a method."""
    governing = find_domain_policy(unit, email)
    if governing is None or not governing[1].governs_domains:
        return True
    policy = governing[1]
    return not policy.sso_required and (policy.methods is None or method in policy.methods)


def is_managed(unit: Unit, email: str) -> bool:
    """Tell whether an address belongs to an organization's own identity provider."""
    governing = find_domain_policy(unit, email)
    return governing is not None and governing[1].governs_domains and governing[1].sso_required


def may_invite(unit: Unit, organization_id: str) -> bool:
    """Tell whether an organization may send invitations."""
    policy = store.find_policy(unit.read, unit.actor.environment_id, organization_id)
    return policy is None or policy.sends_invitations


def ask_for_verified_domain(unit: Unit) -> Question:
    """Ask whether any domain is verified here: without one, none has a say by the address of a user."""
    return store.ask_for_verified_domain(unit.actor.environment_id)


def find_domain_policy(unit: Unit, email: str) -> tuple[str, OrganizationPolicy] | None:
    """Find the organization that holds an address's domain as verified, with its policy.

    What it makes of that is in the policy: `governs_domains` and `joins_by_domain`. A
    domain that is not verified gives nobody a say.
    """
    domain = find_domain_form(email.rpartition("@")[2])
    if domain is None:
        return None
    environment_id = unit.actor.environment_id
    holder = store.find_holder(unit.read, environment_id, domain)
    policy = store.find_policy(unit.read, environment_id, holder) if holder else None
    return (holder, policy) if holder and policy else None
