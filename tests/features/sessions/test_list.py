"""The list of a user's active sessions."""

from __future__ import annotations

from typing import Any

from tests.harness.inprocess import House


def _sessions(house: House, user: dict[str, Any], **query: Any) -> dict[str, Any]:
    answer = house.get(f"/user_management/users/{user['id']}/sessions", **query)
    assert answer.status == 200, answer
    page: dict[str, Any] = answer.json
    return page


def _sign_in(house: House, times: int) -> None:
    for _ in range(times):
        house.clock.advance(seconds=1)
        assert house.sign_in().status == 200


def test_pages_of_sessions_follow_each_other_newest_first(house: House) -> None:
    user = house.create_user()
    _sign_in(house, 5)

    first = _sessions(house, user, limit=2)
    second = _sessions(house, user, limit=2, after=first["list_metadata"]["after"])
    third = _sessions(house, user, limit=2, after=second["list_metadata"]["after"])

    listed = [session["created_at"] for page in (first, second, third) for session in page["data"]]
    assert listed == sorted(listed, reverse=True)
    assert len(set(listed)) == 5
    assert third["list_metadata"]["after"] is None
    assert _sessions(house, user, limit=2, before=second["data"][0]["id"])["data"] == first["data"]


def test_a_page_still_follows_a_session_that_has_been_revoked(house: House) -> None:
    user = house.create_user()
    _sign_in(house, 4)
    all_of_them = _sessions(house, user)["data"]
    first = _sessions(house, user, limit=2)

    house.post("/user_management/sessions/revoke", {"session_id": first["data"][-1]["id"]})

    assert _sessions(house, user, after=first["list_metadata"]["after"])["data"] == all_of_them[2:]


def test_only_active_sessions_are_listed(house: House) -> None:
    user = house.create_user()
    _sign_in(house, 1)
    house.clock.advance(days=6)
    _sign_in(house, 2)
    newest, newer, oldest = _sessions(house, user)["data"]

    house.post("/user_management/sessions/revoke", {"session_id": newest["id"]})
    house.clock.advance(days=2)

    assert [session["id"] for session in _sessions(house, user)["data"]] == [newer["id"]]
    assert oldest["status"] == "active"


def test_a_session_shows_what_a_believed_caller_said_of_the_end_user(house: House) -> None:
    user = house.create_user()
    house.sign_in(ip_address="198.51.100.7", user_agent="Mozilla/5.0")

    (session,) = _sessions(house, user)["data"]

    assert (session["ip_address"], session["user_agent"]) == ("198.51.100.7", "Mozilla/5.0")
    assert (session["auth_method"], session["status"], session["ended_at"]) == ("password", "active", None)
    assert "organization_id" not in session


def test_the_sessions_of_one_user_are_not_those_of_another(house: House) -> None:
    ada, bob = house.create_user(), house.create_user("bob@example.com")
    house.sign_in()

    assert len(_sessions(house, ada)["data"]) == 1
    assert _sessions(house, bob)["data"] == []
