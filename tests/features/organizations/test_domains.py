"""Domains of organizations: vouched for, or proved by a record in the DNS."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatelodge.doors.worker.verifier import Verifier
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from gatelodge.kit.log import Log
from tests.features.organizations.test_organizations import create
from tests.harness.inprocess import House
from tests.harness.nameserver import NameServer

PATH = "/organization_domains"
DAY = 86_400


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Give a name server that knows nothing yet."""
    with NameServer() as server:
        yield server


@pytest.fixture
def house(furnished_database: str, names: NameServer) -> Iterator[House]:
    """Give a house that asks the test's name server."""
    made = House(furnished_database, limits=False, dns_resolvers=[names.address])
    yield made
    made.close()


def attach(house: House, organization_id: str, domain: str = "acme.example") -> dict[str, Any]:
    """Attach a domain to an organization."""
    answer = house.post(PATH, {"organization_id": organization_id, "domain": domain})
    assert answer.status == 201, answer
    attached: dict[str, Any] = answer.json
    return attached


def look(house: House) -> None:
    """Do what the worker's thread does, once."""
    Verifier(house.runtime, Log(house.runtime.wall_clock)).look()


def state(house: House, domain: dict[str, Any]) -> str:
    """Give a domain's state as it is now."""
    found: str = house.get(f"{PATH}/{domain['id']}").json["state"]
    return found


def test_a_pending_domain_shows_what_to_set_in_the_dns(house: House) -> None:
    organization = create(house)

    domain = attach(house, organization["id"], " ACME.Example. ")

    assert domain["object"] == "organization_domain"
    assert domain["id"].startswith("org_domain_")
    assert (domain["organization_id"], domain["domain"]) == (organization["id"], "acme.example")
    assert (domain["state"], domain["verification_strategy"]) == ("pending", "dns")
    assert domain["verification_prefix"]
    assert len(domain["verification_token"]) >= 22
    assert house.get(f"{PATH}/{domain['id']}").json == domain
    assert house.get(f"/organizations/{organization['id']}").json["domains"] == [domain]
    assert [event["data"] for event in house.events("organization_domain.created")] == [domain]


def test_a_domain_is_verified_once_the_token_stands_at_its_prefix(house: House, names: NameServer) -> None:
    domain = attach(house, create(house)["id"])
    look(house)
    assert state(house, domain) == "pending"

    names.texts[f"{domain['verification_prefix']}.acme.example"] = ["other", domain["verification_token"]]
    house.clock.advance(seconds=20)
    look(house)

    assert state(house, domain) == "verified"
    told = [event["event"] for event in house.events()][-2:]
    assert told == ["organization_domain.updated", "organization_domain.verified"]
    assert house.events("organization_domain.verified")[0]["data"]["state"] == "verified"


def test_the_older_form_of_the_record_at_the_domain_itself_counts_too(house: House, names: NameServer) -> None:
    domain = attach(house, create(house)["id"])
    names.texts["acme.example"] = ["v=spf1 -all", f"verification_token={domain['verification_token']}"]

    look(house)

    assert state(house, domain) == "verified"


def test_the_token_of_another_domain_proves_nothing(house: House, names: NameServer) -> None:
    organization = create(house)
    domain = attach(house, organization["id"], "acme.example")
    other = attach(house, organization["id"], "other.example")
    names.texts[f"{domain['verification_prefix']}.acme.example"] = [other["verification_token"]]
    names.texts["acme.example"] = [domain["verification_token"]]

    look(house)

    assert state(house, domain) == "pending"


def test_the_dns_is_asked_less_and_less_often(house: House, names: NameServer) -> None:
    attach(house, create(house)["id"])
    for _ in range(120):
        look(house)
        house.clock.advance(seconds=60)

    looks = names.asked.count("acme.example")
    assert 5 < looks < 12


def test_a_name_server_that_fails_leaves_the_domain_pending(house: House, names: NameServer) -> None:
    domain = attach(house, create(house)["id"])
    names.fails = True

    look(house)

    assert state(house, domain) == "pending"


def test_a_domain_not_proved_within_the_period_has_failed_until_it_is_begun_again(
    house: House, names: NameServer
) -> None:
    domain = attach(house, create(house)["id"])
    look(house)
    house.clock.advance(seconds=30 * DAY)
    look(house)

    assert state(house, domain) == "failed"
    (event,) = house.events("organization_domain.verification_failed")
    assert event["data"]["reason"] == "domain_verification_period_expired"
    assert event["data"]["organization_domain"]["id"] == domain["id"]

    names.texts[f"{domain['verification_prefix']}.acme.example"] = [domain["verification_token"]]
    again = house.post(f"{PATH}/{domain['id']}/verify")
    look(house)

    assert (again.status, again.json["state"]) == (201, "pending")
    assert state(house, domain) == "verified"


def test_verifying_a_pending_domain_looks_at_once(house: House, names: NameServer) -> None:
    domain = attach(house, create(house)["id"])
    look(house)
    names.texts["acme.example"] = [f"verification_token={domain['verification_token']}"]
    look(house)
    assert state(house, domain) == "pending"

    answer = house.post(f"{PATH}/{domain['id']}/verify")
    look(house)

    assert answer.status == 201
    assert state(house, domain) == "verified"


def test_a_verified_domain_cannot_be_verified_again(house: House) -> None:
    organization = create(house, domain_data=[{"domain": "acme.example", "state": "verified"}])

    answer = house.post(f"{PATH}/{organization['domains'][0]['id']}/verify")

    assert (answer.status, answer.json["code"]) == (400, "domain_already_verified")


def test_a_domain_that_the_caller_vouches_for_has_no_token(house: House) -> None:
    organization = create(house, domain_data=[{"domain": "acme.example", "state": "verified"}])

    (domain,) = organization["domains"]
    assert (domain["state"], domain["verification_strategy"]) == ("verified", "manual")
    assert "verification_token" not in domain
    told = [event["event"] for event in house.events()]
    assert told == ["organization.created", "organization_domain.created", "organization_domain.verified"]


def test_a_second_organization_cannot_claim_a_verified_domain(house: House) -> None:
    create(house, domain_data=[{"domain": "acme.example", "state": "verified"}])
    rival = create(house, name="Rival")

    answers = [
        house.post(PATH, {"organization_id": rival["id"], "domain": "acme.example"}),
        house.post("/organizations", {"name": "R", "domain_data": [{"domain": "acme.example", "state": "verified"}]}),
        house.put(f"/organizations/{rival['id']}", {"domain_data": [{"domain": "acme.example", "state": "verified"}]}),
    ]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "domain_already_exists")] * 3
    assert attach(house, rival["id"], "sub.acme.example")["state"] == "pending"


def test_of_two_pending_claims_the_second_to_be_proved_fails(house: House, names: NameServer) -> None:
    claims = [attach(house, create(house, name=name)["id"]) for name in ("First", "Second")]
    names.texts["acme.example"] = [f"verification_token={claim['verification_token']}" for claim in claims]

    look(house)

    assert sorted(state(house, claim) for claim in claims) == ["failed", "verified"]
    (event,) = house.events("organization_domain.verification_failed")
    assert event["data"]["reason"] == "domain_verified_by_other_organization"


def test_of_many_organizations_racing_for_one_domain_one_holds_it(house: House) -> None:
    ids = [create(house, name=f"R{number}")["id"] for number in range(8)]

    def claim(organization_id: str) -> int:
        asked = {"domain_data": [{"domain": "acme.example", "state": "verified"}]}
        return house.put(f"/organizations/{organization_id}", asked).status

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(claim, ids))

    assert statuses == [200] + [409] * 7


@pytest.mark.parametrize(
    "domain",
    [
        "gmail.com",
        "mail.gmail.com",
        "GMX.de",
        "localhost",
        "10.0.0.1",
        "a b.com",
        "-a.com",
        "*.acme.com",
        "a@b.com",
        ".",
    ],
)
def test_a_public_or_impossible_domain_is_refused(house: House, domain: str) -> None:
    organization = create(house)

    answer = house.post(PATH, {"organization_id": organization["id"], "domain": domain})
    created = house.post("/organizations", {"name": "A", "domains": [domain]})

    assert (answer.status, created.status) == (422, 422)
    assert answer.json["errors"][0]["field"] == "domain"
    assert created.json["errors"][0]["field"] == "domains"


def test_a_domain_in_unicode_is_held_in_its_ascii_form(house: House) -> None:
    organization = create(house)

    domain = attach(house, organization["id"], "BÜCHER.example")

    assert domain["domain"] == "xn--bcher-kva.example"
    assert house.get("/organizations", domains="bücher.example").json["data"][0]["id"] == organization["id"]


def test_a_domain_is_attached_to_an_organization_once(house: House) -> None:
    organization = create(house)
    attach(house, organization["id"])

    again = house.post(PATH, {"organization_id": organization["id"], "domain": "acme.example"})

    assert (again.status, again.json["code"]) == (409, "domain_already_exists")


def test_a_domain_needs_an_organization_that_exists(house: House) -> None:
    unknown = house.post(PATH, {"organization_id": "org_01ARZ3NDEKTSV4RRFFQ69G5FAV", "domain": "acme.example"})
    missing = house.post(PATH, {"domain": "acme.example"})

    assert (unknown.status, missing.status) == (404, 422)


def test_a_detached_domain_is_gone(house: House) -> None:
    domain = attach(house, create(house)["id"])

    deleted = house.delete(f"{PATH}/{domain['id']}")

    assert (deleted.status, deleted.body) == (204, b"")
    assert house.get(f"{PATH}/{domain['id']}").status == 404
    assert house.delete(f"{PATH}/{domain['id']}").status == 404
    assert house.post(f"{PATH}/{domain['id']}/verify").status == 404
    assert [event["data"]["id"] for event in house.events("organization_domain.deleted")] == [domain["id"]]


def test_domain_data_replaces_the_whole_set(house: House) -> None:
    organization = create(
        house, domain_data=[{"domain": "a.example", "state": "pending"}, {"domain": "b.example", "state": "verified"}]
    )
    path = f"/organizations/{organization['id']}"
    before = len(house.events())

    kept = house.put(path, {"name": "Acme"}).json
    moved = house.put(
        path, {"domain_data": [{"domain": "a.example", "state": "verified"}, {"domain": "c.example"}]}
    ).json
    legacy = house.put(path, {"domains": ["a.example", "d.example"]}).json
    emptied = house.put(path, {"domain_data": []}).json

    def states(answer: dict[str, Any]) -> dict[str, str]:
        return {domain["domain"]: domain["state"] for domain in answer["domains"]}

    assert states(kept) == {"a.example": "pending", "b.example": "verified"}
    assert states(moved) == {"a.example": "verified", "c.example": "pending"}
    assert states(legacy) == {"a.example": "verified", "d.example": "pending"}
    assert emptied["domains"] == []
    told = [event["event"].partition("organization_domain.")[2] for event in house.events()[before:]]
    assert told[:5] == ["deleted", "updated", "verified", "created", ""]


def test_a_verified_domain_leads_to_its_organizations_policy_and_a_pending_one_to_none(house: House) -> None:
    organization = create(house, domain_data=[{"domain": "acme.example", "state": "verified"}])
    attach(house, create(house, name="Pending")["id"], "pending.example")
    policy = OrganizationPolicy(methods=("SSO",), mfa_required=True, governs_domains=True)

    stored = organizations.set_policy(house.unit(), organization["id"], policy)

    assert stored
    assert organizations.find_policy(house.unit(), organization["id"]) == policy
    assert organizations.find_domain_policy(house.unit(), "Ada@ACME.example") == (organization["id"], policy)
    for email in ("ada@pending.example", "ada@sub.acme.example", "ada@gmail.com", "nonsense"):
        assert organizations.find_domain_policy(house.unit(), email) is None
