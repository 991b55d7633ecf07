"""Memberships: created, changed, suspended, ended."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.harness.inprocess import Answer, House

PATH = "/user_management/organization_memberships"


def _organization(house: House, name: str = "Acme") -> str:
    answer = house.post("/organizations", {"name": name})
    assert answer.status == 201, answer
    organization_id: str = answer.json["id"]
    return organization_id


def _member(house: House, user_id: str, organization_id: str, **members: object) -> Answer:
    return house.post(PATH, {"user_id": user_id, "organization_id": organization_id, **members})


def _joined(house: House, **members: object) -> tuple[dict[str, Any], dict[str, Any]]:
    user = house.create_user()
    answer = _member(house, user["id"], _organization(house), **members)
    assert answer.status == 201, answer
    return user, answer.json


def test_a_new_member_is_active_with_the_default_role(house: House) -> None:
    user, membership = _joined(house)

    assert membership["status"] == "active"
    assert membership["role"] == {"slug": "member"}
    assert membership["roles"] == [{"slug": "member"}]
    assert membership["organization_name"] == "Acme"
    assert membership["user"] == house.get(f"/user_management/users/{user['id']}").json
    assert house.get(f"{PATH}/{membership['id']}").json == membership


def test_the_event_of_a_membership_shows_neither_user_nor_name(house: House) -> None:
    _, membership = _joined(house)

    data = house.events("organization_membership.created")[0]["data"]

    assert data["id"] == membership["id"]
    assert data["roles"] == [{"slug": "member"}]
    assert "user" not in data
    assert "organization_name" not in data


def test_a_member_is_not_made_a_member_again(house: House) -> None:
    user, membership = _joined(house)

    again = _member(house, user["id"], membership["organization_id"])

    assert (again.status, again.json["code"]) == (409, "organization_membership_already_exists")


def test_twenty_racers_make_one_membership(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _member(house, user["id"], organization_id), range(20)))

    assert sorted({answer.status for answer in answers}) == [201, 409]
    assert [answer.status for answer in answers].count(201) == 1


@pytest.mark.parametrize("missing", ["user_id", "organization_id"])
def test_an_unknown_user_or_organization_is_not_found(house: House, missing: str) -> None:
    body = {"user_id": house.create_user()["id"], "organization_id": _organization(house), missing: "x"}

    assert house.post(PATH, body).status == 404


def test_roles_are_given_in_order_of_priority(house: House) -> None:
    _, membership = _joined(house, role_slugs=["member", "admin"])

    assert membership["role"] == {"slug": "admin"}
    assert membership["roles"] == [{"slug": "admin"}, {"slug": "member"}]


def test_an_unknown_role_is_refused(house: House) -> None:
    user = house.create_user()

    answer = _member(house, user["id"], _organization(house), role_slug="emperor")

    assert (answer.status, answer.json["code"]) == (422, "invalid_role")


def test_a_members_roles_are_changed(house: House) -> None:
    _, membership = _joined(house)

    changed = house.put(f"{PATH}/{membership['id']}", {"role_slug": "admin"}).json
    kept = house.put(f"{PATH}/{membership['id']}", {}).json
    default = house.put(f"{PATH}/{membership['id']}", {"role_slugs": []}).json

    assert changed["roles"] == kept["roles"] == [{"slug": "admin"}]
    assert default["roles"] == [{"slug": "member"}]
    assert len(house.events("organization_membership.updated")) == 2


def test_a_role_that_somebody_has_is_not_deleted(house: House) -> None:
    user = house.create_user()
    organization_id = _organization(house)
    house.post(f"/authorization/organizations/{organization_id}/roles", {"name": "Auditor", "slug": "org-auditor"})
    _member(house, user["id"], organization_id, role_slug="org-auditor")

    answer = house.delete(f"/authorization/organizations/{organization_id}/roles/org-auditor")

    assert (answer.status, answer.json["code"]) == (409, "role_has_assignments")


def test_a_list_needs_a_user_or_an_organization(house: House) -> None:
    answer = house.get(PATH)

    assert (answer.status, answer.json["code"]) == (400, "missing_user_id_or_organization_id")


@pytest.mark.parametrize(
    ("statuses", "count"),
    [(None, 1), ("inactive", 1), ("active,inactive", 2), (["active", "inactive"], 2), ("pending", 0)],
)
def test_a_list_shows_the_statuses_asked_for(house: House, statuses: object, count: int) -> None:
    user, membership = _joined(house)
    _member(house, user["id"], _organization(house, "Beta"))
    house.put(f"{PATH}/{membership['id']}/deactivate")

    query = {"user_id": user["id"]} | ({} if statuses is None else {"statuses": statuses})

    assert len(house.get(PATH, **query).json["data"]) == count


def test_pages_of_an_organizations_members_follow_each_other(house: House) -> None:
    organization_id = _organization(house)
    made = []
    for number in range(5):
        house.clock.advance(seconds=1)
        user = house.create_user(f"user{number}@example.com")
        made.append(_member(house, user["id"], organization_id).json["id"])

    first = house.get(PATH, organization_id=organization_id, limit=2).json
    second = house.get(PATH, organization_id=organization_id, limit=3, after=first["list_metadata"]["after"]).json

    assert [item["id"] for item in first["data"] + second["data"]] == made[::-1]
    assert second["list_metadata"]["after"] is None


def test_users_are_listed_by_organization(house: House) -> None:
    user, membership = _joined(house)
    house.create_user("other@example.com")

    found = house.get("/user_management/users", organization_id=membership["organization_id"]).json["data"]

    assert [each["id"] for each in found] == [user["id"]]
    assert house.get("/user_management/users", organization_id="org_unknown").json["data"] == []


def test_suspending_and_letting_in_again_are_idempotent(house: House) -> None:
    _, membership = _joined(house, role_slug="admin")
    path = f"{PATH}/{membership['id']}"

    statuses = [
        house.call("PUT", f"{path}/{verb}").json["status"]
        for verb in ("deactivate", "deactivate", "reactivate", "reactivate")
    ]

    assert statuses == ["inactive", "inactive", "active", "active"]
    assert len(house.events("organization_membership.updated")) == 2
    assert house.get(path).json["role"] == {"slug": "admin"}


def test_an_inactive_member_is_activated_by_being_made_a_member(house: House) -> None:
    user, membership = _joined(house)
    house.put(f"{PATH}/{membership['id']}/deactivate")

    again = _member(house, user["id"], membership["organization_id"], role_slug="admin")

    assert (again.status, again.json["id"]) == (201, membership["id"])
    assert (again.json["status"], again.json["role"]) == ("active", {"slug": "admin"})


def test_an_ended_membership_is_gone(house: House) -> None:
    _, membership = _joined(house)

    gone = house.delete(f"{PATH}/{membership['id']}")

    assert (gone.status, gone.body) == (200, b"")
    assert house.get(f"{PATH}/{membership['id']}").status == 404
    assert len(house.events("organization_membership.deleted")) == 1


def test_deleting_a_user_ends_its_memberships_first(house: House) -> None:
    user, _ = _joined(house)

    house.delete(f"/user_management/users/{user['id']}")

    names = [event["event"] for event in house.events()][-2:]
    assert names == ["organization_membership.deleted", "user.deleted"]


def test_deleting_an_organization_ends_its_memberships_first(house: House) -> None:
    _, membership = _joined(house)

    answer = house.delete(f"/organizations/{membership['organization_id']}")

    assert answer.status in {200, 202}
    names = [event["event"] for event in house.events()][-2:]
    assert names == ["organization_membership.deleted", "organization.deleted"]
    assert house.get(f"{PATH}/{membership['id']}").status == 404
