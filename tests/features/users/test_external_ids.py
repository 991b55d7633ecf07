"""A caller's own identifier: one user in an environment, any ASCII, found by any of its spellings on the wire."""

from __future__ import annotations

from tests.features.neighbours import move_in
from tests.harness.inprocess import House

USERS = "/user_management/users"
AWKWARD = [
    "crm-4711", "a/b", "/a", "a/", "//", ".", "..", "../../events", "a b", "a+b", "a?b=c#d", "external_id", "%2F",
    "a:b.c*d", "x" * 128, "'; drop table users; --", "null", "0",
]  # fmt: skip


def test_a_user_is_found_by_any_external_id(house: House) -> None:
    users = {
        external_id: house.create_user(f"user{number}@example.com", external_id=external_id)
        for number, external_id in enumerate(AWKWARD)
    }

    for external_id, user in users.items():
        found = house.call("GET", f"{USERS}/external_id/{external_id}")
        assert (found.status, found.json) == (200, user), external_id


def test_the_literal_segment_wins_over_a_user_id(house: House) -> None:
    answer = house.call("GET", f"{USERS}/external_id/nobody")

    assert (answer.status, answer.json["code"], answer.json["entity_id"]) == (404, "entity_not_found", "nobody")


def test_an_external_id_that_is_too_long_or_no_ascii_is_refused(house: House) -> None:
    for external_id in ("x" * 129, "crm-é", "", "crm\u00a0", 5, ["a"]):
        answer = house.post(USERS, {"email": "ada@example.com", "external_id": external_id})
        assert answer.status == 422, external_id
        assert [error["field"] for error in answer.json["errors"]] == ["external_id"]


def test_an_external_id_belongs_to_one_user_of_an_environment(house: House) -> None:
    neighbour = move_in(house)
    house.create_user("ada@example.com", external_id="crm-1")
    bob = house.create_user("bob@example.com", external_id="crm-2")

    created = house.post(USERS, {"email": "eve@example.com", "external_id": "crm-1"})
    changed = house.put(f"{USERS}/{bob['id']}", {"external_id": "crm-1"})

    for answer in (created, changed):
        assert (answer.status, answer.json["code"]) == (400, "external_id_already_used")
    assert neighbour.create_user("ada@example.com", external_id="crm-1")["external_id"] == "crm-1"


def test_an_external_id_that_is_cleared_is_free_again(house: House) -> None:
    ada = house.create_user("ada@example.com", external_id="crm-1")

    cleared = house.put(f"{USERS}/{ada['id']}", {"external_id": None})

    assert cleared.json["external_id"] is None
    assert house.call("GET", f"{USERS}/external_id/crm-1").status == 404
    assert house.create_user("bob@example.com", external_id="crm-1")["external_id"] == "crm-1"


def test_letter_case_of_an_external_id_matters(house: House) -> None:
    house.create_user("ada@example.com", external_id="crm-a")

    assert house.post(USERS, {"email": "bob@example.com", "external_id": "CRM-A"}).status == 201
