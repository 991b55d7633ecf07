"""The roles of one organization: its own beside the environment's, in its own order."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.features.roles import order
from tests.features.organizations.test_organizations import create
from tests.harness.inprocess import House


def path(organization: dict[str, Any], slug: str = "") -> str:
    """Give the path of an organization's roles, or of one of them."""
    return f"/authorization/organizations/{organization['id']}/roles" + (f"/{slug}" if slug else "")


def slugs(house: House, organization: dict[str, Any]) -> list[str]:
    """List the roles that count in an organization in its order."""
    return [role["slug"] for role in house.get(path(organization)).json["data"]]


def test_an_own_role_comes_last_and_counts_in_its_organization_alone(house: House) -> None:
    acme, other = create(house), create(house, name="Other")

    answer = house.post(path(acme), {"slug": "org-billing", "name": "Billing", "description": "Pays"})

    assert answer.status == 201
    assert answer.json["type"] == "OrganizationRole"
    assert slugs(house, acme) == ["admin", "member", "org-billing"]
    assert slugs(house, other) == ["admin", "member"]
    assert house.get(path(acme, "org-billing")).json == answer.json
    assert house.get(path(other, "org-billing")).status == 404
    assert house.get("/authorization/roles/org-billing").status == 404
    (event,) = house.events("organization_role.created")
    assert "id" not in event["data"]
    assert (event["data"]["organization_id"], event["data"]["name"]) == (acme["id"], "Billing")


def test_a_slug_is_made_from_the_name_when_none_is_given(house: House) -> None:
    acme = create(house)

    made = [house.post(path(acme), {"name": name}).json["slug"] for name in ("Bücher & Co", "Bücher & Co", "部門")]

    assert made[0].startswith("org-bucher-co-")
    assert made[0] != made[1]
    assert made[2].startswith("org-role-")
    assert max(map(len, made)) <= 48


@pytest.mark.parametrize("slug", ["billing", "org-", "org-Upper", "org-" + "a" * 45])
def test_an_own_slug_begins_with_org(house: House, slug: str) -> None:
    assert house.post(path(create(house)), {"slug": slug, "name": "x"}).status == 422


def test_an_own_slug_is_taken_once_in_an_organization(house: House) -> None:
    acme, other = create(house), create(house)
    asked = {"slug": "org-billing", "name": "Billing"}

    answers = [house.post(path(each), asked) for each in (acme, acme, other)]

    assert [answer.status for answer in answers] == [201, 409, 201]
    assert answers[1].json["code"] == "organization_role_slug_conflict"


def test_a_role_of_the_environment_is_shown_but_not_changed_through_an_organization(house: House) -> None:
    acme = create(house)

    assert house.get(path(acme, "member")).json["type"] == "EnvironmentRole"
    assert house.call("PATCH", path(acme, "member"), {"name": "x"}).status == 403
    assert house.put(path(acme, "member") + "/permissions", {"permissions": []}).status == 403
    assert house.delete(path(acme, "member")).status == 403
    assert house.get("/authorization/roles/member").json["name"] == "Member"


def test_an_own_role_is_changed_given_permissions_and_deleted(house: House) -> None:
    acme = create(house)
    house.post(path(acme), {"slug": "org-billing", "name": "Billing"})
    for slug in ("bills:read", "bills:pay"):
        house.post("/authorization/permissions", {"slug": slug, "name": slug})
    own = path(acme, "org-billing")

    named = house.call("PATCH", own, {"name": "Bills", "description": "Pays"})
    both = house.put(f"{own}/permissions", {"permissions": ["bills:read"]})
    more = house.post(f"{own}/permissions", {"slug": "bills:pay"})
    less = house.delete(f"{own}/permissions/bills:read")
    absent = house.delete(f"{own}/permissions/bills:read")
    gone = house.delete(own)

    assert (named.json["name"], named.json["description"]) == ("Bills", "Pays")
    assert [answer.json["permissions"] for answer in (both, more, less)] == [
        ["bills:read"],
        ["bills:pay", "bills:read"],
        ["bills:pay"],
    ]
    assert (less.status, absent.status) == (200, 404)
    assert (gone.status, gone.body, house.get(own).status) == (204, b"", 404)
    told = [
        event["event"].partition(".")[2]
        for event in house.events("organization_role.updated", "organization_role.deleted")
    ]
    assert told == ["updated"] * 4 + ["deleted"]


def test_an_unknown_organization_has_no_roles(house: House) -> None:
    nobody = {"id": "org_01ARZ3NDEKTSV4RRFFQ69G5FAV"}

    answers = [
        house.get(path(nobody)),
        house.post(path(nobody), {"name": "x"}),
        house.get(path(nobody, "member")),
        house.delete(path(nobody, "org-x")),
    ]

    assert [answer.status for answer in answers] == [404] * 4


def test_an_organization_with_its_own_order_keeps_it_and_a_new_role_comes_last_there_too(house: House) -> None:
    acme, other = create(house), create(house, name="Other")
    house.post(path(acme), {"slug": "org-owner", "name": "Owner"})
    unit = house.unit()

    unit.write(lambda queries: order.set_order(queries, unit, acme["id"], ["org-owner", "member"]))
    unit.write(lambda queries: order.set_default(queries, unit, acme["id"], "org-owner"))
    house.post("/authorization/roles", {"slug": "auditor", "name": "Auditor"})

    assert slugs(house, acme) == ["org-owner", "member", "admin", "auditor"]
    assert slugs(house, other) == ["admin", "member", "auditor"]
    user = house.create_user()
    joined = {
        each["name"]: house.post(
            "/user_management/organization_memberships", {"user_id": user["id"], "organization_id": each["id"]}
        ).json["role"]["slug"]
        for each in (acme, other)
    }
    assert joined == {"Acme": "org-owner", "Other": "member"}


def test_deleting_the_default_role_makes_the_environments_the_default(house: House) -> None:
    acme = create(house)
    house.post(path(acme), {"slug": "org-guest", "name": "Guest"})
    unit = house.unit()
    unit.write(lambda queries: order.set_default(queries, unit, acme["id"], "org-guest"))

    house.delete(path(acme, "org-guest"))

    user = house.create_user()
    membership = house.post(
        "/user_management/organization_memberships", {"user_id": user["id"], "organization_id": acme["id"]}
    )
    assert membership.json["role"] == {"slug": "member"}
