"""Organizations with their domains, policies and own roles."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from gatelodge.cli.seed import authorize
from gatelodge.cli.seed.changes import (
    Detail,
    Difference,
    Step,
    Wrong,
    compare,
    compare_metadata,
    pick_members,
    pick_metadata,
)
from gatelodge.cli.seed.marks import Marked
from gatelodge.cli.seed.settle import merge_policy
from gatelodge.cli.seed.shapes import DomainSeed, EnvironmentSeed, OrganizationSeed
from gatelodge.contract.errors import NotFound
from gatelodge.contract.organization_domains import CreateOrganizationDomain, DomainData
from gatelodge.contract.organizations import (
    CreateOrganization,
    ExternalOrganizationId,
    ListOrganizations,
    Organization,
    UpdateOrganization,
)
from gatelodge.contract.shapes import ready
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations import domains
from gatelodge.features.organizations.rules import OrganizationPolicy, find_domain_form
from gatelodge.kit.unit import Unit

_MEMBERS = ("name", "external_id", "allow_profiles_outside_organization")
_MOST_PAGES = 100
_PAGE = 100


class Named(NamedTuple):
    """An organization that a file names: as it stands in the file, and its id where it is there already."""

    seed: OrganizationSeed | None
    id: str | None


def list_steps(seed: EnvironmentSeed) -> Iterator[Step]:
    """Make the steps of an environment's organizations."""
    for item in seed.organizations:
        yield Step(kind="organization", name=item.name, line=item.line, look=_look_for_organization(item))
        for domain in item.domains:
            name = f"{domain.domain} of {item.name}"
            yield Step(kind="domain", name=name, line=domain.line, look=_look_for_domain(item, domain))
        if item.policy is not None:
            look = _look_at_policy(item, item.policy)
            yield Step(kind="policy", name=f"of {item.name}", line=item.policy.line, look=look)
        yield from authorize.list_own_steps(seed, item, find=_finder(item))


def resolve(unit: Unit, seed: EnvironmentSeed, reference: str) -> Named:
    """Find the organization that an external id or a name means, in the file before the database.

    Raises:
        Wrong: There is none, or several in the database have this name.
    """
    by_id = [each for each in seed.organizations if each.external_id == reference]
    by_name = [each for each in seed.organizations if each.name == reference]
    for item in (by_id or by_name)[:1]:
        found = _find(unit, item)
        return Named(item, found.id if found else None)
    found = _find_by_external_id(unit, reference) or _find_by_name(unit, reference, nameless_only=False)
    if found is None:
        raise Wrong(f"there is no organization {reference!r}, neither in this file nor in the database.")
    return Named(None, found.id)


def _find(unit: Unit, item: OrganizationSeed) -> Organization | None:
    """Find an organization of the file; one of its name that has no external id yet is meant, too."""
    if item.external_id is not UNSET:
        found = _find_by_external_id(unit, item.external_id)
        return found or _find_by_name(unit, item.name, nameless_only=True)
    return _find_by_name(unit, item.name, nameless_only=False)


def _finder(item: OrganizationSeed) -> authorize.FindOrganization:
    def find(unit: Unit) -> str | None:
        found = _find(unit, item)
        return found.id if found else None

    return find


def _find_by_external_id(unit: Unit, external_id: str) -> Organization | None:
    try:
        return organizations.get_organization_by_external_id(unit, ExternalOrganizationId(external_id=external_id))
    except NotFound:
        return None


def _find_by_name(unit: Unit, name: str, *, nameless_only: bool) -> Organization | None:
    found: list[Organization] = []
    cursor = None
    for _ in range(_MOST_PAGES):
        page = organizations.list_organizations(unit, ListOrganizations(search=name, limit=_PAGE, after=cursor))
        found += [each for each in page.data if each.name == name and not (nameless_only and each.external_id)]
        cursor = page.list_metadata.after
        if cursor is None:
            break
    if len(found) > 1:
        raise Wrong(f"{len(found)} organizations are called {name!r}; name one by its external_id.")
    return found[0] if found else None


def _look_for_organization(item: OrganizationSeed) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        current = _find(unit, item)
        details = compare(current, item, members=_MEMBERS if current else _MEMBERS[1:])
        details += compare_metadata(current.metadata if current else {}, item.metadata)
        given = pick_members(details, _MEMBERS)
        if current is None:
            asked = CreateOrganization(name=item.name, metadata=pick_metadata(details), **given)
            return Difference(
                verb="create", details=details, carry_out=lambda unit: organizations.create_organization(unit, asked)
            )
        if not details:
            return None
        change = UpdateOrganization(organization_id=current.id, metadata=pick_metadata(details), **given)
        return Difference(
            verb="change", details=details, carry_out=lambda unit: organizations.update_organization(unit, change)
        )

    return look


def _look_for_domain(item: OrganizationSeed, wanted: DomainSeed) -> Callable[[Unit], Difference | None]:
    form = find_domain_form(wanted.domain)

    def look(unit: Unit) -> Difference | None:
        current = _find(unit, item)
        held = next((each for each in current.domains if each.domain == form), None) if current else None
        is_verified = held is not None and held.state in {"verified", "legacy_verified"}
        if held is not None and (is_verified or not wanted.verified):
            return None
        return Difference(
            verb="change" if held else "create",
            details=[Detail("state", held.state if held else None, "verified" if wanted.verified else "pending")],
            carry_out=lambda unit: _attach(unit, current, wanted),
        )

    return look


def _attach(unit: Unit, organization: Organization | None, wanted: DomainSeed) -> None:
    if organization is None:
        raise Wrong("its organization is not there.")
    if not wanted.verified:
        asked = CreateOrganizationDomain(organization_id=organization.id, domain=wanted.domain)
        domains.create_organization_domain(unit, asked)
        return
    # Domains that are named without a state keep theirs; those not named at all would go.
    change = UpdateOrganization(
        organization_id=organization.id,
        domain_data=[DomainData(domain=wanted.domain, state="verified")],
        domains=[each.domain for each in organization.domains],
    )
    organizations.update_organization(unit, change)


def _look_at_policy(item: OrganizationSeed, given: Marked) -> Callable[[Unit], Difference | None]:
    def look(unit: Unit) -> Difference | None:
        found = _find(unit, item)
        current = (organizations.find_policy(unit, found.id) if found else None) or OrganizationPolicy()
        details, members = merge_policy(current, given)
        policy = msgspec.convert(members, ready(OrganizationPolicy))
        if not details:
            return None

        def write(unit: Unit) -> None:
            if found is None or not organizations.set_policy(unit, found.id, policy):
                raise Wrong("its organization is not there.")

        return Difference(verb="change", details=details, carry_out=write)

    return look
