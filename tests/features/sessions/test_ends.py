"""Ending a session: by its id, by a logout link, by a limit, by what happens to its user."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from gatelodge.contract.ids import make_ulid
from gatelodge.features.applications import actions as applications
from tests.features.neighbours import move_in
from tests.harness.inprocess import ENVIRONMENT, PASSWORD, Answer, House

REVOKE = "/user_management/sessions/revoke"
LOGOUT = "/user_management/sessions/logout"
LISTED = "http://localhost:3000"
UNKNOWN = f"session_{make_ulid(1_768_478_400_000, bytes(10))}"


def _sign_in(house: House) -> tuple[dict[str, Any], str]:
    """Give the session of a new sign-in and its refresh token."""
    signed_in = house.sign_in().json
    (session, *_) = house.get(f"/user_management/users/{signed_in['user']['id']}/sessions").json["data"]
    return session, signed_in["refresh_token"]


def _refresh(house: House, token: str) -> Answer:
    return house.authenticate("refresh_token", secret=None, refresh_token=token)


def _log_out(house: House, **query: str) -> Answer:
    return house.call("GET", LOGOUT, key=None, query=query)


def test_a_revoked_session_is_not_refreshed_and_not_listed(house: House) -> None:
    user = house.create_user()
    session, token = _sign_in(house)

    revoked = house.post(REVOKE, {"session_id": session["id"]})

    assert (revoked.status, revoked.json["status"]) == (200, "revoked")
    assert revoked.json["ended_at"] is not None
    assert (_refresh(house, token).status, _refresh(house, token).json["error"]) == (400, "invalid_grant")
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []
    assert [event["data"] for event in house.events("session.revoked")] == [revoked.json]


def test_revoking_again_changes_nothing_and_tells_nobody(house: House) -> None:
    house.create_user()
    session, _ = _sign_in(house)
    first = house.post(REVOKE, {"session_id": session["id"]}).json

    house.clock.advance(seconds=60)
    again = house.post(REVOKE, {"session_id": session["id"]})

    assert (again.status, again.json) == (200, first)
    assert len(house.events("session.revoked")) == 1


def test_an_unknown_session_is_not_found_and_a_malformed_id_is_refused(house: House) -> None:
    unknown = house.post(REVOKE, {"session_id": UNKNOWN})
    malformed = house.post(REVOKE, {"session_id": "session_5"})

    assert (unknown.status, unknown.json["code"], unknown.json["entity_id"]) == (404, "entity_not_found", UNKNOWN)
    assert malformed.status == 400


def test_a_retired_token_is_no_way_back_into_a_revoked_session(house: House) -> None:
    house.create_user()
    session, token = _sign_in(house)
    successor = _refresh(house, token).json["refresh_token"]

    house.post(REVOKE, {"session_id": session["id"]})

    for tried in (token, successor):
        assert _refresh(house, tried).json["error"] == "invalid_grant"


def test_a_logout_link_ends_the_session_and_leads_where_it_is_allowed_to(house: House) -> None:
    house.create_user()
    session, token = _sign_in(house)

    answer = _log_out(house, session_id=session["id"], return_to=LISTED)

    assert (answer.status, answer.headers["location"], answer.body) == (302, LISTED, b"")
    assert _refresh(house, token).json["error"] == "invalid_grant"
    assert [event["data"]["status"] for event in house.events("session.revoked")] == ["revoked"]


@pytest.mark.parametrize("known", [True, False], ids=["a session", "no session"])
def test_a_logout_link_never_leads_to_an_address_that_is_not_listed(house: House, known: bool) -> None:  # noqa: FBT001
    house.create_user()
    session_id = _sign_in(house)[0]["id"] if known else UNKNOWN
    tricks = [
        "https://evil.example",
        "//evil.example",
        f"{LISTED}.evil.example",
        f"{LISTED}@evil.example",
        f"{LISTED}/",
        f"{LISTED}/../x",
        f"{LISTED}#x",
        f"{LISTED} ",
        f" {LISTED}",
        f"{LISTED}\r\nlocation: https://evil.example",
        LISTED.upper(),
        "javascript:alert(1)",
        "/",
        "\\\\evil.example",
        "http://localhost:3000/callback",
    ]

    for trick in tricks:
        answer = _log_out(house, session_id=session_id, return_to=trick)
        assert (answer.status, answer.headers.get("location")) == (302, LISTED), trick


def test_a_logout_link_of_a_session_that_is_gone_still_leads_on(house: House) -> None:
    user = house.create_user()
    session, _ = _sign_in(house)
    unit = house.unit()
    applications.allow_redirect(unit, ENVIRONMENT, "https://app.example/bye", sign_out=True)
    links = {"return_to": "https://app.example/bye"}

    ended = [_log_out(house, session_id=session["id"], **links) for _ in range(2)]
    house.delete(f"/user_management/users/{user['id']}")
    deleted = _log_out(house, session_id=session["id"], **links)
    unknown = _log_out(house, session_id=UNKNOWN, **links)
    malformed = _log_out(house, session_id="x", **links)

    for answer in (*ended, deleted, unknown, malformed):
        assert (answer.status, answer.headers["location"]) == (302, links["return_to"])


def test_without_a_listed_address_a_logout_link_shows_a_page(house: House) -> None:
    neighbour = move_in(house)
    neighbour.create_user(email_verified=True)
    neighbour.authenticate("password", email="ada@example.com", password=PASSWORD)
    (user,) = neighbour.call("GET", "/user_management/users").json["data"]
    (session,) = neighbour.call("GET", f"/user_management/users/{user['id']}/sessions").json["data"]

    answer = _log_out(house, session_id=session["id"], return_to=LISTED)

    assert (answer.status, answer.headers["location"]) == (302, "/signed-out")
    assert "You are signed out" in house.call("GET", "/signed-out", key=None).body.decode()


def test_a_logout_link_without_a_session_id_is_refused(house: House) -> None:
    for query in ({}, {"session_id": ""}, {"return_to": LISTED}):
        answer = _log_out(house, **query)
        assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")


def test_a_logout_link_with_a_doubled_target_follows_none_that_is_not_listed(house: House) -> None:
    house.create_user()
    session, _ = _sign_in(house)
    query = urlencode([("session_id", session["id"]), ("return_to", LISTED), ("return_to", "https://evil.example")])

    answer = house.call("GET", f"{LOGOUT}", key=None, query=dict([part.split("=") for part in query.split("&")]))

    assert answer.headers["location"] != "https://evil.example"


@pytest.mark.parametrize("change", [{"password": "another horse 18"}, None], ids=["a new password", "deleted"])
def test_all_sessions_of_a_user_end_with_its_password_and_with_itself(
    house: House, change: dict[str, str] | None
) -> None:
    user = house.create_user()
    tokens = [house.sign_in().json["refresh_token"] for _ in range(3)]
    path = f"/user_management/users/{user['id']}"

    assert (house.delete(path) if change is None else house.put(path, change)).status == 200

    assert [_refresh(house, token).json["error"] for token in tokens] == ["invalid_grant"] * 3
    assert len(house.events("session.revoked")) == 3
