"""The refresh grant: rotation that cannot log people out, and copies that are found out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions import store
from gatelodge.features.sessions.rules import REPLAY_WINDOW
from tests.harness.inprocess import CLIENT, KEY, PASSWORD, Answer, House


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


def test_a_session_that_names_no_token_has_one_that_is_live(house: House) -> None:
    """A server of the version before, which still runs when the schema is migrated, begins such sessions."""
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    house.runtime.database.write(lambda queries: queries.run("update sessions set live_token = null"))

    pair = _refresh(house, token)

    assert pair.status == 200
    assert _refresh(house, token).body == pair.body
    assert _refresh(house, pair.json["refresh_token"]).status == 200
    house.clock.advance(seconds=31)
    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_retired_token_within_the_window_gives_the_very_same_pair(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    pair = _refresh(house, token).json

    house.clock.advance(seconds=29)
    again = _refresh(house, token).json

    assert again == pair


def test_each_of_several_tokens_retired_within_the_window_gives_its_own_pair(house: House) -> None:
    house.create_user()
    house.create_user("eve@example.com")
    tokens = [house.sign_in().json["refresh_token"]]
    others = _refresh(house, house.sign_in("eve@example.com").json["refresh_token"])
    pairs = []
    for _ in range(5):
        pairs.append(_refresh(house, tokens[-1]).json)
        tokens.append(pairs[-1]["refresh_token"])
        house.clock.advance(seconds=5)

    for retired, pair in zip(tokens, pairs, strict=False):
        assert _refresh(house, retired).json == pair
    assert others.status == 200


def test_no_pair_is_kept_longer_than_its_window(house: House) -> None:
    """Pairs are removed in short writes, between which refreshes find their turn."""
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    for _ in range(40):
        token = _refresh(house, token).json["refresh_token"]
        house.clock.advance(seconds=0.001)
    house.clock.advance(seconds=20)
    late = _refresh(house, token).json
    house.clock.advance(seconds=11)
    kept = "select sealed_pair from traded_pairs"

    unit = house.unit()
    some = unit.write(lambda queries: store.remove_pairs(queries, before=unit.now - REPLAY_WINDOW, limit=10))
    left = len(house.runtime.database.reads.all(kept))
    while sessions.sweep_pairs(unit):
        pass

    assert (some, left) == (11, 30)
    assert len(house.runtime.database.reads.all(kept)) == 1
    assert _refresh(house, token).json == late


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


def test_a_refresh_with_an_idempotency_key_is_answered_again_after_the_window(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    grant = {"client_id": CLIENT, "client_secret": KEY, "grant_type": "refresh_token", "refresh_token": token}
    once = {"idempotency-key": "refresh-1"}

    first = house.post("/user_management/authenticate", grant, headers=once)
    house.clock.advance(seconds=120)
    again = house.post("/user_management/authenticate", grant, headers=once)

    assert (first.status, again.body) == (200, first.body)
    assert _refresh(house, first.json["refresh_token"]).status == 200


@pytest.mark.parametrize("grant", ["password", "refresh_token"])
def test_a_user_who_is_deleted_meanwhile_signs_in_or_is_told(house: House, grant: str) -> None:
    for number in range(6):
        user = house.create_user(f"user{number}@example.com")
        token = house.sign_in(user["email"]).json["refresh_token"]
        members = (
            {"refresh_token": token} if grant == "refresh_token" else {"email": user["email"], "password": PASSWORD}
        )

        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(house.authenticate, grant, **members) for _ in range(3)]
            deleted = pool.submit(house.delete, f"/user_management/users/{user['id']}").result()
            answers = [each.result() for each in asked]

        assert deleted.status == 200
        assert {answer.status for answer in answers} <= {200, 400, 401}, answers
        errors = {answer.json.get("error") or answer.json.get("code") for answer in answers if answer.status != 200}
        assert errors <= {"invalid_grant", "invalid_credentials"}
