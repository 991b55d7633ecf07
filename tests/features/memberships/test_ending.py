"""What ends a membership ends what it gave: sessions, in the same transaction, also in races."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import psycopg
import pytest

from gatelodge.contract.errors import OrganizationMembershipNotFound
from gatelodge.features.applications import actions as applications
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.memberships import invited
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Session
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit
from tests.harness.furnished import Furnished
from tests.harness.inprocess import CLIENT, ENVIRONMENT, House
from tests.harness.unavailable import bring

PATH = "/user_management/organization_memberships"


def join(house: House, user_id: str, organization: str = "Acme", **members: Any) -> dict[str, Any]:
    """Make a user a member of a new organization."""
    organization_id = house.post("/organizations", {"name": organization}).json["id"]
    answer = house.post(PATH, {"user_id": user_id, "organization_id": organization_id, **members})
    assert answer.status == 201, answer
    membership: dict[str, Any] = answer.json
    return membership


def open_session(house: House, user_id: str, organization_id: str | None) -> str:
    """Open a session as a sign-in does that is bound to an organization."""
    unit = house.unit()
    session = new_session(unit, user_id, organization_id)

    def write(queries: Queries) -> None:
        if organization_id is not None:
            memberships.confirm_active(queries, unit, user_id, organization_id)
        sessions.open_session(queries, unit, session, f"token of {session.id}")

    unit.write(write)
    return session.id


def new_session(unit: Unit, user_id: str, organization_id: str | None) -> Session:
    """Give the values of a session that begins now."""
    return Session(
        environment_id=ENVIRONMENT,
        id=unit.new_id("session"),
        user_id=user_id,
        client_id=CLIENT,
        organization_id=organization_id,
        authentication_method="Password",
        auth_method="password",
        ip_address=None,
        user_agent=None,
        impersonator=None,
        authenticated_at=unit.now,
        refreshed_at=unit.now,
        expires_at=unit.now + 86_400_000,
        ended_at=None,
        revoked=False,
        created_at=unit.now,
        updated_at=unit.now,
    )


def live(house: House, user_id: str) -> set[str]:
    """List the user's active sessions."""
    listed = house.get(f"/user_management/users/{user_id}/sessions").json["data"]
    return {session["id"] for session in listed}


@pytest.mark.parametrize(("method", "path"), [("DELETE", PATH + "/{id}"), ("PUT", PATH + "/{id}/deactivate")])
def test_ending_a_membership_ends_the_sessions_bound_to_its_organization_and_no_others(
    house: House, method: str, path: str
) -> None:
    user = house.create_user()
    membership, other = join(house, user["id"]), join(house, user["id"], "Beta")
    bound = open_session(house, user["id"], membership["organization_id"])
    free = open_session(house, user["id"], None)
    elsewhere = open_session(house, user["id"], other["organization_id"])

    house.call(method, path.format(**membership))

    assert live(house, user["id"]) == {free, elsewhere}
    (revoked,) = house.events("session.revoked")
    assert (revoked["data"]["id"], revoked["data"]["status"]) == (bound, "revoked")


def test_deleting_an_organization_ends_every_session_bound_to_it(house: House) -> None:
    first, second = house.create_user("a@example.com"), house.create_user("b@example.com")
    membership = join(house, first["id"])
    house.post(PATH, {"user_id": second["id"], "organization_id": membership["organization_id"]})
    for user in (first, second):
        open_session(house, user["id"], membership["organization_id"])
    free = open_session(house, first["id"], None)

    house.delete(f"/organizations/{membership['organization_id']}")

    assert (live(house, first["id"]), live(house, second["id"])) == ({free}, set())
    assert len(house.events("session.revoked")) == 2
    assert len(house.events("organization_membership.deleted")) == 2


def test_no_session_is_bound_to_an_organization_that_the_user_has_no_right_to(house: House) -> None:
    user = house.create_user()
    membership = join(house, user["id"])
    house.put(f"{PATH}/{membership['id']}/deactivate")

    with pytest.raises(OrganizationMembershipNotFound):
        open_session(house, user["id"], membership["organization_id"])

    assert live(house, user["id"]) == set()


def test_a_sign_in_racing_with_a_deactivation_leaves_no_session_behind(house: House) -> None:
    user = house.create_user()
    membership = join(house, user["id"])

    def sign_in(_: int) -> None:
        try:
            open_session(house, user["id"], membership["organization_id"])
        except OrganizationMembershipNotFound:
            return

    with ThreadPoolExecutor(8) as pool:
        attempts = [pool.submit(sign_in, number) for number in range(12)]
        house.put(f"{PATH}/{membership['id']}/deactivate")
        for attempt in attempts:
            attempt.result()

    assert live(house, user["id"]) == set()


@contextmanager
def held(house: House, membership: dict[str, Any]) -> Iterator[None]:
    """Hold a membership's row, as a slow neighbour would; on SQLite that holds all writes."""
    entered, release = threading.Event(), threading.Event()

    def hold(queries: Queries) -> None:
        memberships.hold(queries, house.unit(), membership["id"])
        entered.set()
        release.wait(10)

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(house.runtime.database.write, hold)
        assert entered.wait(10)
        try:
            yield
        finally:
            release.set()
        holding.result()


def told(house: House, verb: str) -> set[str]:
    """Give the ids of the memberships that events of this kind tell of."""
    return {event["data"]["id"] for event in house.events(f"organization_membership.{verb}")}


@pytest.mark.parametrize("whose", ["organization", "user"])
def test_a_member_made_while_its_organization_or_user_is_deleted_is_told_of_or_refused(
    house: House, whose: str
) -> None:
    first, second = house.create_user("a@example.com"), house.create_user("b@example.com")
    membership, other = join(house, first["id"]), join(house, second["id"], "Beta")
    if whose == "user":
        gone = f"/user_management/users/{first['id']}"
        asked = {"user_id": first["id"], "organization_id": other["organization_id"]}
    else:
        gone = f"/organizations/{membership['organization_id']}"
        asked = {"user_id": second["id"], "organization_id": membership["organization_id"]}

    with ThreadPoolExecutor(2) as pool:
        with held(house, membership):
            deleting = pool.submit(house.delete, gone)
            time.sleep(0.4)
            joining = pool.submit(house.post, PATH, asked)
            time.sleep(0.4)
        deleted, joined = deleting.result(), joining.result()

    assert deleted.status in {200, 202}
    assert joined.status == 404
    assert told(house, "deleted") == {membership["id"]}
    assert told(house, "created") == {membership["id"], other["id"]}


def test_an_environment_goes_with_its_members_and_their_roles(house: House) -> None:
    join(house, house.create_user()["id"], role_slugs=["admin", "member"])

    assert applications.delete_environment(house.unit(), ENVIRONMENT)

    assert applications.find_environment(house.unit(), ENVIRONMENT) is None


def test_claims_follow_roles_and_permissions_as_they_are_now(house: House) -> None:
    user = house.create_user()
    membership = join(house, user["id"], role_slugs=["member", "admin"])
    for slug in ("posts:read", "posts:write"):
        house.post("/authorization/permissions", {"slug": slug, "name": slug})
    house.put("/authorization/roles/admin/permissions", {"permissions": ["posts:write", "posts:read"]})
    house.put("/authorization/roles/member/permissions", {"permissions": ["posts:read"]})

    def claims() -> object:
        return memberships.find_claims(house.unit(), user["id"], membership["organization_id"])

    assert claims() == ("admin", ("admin", "member"), ("posts:read", "posts:write"))
    house.put(f"{PATH}/{membership['id']}", {"role_slug": "member"})
    assert claims() == ("member", ("member",), ("posts:read",))
    house.delete("/authorization/permissions/posts:read")
    assert claims() == ("member", ("member",), ())
    house.put(f"{PATH}/{membership['id']}/deactivate")
    assert claims() is None


def test_only_active_memberships_count_for_a_sign_in(house: House) -> None:
    user = house.create_user()
    first, second = join(house, user["id"], "First"), join(house, user["id"], "Second")
    house.put(f"{PATH}/{second['id']}/deactivate")

    active = memberships.list_active(house.unit(), user["id"])

    assert active == [(first["organization_id"], "First")]


def test_an_accepted_invitation_activates_what_there_is(house: House) -> None:
    user = house.create_user()
    organization_id = house.post("/organizations", {"name": "Acme"}).json["id"]
    unit = house.unit()

    def invite(queries: Queries) -> None:
        invited.create_pending(queries, unit, user["id"], organization_id=organization_id, role_slug="admin")

    def accept(queries: Queries) -> None:
        invited.activate_for_invitation(
            queries, unit, user["id"], organization_id=organization_id, role_slug="gone-since"
        )

    unit.write(invite)
    unit.write(invite)
    (pending,) = house.get(PATH, user_id=user["id"], statuses="pending").json["data"]
    refused = [
        house.post(PATH, {"user_id": user["id"], "organization_id": organization_id}),
        house.put(f"{PATH}/{pending['id']}/reactivate"),
        house.put(f"{PATH}/{pending['id']}/deactivate"),
    ]
    unit.write(accept)
    unit.write(accept)

    assert pending["role"] == {"slug": "admin"}
    assert [(answer.status, answer.json["code"]) for answer in refused] == [
        (400, "cannot_reactivate_pending_organization_membership"),
        (400, "cannot_reactivate_pending_organization_membership"),
        (400, "cannot_deactivate_pending_organization_membership"),
    ]
    (active,) = house.get(PATH, user_id=user["id"]).json["data"]
    assert (active["id"], active["status"], active["role"]) == (pending["id"], "active", {"slug": "admin"})
    assert len(house.events("organization_membership.updated")) == 1

    house.put(f"{PATH}/{pending['id']}/deactivate")
    unit.write(accept)

    (again,) = house.get(PATH, user_id=user["id"]).json["data"]
    assert (again["id"], again["status"], again["role"]) == (pending["id"], "active", {"slug": "member"})


def test_users_of_an_organization_are_paged_by_their_own_age(house: House) -> None:
    organization_id = house.post("/organizations", {"name": "Acme"}).json["id"]
    people = []
    for number in range(6):
        house.clock.advance(seconds=1)
        people.append(house.create_user(f"u{number}@example.com")["id"])
    for user_id in (people[4], people[0], people[2], people[5]):
        house.post(PATH, {"user_id": user_id, "organization_id": organization_id})
    path, query = "/user_management/users", {"organization_id": organization_id}

    def ids(**more: Any) -> list[str]:
        return [each["id"] for each in house.get(path, **query, **more).json["data"]]

    newest_first = [people[5], people[4], people[2], people[0]]
    first = house.get(path, limit=2, **query).json
    assert [each["id"] for each in first["data"]] == newest_first[:2]
    assert ids(limit=2, after=first["list_metadata"]["after"]) == newest_first[2:]
    assert ids(limit=2, before=people[0]) == newest_first[1:3]
    assert ids(order="asc") == newest_first[::-1]
    assert ids(email="U4@example.com") == [people[4]]
    assert ids(email="u1@example.com") == []
    assert [each["id"] for each in house.get(path, organization=organization_id).json["data"]] == newest_first


def test_a_large_organization_goes_in_batches_and_every_member_is_told_of(house: House) -> None:
    membership = join(house, house.create_user()["id"])
    organization_id = membership["organization_id"]
    for number in range(299):
        user = house.create_user(f"u{number}@example.com", password=None)
        house.post(PATH, {"user_id": user["id"], "organization_id": organization_id})

    deleted = house.delete(f"/organizations/{organization_id}")

    assert deleted.status == 202
    assert house.get(f"/organizations/{organization_id}").status == 404
    told_of, cursor = 0, None
    for _ in range(10):
        query = {"events": "organization_membership.deleted", "limit": 100} | ({"after": cursor} if cursor else {})
        page = house.get("/events", **query).json
        told_of += len(page["data"])
        cursor = page["list_metadata"]["after"]
        if cursor is None:
            break
    assert told_of == 300


def await_waiting(url: str) -> None:
    """Wait until a transaction waits for a lock."""
    with psycopg.connect(url, autocommit=True) as watcher:
        for _ in range(1000):
            if watcher.execute("select 1 from pg_locks where not granted").fetchone():
                return
            time.sleep(0.01)


def test_a_user_is_deleted_behind_a_refresh_that_goes_to_another_organization(furnished: Furnished) -> None:
    """It holds no session of one membership while it waits for another, as the refresh may want that session."""
    with ExitStack() as lent:
        url = bring(lambda: lent.enter_context(furnished.lend("postgres")))
        house = lent.enter_context(closing(House(url, limits=False)))
        user_id = house.create_user()["id"]
        first, second = join(house, user_id, "Acme"), join(house, user_id, "Globex")
        session_id = open_session(house, user_id, first["organization_id"])
        refresh = lent.enter_context(psycopg.connect(url))
        refresh.execute("select 1 from organization_memberships where id = %s for update", [second["id"]])
        pool = lent.enter_context(ThreadPoolExecutor(1))
        deletion = pool.submit(house.delete, f"/user_management/users/{user_id}")
        await_waiting(url)

        held = refresh.execute("select 1 from sessions where id = %s for update nowait", [session_id]).fetchall()
        refresh.rollback()

        assert (held, deletion.result().status) == ([(1,)], 200)
