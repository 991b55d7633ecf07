"""Organizations, their domains and roles, through every way in."""

from __future__ import annotations

import pytest

from gatelodge import DomainData, errors
from gatelodge.testing import FrozenClock
from tests.sdk.household import Household


def test_an_organization_is_created_found_changed_and_deleted(um: Household) -> None:
    vouched = [DomainData(domain="acme.example", state="verified")]
    made = um.create_organization("Acme", domain_data=vouched, external_id="crm/7 1", metadata={"tier": "gold"})

    assert made == um.get_organization(made.id) == um.get_organization_by_external_id("crm/7 1")
    assert (made.domains[0].domain, made.domains[0].state) == ("acme.example", "verified")
    assert (made.stripe_customer_id, made.domains[0].verification_token) == (None, None)

    changed = um.update_organization(
        made.id, name="Acme & Sons", stripe_customer_id="cus_1", external_id=None, metadata={"tier": None, "seats": "9"}
    )
    assert (changed.name, changed.stripe_customer_id, changed.external_id) == ("Acme & Sons", "cus_1", None)
    assert (changed.metadata, changed.domains) == ({"seats": "9"}, made.domains)
    assert um.update_organization(made.id, domain_data=[], stripe_customer_id=None).domains == []

    assert um.delete_organization(made.id) is None
    with pytest.raises(errors.NotFound):
        um.get_organization(made.id)


def test_organizations_are_found_by_domain_and_by_name_and_walked_page_by_page(
    um: Household, clock: FrozenClock
) -> None:
    made = []
    for number in range(5):
        data = [DomainData(domain=f"acme{number}.example", state="verified")]
        made.append(um.create_organization(f"Acme {number}", domain_data=data).id)
        clock.advance(seconds=1)

    by_domain = um.list_organizations(["acme1.example", "acme3.example", "other.example"], order="asc")

    assert [each.id for each in by_domain] == [made[1], made[3]]
    assert [each.id for each in um.list_organizations("acme2.example")] == [made[2]]
    assert [each.id for each in um.list_organizations(search="me 4")] == [made[4]]
    assert [each.id for each in um.walk(um.list_organizations(limit=2))] == made[::-1]
    assert [each.id for each in um.list_organizations(after=made[3], order="asc")] == [made[4]]


def test_what_is_taken_by_another_organization_is_refused(um: Household) -> None:
    vouched = [DomainData(domain="acme.example", state="verified")]
    first = um.create_organization("Acme", domain_data=vouched, external_id="1")
    second = um.create_organization("Beta")
    um.update_organization(first.id, stripe_customer_id="cus_1")

    with pytest.raises(errors.DomainTaken):
        um.create_organization("Gamma", domain_data=vouched)
    with pytest.raises(errors.ExternalIdTaken):
        um.update_organization(second.id, external_id="1")
    with pytest.raises(errors.StripeCustomerTaken):
        um.update_organization(second.id, stripe_customer_id="cus_1")
    with pytest.raises(errors.RequestInvalid):
        um.create_organization("")


def test_a_domain_is_attached_looked_for_and_taken_away(um: Household) -> None:
    vouched = [DomainData(domain="acme.example", state="verified")]
    organization = um.create_organization("Acme", domain_data=vouched)
    attached = um.create_organization_domain(organization.id, domain="acme.test")

    assert (attached.state, attached.organization_id) == ("pending", organization.id)
    assert attached.verification_token
    assert um.get_organization_domain(attached.id).verification_prefix == attached.verification_prefix
    assert um.verify_organization_domain(attached.id).state == "pending"
    with pytest.raises(errors.DomainAlreadyVerified):
        um.verify_organization_domain(organization.domains[0].id)
    with pytest.raises(errors.DomainTaken):
        um.create_organization_domain(organization.id, domain="acme.test")

    assert um.delete_organization_domain(attached.id) is None
    with pytest.raises(errors.NotFound):
        um.get_organization_domain(attached.id)
    assert [each.domain for each in um.get_organization(organization.id).domains] == ["acme.example"]


def test_a_permission_is_created_found_changed_and_deleted(um: Household, clock: FrozenClock) -> None:
    made = um.create_permission("bills:read", name="Read bills", description="All of them")
    clock.advance(seconds=1)
    um.create_permission("bills:pay", name="Pay bills")

    assert um.get_permission("bills:read") == made
    assert [each.slug for each in um.walk(um.list_permissions(limit=1))] == ["bills:pay", "bills:read"]
    assert um.update_permission("bills:read", description=None).description is None
    assert um.update_permission("bills:read", name="See bills").name == "See bills"
    with pytest.raises(errors.PermissionSlugTaken):
        um.create_permission("bills:read", name="Again")

    assert um.delete_permission("bills:read") is None
    with pytest.raises(errors.NotFound):
        um.get_permission("bills:read")


def test_a_role_of_the_environment_counts_in_every_organization(um: Household) -> None:
    organization = um.create_organization("Acme")
    for slug in ("bills:read", "bills:pay"):
        um.create_permission(slug, name=slug)
    made = um.create_environment_role("biller", name="Biller", description="Pays")

    assert um.get_environment_role("biller") == made
    assert [role.slug for role in um.list_environment_roles().data][-2:] == ["member", "biller"]
    changed = um.update_environment_role("biller", name="Payer", description=None)
    assert (changed.name, changed.description) == ("Payer", None)
    assert um.add_environment_role_permission("biller", permission_slug="bills:pay").permissions == ["bills:pay"]
    assert um.set_environment_role_permissions("biller", permissions=["bills:read"]).permissions == ["bills:read"]
    assert um.get_organization_role(organization.id, role_slug="biller").permissions == ["bills:read"]
    with pytest.raises(errors.RoleSlugTaken):
        um.create_environment_role("biller", name="Again")
    with pytest.raises(errors.NotFound):
        um.add_environment_role_permission("biller", permission_slug="no:such")


def test_an_organizations_own_role_counts_there_alone(um: Household) -> None:
    acme, other = um.create_organization("Acme"), um.create_organization("Other")
    for slug in ("bills:read", "bills:pay"):
        um.create_permission(slug, name=slug)
    made = um.create_organization_role(acme.id, name="Biller", slug="org-biller", description="Pays")
    own = {"role_slug": "org-biller"}

    assert um.get_organization_role(acme.id, **own) == made
    assert [role.slug for role in um.list_organization_roles(acme.id).data][-2:] == ["member", "org-biller"]
    assert um.list_organization_roles(other.id).data[-1].slug == "member"
    assert um.update_organization_role(acme.id, **own, description=None).description is None
    given = um.set_organization_role_permissions(acme.id, **own, permissions=["bills:read"])
    assert given.permissions == ["bills:read"]
    more = um.add_organization_role_permission(acme.id, **own, permission_slug="bills:pay")
    assert sorted(more.permissions) == ["bills:pay", "bills:read"]
    less = um.remove_organization_role_permission(acme.id, **own, permission_slug="bills:read")
    assert less.permissions == ["bills:pay"]
    with pytest.raises(errors.Forbidden):
        um.update_organization_role(acme.id, role_slug="member", name="Mine")
    with pytest.raises(errors.OrganizationRoleSlugTaken):
        um.create_organization_role(acme.id, name="Again", slug="org-biller")

    assert um.delete_organization_role(acme.id, **own) is None
    with pytest.raises(errors.NotFound):
        um.get_organization_role(acme.id, **own)
