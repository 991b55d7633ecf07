"""Roles of an environment, and the permissions they are made of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.harness.inprocess import KEY, House

ROLES = "/authorization/roles"


def slugs(house: House) -> list[str]:
    """List the environment's roles in their order."""
    return [role["slug"] for role in house.get(ROLES).json["data"]]


def create_permissions(house: House, *names: str) -> None:
    """Create permissions that are named as their slugs."""
    for name in names:
        assert house.post("/authorization/permissions", {"slug": name, "name": name}).status == 201


def test_an_environment_begins_with_member_and_in_development_with_admin_before_it(house: House) -> None:
    answer = house.get(ROLES)

    assert answer.status == 200
    assert answer.json["object"] == "list"
    assert "list_metadata" not in answer.json
    assert [role["slug"] for role in answer.json["data"]] == ["admin", "member"]
    member = answer.json["data"][1]
    assert member["object"] == "role"
    assert member["id"].startswith("role_")
    assert (member["type"], member["resource_type_slug"]) == ("EnvironmentRole", "organization")
    assert (member["description"], member["permissions"]) == (None, [])
    assert house.events() == []


def test_a_new_role_comes_last_and_is_told_of_without_its_name(house: House) -> None:
    asked = {"slug": "auditor", "name": "Auditor", "description": "Reads all"}

    answer = house.post(ROLES, asked)

    assert answer.status == 201
    assert {name: answer.json[name] for name in asked} == asked
    assert slugs(house) == ["admin", "member", "auditor"]
    assert house.get(f"{ROLES}/auditor").json == answer.json
    (event,) = house.events("role.created")
    assert set(event["data"]) == {"object", "slug", "resource_type_slug", "permissions", "created_at", "updated_at"}
    assert event["data"]["slug"] == "auditor"


def test_a_slug_is_taken_once(house: House) -> None:
    house.post(ROLES, {"slug": "auditor", "name": "Auditor"})

    again = house.post(ROLES, {"slug": "auditor", "name": "Another"})

    assert (again.status, again.json["code"]) == (409, "role_slug_conflict")
    assert house.post(ROLES, {"slug": "member", "name": "M"}).status == 409


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"name": "No slug"}, "slug"),
        ({"slug": "ok"}, "name"),
        ({"slug": "Upper", "name": "x"}, "slug"),
        ({"slug": "a b", "name": "x"}, "slug"),
        ({"slug": "line\n", "name": "x"}, "slug"),
        ({"slug": "a" * 49, "name": "x"}, "slug"),
        ({"slug": "ok", "name": "x" * 49}, "name"),
        ({"slug": "ok", "name": "  "}, "name"),
        ({"slug": "ok", "name": "x", "description": "y" * 151}, "description"),
    ],
)
def test_a_role_that_breaks_a_limit_is_refused(house: House, asked: dict[str, Any], field: str) -> None:
    answer = house.post(ROLES, asked)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert [fault["field"] for fault in answer.json["errors"]] == [field]


def test_name_and_description_change_and_the_slug_stays(house: House) -> None:
    house.clock.advance(seconds=1)

    changed = house.call("PATCH", f"{ROLES}/member", {"name": "Colleague", "description": "Anyone", "slug": "x"})

    assert changed.status == 200
    assert (changed.json["slug"], changed.json["name"]) == ("member", "Colleague")
    cleared = house.call("PATCH", f"{ROLES}/member", {"description": None})
    assert (cleared.json["name"], cleared.json["description"]) == ("Colleague", None)


def test_an_unknown_role_is_not_found(house: House) -> None:
    for method, path, body in (
        ("GET", f"{ROLES}/nobody", None),
        ("PATCH", f"{ROLES}/nobody", {"name": "x"}),
        ("PUT", f"{ROLES}/nobody/permissions", {"permissions": []}),
        ("POST", f"{ROLES}/nobody/permissions", {"slug": "x"}),
    ):
        answer = house.call(method, path, body)
        assert (answer.status, answer.json["code"], answer.json["entity_id"]) == (404, "entity_not_found", "nobody")


def test_permissions_of_a_role_are_set_and_added(house: House) -> None:
    create_permissions(house, "posts:read", "posts:write", "posts:*")

    both = house.put(f"{ROLES}/member/permissions", {"permissions": ["posts:write", "posts:read", "posts:read"]})
    more = house.post(f"{ROLES}/member/permissions", {"slug": "posts:*"})
    again = house.post(f"{ROLES}/member/permissions", {"slug": "posts:*"})
    none = house.put(f"{ROLES}/member/permissions", {"permissions": []})

    assert [answer.status for answer in (both, more, again, none)] == [200] * 4
    assert both.json["permissions"] == ["posts:read", "posts:write"]
    assert more.json["permissions"] == again.json["permissions"] == ["posts:*", "posts:read", "posts:write"]
    assert none.json["permissions"] == []
    told = [event["data"]["permissions"] for event in house.events("role.updated")]
    assert told == [both.json["permissions"], more.json["permissions"], []]


def test_an_unknown_permission_is_not_found_and_changes_nothing(house: House) -> None:
    create_permissions(house, "posts:read")
    house.put(f"{ROLES}/member/permissions", {"permissions": ["posts:read"]})

    answer = house.put(f"{ROLES}/member/permissions", {"permissions": ["posts:read", "posts:burn"]})

    assert (answer.status, answer.json["entity_id"]) == (404, "posts:burn")
    assert house.get(f"{ROLES}/member").json["permissions"] == ["posts:read"]


def test_a_permission_is_created_found_changed_and_deleted(house: House) -> None:
    asked = {"slug": "files:read.all_*", "name": "Read files", "description": "All of them"}

    created = house.post("/authorization/permissions", asked)
    path = "/authorization/permissions/files:read.all_*"
    changed = house.call("PATCH", path, {"name": "Read any file"})
    deleted = house.delete(path)

    assert created.status == 201
    assert created.json["object"] == "permission"
    assert created.json["id"].startswith("perm_")
    assert (created.json["system"], created.json["resource_type_slug"]) == (False, "organization")
    assert (changed.json["name"], changed.json["description"]) == ("Read any file", "All of them")
    assert (deleted.status, deleted.body) == (204, b"")
    assert house.get(path).status == 404
    assert house.delete(path).status == 404
    events = house.events("permission.created", "permission.updated", "permission.deleted")
    assert [event["event"] for event in events] == ["permission.created", "permission.updated", "permission.deleted"]
    assert events[0]["data"] == created.json


def test_a_permission_slug_is_taken_once(house: House) -> None:
    create_permissions(house, "posts:read")

    again = house.post("/authorization/permissions", {"slug": "posts:read", "name": "Again"})

    assert (again.status, again.json["code"]) == (409, "permission_slug_conflict")


def test_deleting_a_permission_takes_it_from_every_role_and_tells_of_each(house: House) -> None:
    create_permissions(house, "posts:read", "posts:write")
    for role in ("admin", "member"):
        house.put(f"{ROLES}/{role}/permissions", {"permissions": ["posts:read", "posts:write"]})
    before = len(house.events("role.updated"))

    house.delete("/authorization/permissions/posts:read")

    assert [role["permissions"] for role in house.get(ROLES).json["data"]] == [["posts:write"], ["posts:write"]]
    told = house.events("role.updated", "permission.deleted")[before:]
    assert [event["event"] for event in told] == ["role.updated", "role.updated", "permission.deleted"]


def test_permissions_are_listed_in_pages_newest_first(house: House) -> None:
    for number in range(3):
        house.clock.advance(seconds=1)
        create_permissions(house, f"p{number}")

    first = house.get("/authorization/permissions", limit=2)
    second = house.get("/authorization/permissions", limit=2, after=first.json["list_metadata"]["after"])

    assert [each["slug"] for each in first.json["data"]] == ["p2", "p1"]
    assert [each["slug"] for each in second.json["data"]] == ["p0"]
    assert second.json["list_metadata"]["after"] is None


def test_roles_need_an_api_key(house: House) -> None:
    assert house.call("GET", ROLES, key=None).status == 401
    assert house.call("GET", ROLES, key=KEY + "x").status == 401
