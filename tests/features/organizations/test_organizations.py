"""Organizations: create, find, list, change and delete."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.harness.inprocess import House

PATH = "/organizations"


def create(house: House, name: str = "Acme", **members: Any) -> dict[str, Any]:
    """Create an organization."""
    answer = house.post(PATH, {"name": name, **members})
    assert answer.status == 201, answer
    organization: dict[str, Any] = answer.json
    return organization


def test_an_organization_has_every_key_of_the_contract(house: House) -> None:
    organization = create(house, external_id="crm-1", metadata={"tier": "gold", "gone": ""})

    assert organization["id"].startswith("org_")
    assert {name: value for name, value in organization.items() if name != "id"} == {
        "object": "organization",
        "name": "Acme",
        "domains": [],
        "metadata": {"tier": "gold"},
        "external_id": "crm-1",
        "allow_profiles_outside_organization": False,
        "created_at": "2026-01-15T12:00:00.000Z",
        "updated_at": "2026-01-15T12:00:00.000Z",
    }
    assert house.get(f"{PATH}/{organization['id']}").json == organization
    assert house.get(f"{PATH}/external_id/crm-1").json == organization
    (event,) = house.events("organization.created")
    assert event["data"]["id"] == organization["id"]
    assert "allow_profiles_outside_organization" not in event["data"]


def test_an_external_id_may_hold_a_slash(house: House) -> None:
    organization = create(house, external_id="crm/eu/1")

    assert house.get(f"{PATH}/external_id/crm/eu/1").json["id"] == organization["id"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "invalid_request_parameters"),
        ({"name": ""}, 422, "invalid_request_parameters"),
        ({"name": "  "}, 422, "invalid_request_parameters"),
        ({"name": None}, 422, "invalid_request_parameters"),
        ({"name": "A", "external_id": "é"}, 422, "invalid_request_parameters"),
        ({"name": "A", "external_id": "x" * 129}, 422, "invalid_request_parameters"),
        ({"name": "A", "metadata": {"k" * 41: "v"}}, 400, "invalid_metadata"),
        ({"name": "A", "metadata": {"k": "v" * 601}}, 400, "invalid_metadata"),
        ({"name": "A", "metadata": {f"k{n}": "v" for n in range(51)}}, 400, "invalid_metadata"),
        ({"name": "A", "domain_data": [{"domain": "acme.com", "state": "failed"}]}, 422, "invalid_request_parameters"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_nothing(
    house: House, asked: dict[str, Any], status: int, code: str
) -> None:
    answer = house.post(PATH, asked)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert house.get(PATH).json["data"] == []


def test_an_external_id_is_taken_once(house: House) -> None:
    create(house, external_id="crm-1")
    other = create(house, name="Other")

    again = house.post(PATH, {"name": "Again", "external_id": "crm-1"})
    moved = house.put(f"{PATH}/{other['id']}", {"external_id": "crm-1"})

    assert (again.status, again.json["code"]) == (400, "external_id_already_used")
    assert (moved.status, moved.json["code"]) == (400, "external_id_already_used")


def test_of_many_racers_with_one_external_id_one_wins(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: house.post(PATH, {"name": f"R{n}", "external_id": "one"}), range(8)))

    assert sorted(answer.status for answer in answers) == [201] + [400] * 7
    assert len(house.get(PATH).json["data"]) == 1


def test_an_unknown_organization_is_not_found(house: House) -> None:
    unknown = "org_01ARZ3NDEKTSV4RRFFQ69G5FAV"

    answers = [
        house.get(f"{PATH}/{unknown}"),
        house.put(f"{PATH}/{unknown}", {"name": "x"}),
        house.delete(f"{PATH}/{unknown}"),
        house.get(f"{PATH}/{unknown}x"),
        house.get(f"{PATH}/external_id/none"),
    ]

    assert [answer.status for answer in answers] == [404] * 5
    assert answers[0].json["entity_id"] == unknown


def test_what_is_given_changes_and_what_is_absent_stays(house: House) -> None:
    made = create(house, external_id="crm-1", metadata={"a": "1", "b": "2"})
    path = f"{PATH}/{made['id']}"
    house.clock.advance(seconds=5)

    changed = house.put(path, {"name": "Acme Ltd", "metadata": {"b": None, "c": "3"}, "stripe_customer_id": "cus_1"})
    same = house.put(path, {})
    cleared = house.put(path, {"external_id": None, "metadata": None, "stripe_customer_id": None})

    assert changed.status == 200
    assert changed.json["name"] == "Acme Ltd"
    assert changed.json["metadata"] == {"a": "1", "c": "3"}
    assert (changed.json["external_id"], changed.json["stripe_customer_id"]) == ("crm-1", "cus_1")
    assert changed.json["updated_at"] == "2026-01-15T12:00:05.000Z"
    assert same.json == changed.json
    assert (cleared.json["external_id"], cleared.json["metadata"]) == (None, {})
    assert "stripe_customer_id" not in cleared.json
    assert len(house.events("organization.updated")) == 2


def test_a_stripe_customer_belongs_to_one_organization(house: House) -> None:
    first, second = create(house), create(house)
    house.put(f"{PATH}/{first['id']}", {"stripe_customer_id": "cus_1"})

    answer = house.put(f"{PATH}/{second['id']}", {"stripe_customer_id": "cus_1"})

    assert (answer.status, answer.json["code"]) == (400, "stripe_customer_id_already_used")


def test_organizations_are_listed_in_pages_and_by_a_part_of_the_name(house: House) -> None:
    for name in ("Acme", "Ümlaut GmbH", "100% Juice", "acme labs"):
        house.clock.advance(seconds=1)
        create(house, name=name)

    first = house.get(PATH, limit=3)
    rest = house.get(PATH, limit=3, after=first.json["list_metadata"]["after"])

    assert [each["name"] for each in first.json["data"]] == ["acme labs", "100% Juice", "Ümlaut GmbH"]
    assert [each["name"] for each in rest.json["data"]] == ["Acme"]
    found = {
        part: [each["name"] for each in house.get(PATH, search=part).json["data"]]
        for part in ("ACME", "ümlaut", "0%", "_", "zzz")
    }
    assert found == {
        "ACME": ["acme labs", "Acme"],
        "ümlaut": ["Ümlaut GmbH"],
        "0%": ["100% Juice"],
        "_": [],
        "zzz": [],
    }


def test_organizations_are_listed_by_domain_in_all_three_spellings_of_an_array(house: House) -> None:
    ids = {}
    for domain in ("a.example", "b.example", "c.example"):
        ids[domain] = create(house, name=domain, domain_data=[{"domain": domain, "state": "pending"}])["id"]

    def listed(query: dict[str, Any]) -> set[str]:
        return {each["id"] for each in house.call("GET", PATH, query=query).json["data"]}

    both = {ids["a.example"], ids["b.example"]}
    assert listed({"domains": "a.example,B.example"}) == both
    assert listed({"domains": ["a.example", "b.example"]}) == both
    assert listed({"domains[]": ["a.example", "b.example"]}) == both
    assert listed({"domains": "a"}) == set()
    assert listed({"domains": ""}) == set(ids.values())
    assert house.call("GET", PATH, query={"domains": ["a.example"] * 101}).status == 422


def test_deleting_an_organization_ends_its_sessions_and_tells_of_all_that_goes(house: House) -> None:
    made = create(house, domain_data=[{"domain": "acme.example", "state": "verified"}])
    house.post(f"/authorization/organizations/{made['id']}/roles", {"name": "Own", "slug": "org-own"})
    before = len(house.events())

    deleted = house.delete(f"{PATH}/{made['id']}")

    assert (deleted.status, deleted.body) == (202, b"")
    assert house.get(f"{PATH}/{made['id']}").status == 404
    assert house.get(f"/organization_domains/{made['domains'][0]['id']}").status == 404
    told = [event["event"] for event in house.events()[before:]]
    assert told == ["organization_domain.deleted", "organization_role.deleted", "organization.deleted"]


def test_an_organization_of_another_environment_does_not_exist(house: House) -> None:
    from gatelodge.features.applications import actions as applications

    made = create(house, external_id="crm-1")
    unit = house.unit()
    other = applications.create_environment(unit, name="Other")
    assert other is not None
    key = applications.create_api_key(unit, other[0].id, name="k")
    assert key is not None

    found = house.call("GET", f"{PATH}/{made['id']}", key=key.token)
    listed = house.call("GET", PATH, key=key.token)
    twin = house.post(PATH, {"name": "Twin", "external_id": "crm-1"}, key=key.token)

    assert (found.status, listed.json["data"], twin.status) == (404, [], 201)
