"""The refresh grant: rotation that cannot log people out, and copies that are found out."""

from __future__ import annotations

from typing import Any

from tests.harness.inprocess import Answer, House


def _refresh(house: House, token: str, **members: Any) -> Answer:
    return house.authenticate("refresh_token", secret=None, refresh_token=token, **members)


def test_a_refresh_gives_a_new_pair_for_the_same_session(house: House) -> None:
    house.create_user()
    first = house.sign_in().json

    second = _refresh(house, first["refresh_token"]).json

    assert second["refresh_token"] != first["refresh_token"]
    assert second["user"]["id"] == first["user"]["id"]
    assert second["authentication_method"] == "Password"
    assert len(house.events("session.created")) == 1


def test_a_retired_token_within_the_window_gives_the_very_same_pair(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    pair = _refresh(house, token).json

    house.clock.advance(seconds=29)
    again = _refresh(house, token).json

    assert again == pair


def test_a_retired_token_after_the_window_ends_the_session(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    successor = _refresh(house, token).json["refresh_token"]

    house.clock.advance(seconds=31)
    replayed = _refresh(house, token)

    assert (replayed.status, replayed.json["error"]) == (400, "invalid_grant")
    assert _refresh(house, successor).json["error"] == "invalid_grant"
    assert [event["data"]["status"] for event in house.events("session.revoked")] == ["revoked"]


def test_a_thief_who_takes_turns_within_the_window_is_found_out_once_it_is_over(house: House) -> None:
    """A stolen token buys what its owner has anyway, until the two of them rotate at different times.

    Within thirty seconds nothing tells a thief from a client that retries: both get the
    same pair. That is the price of a refresh that logs nobody out, and all there is to it.
    """
    house.create_user()
    stolen = house.sign_in().json["refresh_token"]
    owners = _refresh(house, stolen).json

    # Taking turns within the window gives both the same, and rotates no row of its own.
    for _ in range(3):
        house.clock.advance(seconds=5)
        assert _refresh(house, stolen).json == owners
    thiefs = _refresh(house, owners["refresh_token"]).json
    house.clock.advance(seconds=5)
    assert _refresh(house, owners["refresh_token"]).json == thiefs
    assert len(house.get(f"/user_management/users/{owners['user']['id']}/sessions").json["data"]) == 1

    # The owner goes on; the thief, who held the token before, comes later.
    house.clock.advance(seconds=31)
    latest = _refresh(house, thiefs["refresh_token"]).json
    found_out = _refresh(house, owners["refresh_token"])

    assert found_out.json["error"] == "invalid_grant"
    for token in (stolen, owners["refresh_token"], thiefs["refresh_token"], latest["refresh_token"]):
        assert _refresh(house, token).json["error"] == "invalid_grant"
    assert len(house.events("session.revoked")) == 1


def test_a_session_past_its_absolute_limit_is_not_refreshed(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    for _ in range(4):
        house.clock.advance(days=6)
        token = _refresh(house, token).json["refresh_token"]

    house.clock.advance(days=6)

    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_session_idle_for_a_week_is_not_refreshed(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    house.clock.advance(days=7, seconds=1)

    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_refresh_token_of_another_client_is_refused(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    answer = house.authenticate("refresh_token", refresh_token=token, client_id="client_other")

    assert answer.json["error"] == "invalid_client"


def test_a_new_password_ends_every_session(house: House) -> None:
    user = house.create_user()
    token = house.sign_in().json["refresh_token"]

    house.put(f"/user_management/users/{user['id']}", {"password": "another horse 18"})

    assert _refresh(house, token).json["error"] == "invalid_grant"
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []
