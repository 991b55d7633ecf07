"""What may be asked of memberships and what may not."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from gatelodge.features.applications import actions as applications
from tests.features.memberships.test_ending import PATH, join
from tests.harness.inprocess import ENVIRONMENT, House

UNKNOWN = {"user_id": "user_01ARZ3NDEKTSV4RRFFQ69G5FAV", "organization_id": "org_01ARZ3NDEKTSV4RRFFQ69G5FAV"}


@pytest.mark.parametrize("member", ["user_id", "organization_id"])
def test_a_list_of_an_unknown_user_or_organization_is_not_found(house: House, member: str) -> None:
    answer = house.get(PATH, **{member: UNKNOWN[member]})

    assert (answer.status, answer.json["entity_id"]) == (404, UNKNOWN[member])


def test_an_unknown_membership_is_not_found(house: House) -> None:
    path = f"{PATH}/om_01ARZ3NDEKTSV4RRFFQ69G5FAV"

    answers = [
        house.get(path),
        house.put(path, {"role_slug": "admin"}),
        house.delete(path),
        house.put(f"{path}/deactivate"),
        house.put(f"{path}/reactivate"),
    ]

    assert [answer.status for answer in answers] == [404] * 5


def test_a_status_that_is_none_is_refused(house: House) -> None:
    user = house.create_user()

    assert house.get(PATH, user_id=user["id"], statuses="active,gone").status == 422


@pytest.mark.parametrize(
    "roles",
    [{"role_slug": "admin", "role_slugs": ["member"]}, {"role_slugs": ["member"] * 51}, {"role_slugs": "admin"}],
)
def test_roles_asked_for_in_a_wrong_way_are_refused(house: House, roles: dict[str, Any]) -> None:
    user = house.create_user()
    membership = join(house, user["id"])

    created = house.post(PATH, {"user_id": user["id"], "organization_id": membership["organization_id"], **roles})
    updated = house.put(f"{PATH}/{membership['id']}", roles)

    assert (created.status, updated.status) == (422, 422)
    assert updated.json["code"] == "invalid_request_parameters"


def test_several_roles_need_the_environments_leave(house: House) -> None:
    membership = join(house, house.create_user()["id"])
    policy = structs.replace(applications.find_policy(house.unit()), multiple_roles=False)
    applications.set_policy(house.unit(), ENVIRONMENT, policy)

    refused = house.put(f"{PATH}/{membership['id']}", {"role_slugs": ["admin", "member"]})
    one = house.put(f"{PATH}/{membership['id']}", {"role_slugs": ["admin", "admin"]})

    assert (refused.status, refused.json["code"]) == (422, "multiple_roles_not_enabled")
    assert (one.status, one.json["roles"]) == (200, [{"slug": "admin"}])


def test_a_role_for_resources_is_not_for_members(house: House) -> None:
    membership = join(house, house.create_user()["id"])
    house.post("/authorization/roles", {"slug": "editor", "name": "Editor", "resource_type_slug": "document"})

    answer = house.put(f"{PATH}/{membership['id']}", {"role_slug": "editor"})

    assert (answer.status, answer.json["code"]) == (422, "sub_resource_scoped_role_not_allowed")
    assert answer.json["role_slug"] == "editor"


def test_the_role_of_another_organization_counts_for_nothing(house: House) -> None:
    user = house.create_user()
    membership, other = join(house, user["id"]), join(house, user["id"], "Beta")
    house.post(f"/authorization/organizations/{other['organization_id']}/roles", {"slug": "org-own", "name": "Own"})

    answer = house.put(f"{PATH}/{membership['id']}", {"role_slug": "org-own"})

    assert (answer.status, answer.json["code"]) == (422, "invalid_role")


def test_an_inactive_member_activated_without_a_role_keeps_its_own(house: House) -> None:
    user = house.create_user()
    membership = join(house, user["id"], role_slug="admin")
    house.put(f"{PATH}/{membership['id']}/deactivate")

    again = house.post(PATH, {"user_id": user["id"], "organization_id": membership["organization_id"]})

    assert (again.status, again.json["role"]) == (201, {"slug": "admin"})


def test_a_change_that_changes_nothing_tells_nobody(house: House) -> None:
    membership = join(house, house.create_user()["id"], role_slugs=["admin", "member"])
    house.clock.advance(seconds=9)

    same = house.put(f"{PATH}/{membership['id']}", {"role_slugs": ["member", "admin"]})

    assert same.json == membership
    assert house.events("organization_membership.updated") == []
