"""Roles and permissions that several callers change at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.harness.inprocess import House

ROLES, PERMISSIONS = "/authorization/roles", "/authorization/permissions"
ROUNDS = 30


def every(house: House, name: str) -> list[dict[str, Any]]:
    """Read every event of a name, oldest first, as a consumer does."""
    found: list[dict[str, Any]] = []
    for _ in range(20):
        cursor = {"after": found[-1]["id"]} if found else {}
        page = house.get("/events", events=name, limit=100, **cursor).json
        found += page["data"]
        if page["list_metadata"]["after"] is None:
            break
    return found


def test_a_permission_that_is_deleted_while_roles_get_it_is_theirs_or_unknown(house: House) -> None:
    organization = house.post("/organizations", {"name": "Acme"}).json["id"]
    own = f"/authorization/organizations/{organization}/roles"
    assert house.post(own, {"slug": "org-editor", "name": "Editor"}).status == 201
    paths = [f"{ROLES}/member/permissions", f"{ROLES}/admin/permissions", f"{own}/org-editor/permissions"]
    # Once without a race, so that each is told of even if it comes too late in every round.
    house.post(PERMISSIONS, {"slug": "posts", "name": "Posts"})
    assert [house.put(path, {"permissions": ["posts"]}).status for path in paths] == [200] * len(paths)
    house.delete(f"{PERMISSIONS}/posts")
    statuses: set[int] = set()

    for number in range(ROUNDS):
        slug = f"posts:{number}"
        house.post(PERMISSIONS, {"slug": slug, "name": "Posts"})
        start = threading.Barrier(len(paths) + 1)

        def give(path: str, slug: str = slug, start: threading.Barrier = start) -> int:
            start.wait(timeout=10)
            return house.put(path, {"permissions": [slug]}).status

        with ThreadPoolExecutor(len(paths)) as pool:
            given = [pool.submit(give, path) for path in paths]
            start.wait(timeout=10)
            deleted = house.delete(f"{PERMISSIONS}/{slug}").status
            statuses |= {answer.result() for answer in given} | {deleted}

    assert statuses <= {200, 204, 404}
    assert [role["permissions"] for role in house.get(ROLES).json["data"]] == [[], []]
    told = {event["data"]["slug"]: event["data"]["permissions"] for event in every(house, "role.updated")}
    told |= {event["data"]["slug"]: event["data"]["permissions"] for event in every(house, "organization_role.updated")}
    assert told == {"admin": [], "member": [], "org-editor": []}
