"""A clock that steps back an hour or forward a day (row 133): nothing lives for ever, nothing spent comes back."""

from __future__ import annotations

from tests.harness.inprocess import Answer, House


def _refresh(house: House, token: str) -> Answer:
    return house.authenticate("refresh_token", secret=None, refresh_token=token)


def test_a_session_survives_a_step_back_and_lasts_no_longer_for_it(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    house.clock.advance(minutes=-60)
    answer = _refresh(house, token)
    assert answer.status == 200

    house.clock.advance(days=30, minutes=61)
    assert _refresh(house, answer.json["refresh_token"]).json["error"] == "invalid_grant"


def test_a_session_opened_a_day_ahead_ends_a_month_after_that(house: House) -> None:
    house.create_user()
    house.clock.advance(days=1)
    token = house.sign_in().json["refresh_token"]
    house.clock.advance(days=-1)

    for _ in range(5):
        house.clock.advance(days=6)
        token = _refresh(house, token).json["refresh_token"]
    house.clock.advance(days=1, seconds=1)

    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_step_back_does_not_reopen_the_window_of_a_retired_token(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    _refresh(house, token)

    house.clock.advance(minutes=-60)

    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_new_password_ends_sessions_that_a_wrong_clock_took_for_expired(house: House) -> None:
    user = house.create_user()
    token = house.sign_in().json["refresh_token"]

    house.clock.advance(days=8)
    house.put(f"/user_management/users/{user['id']}", {"password": "another horse 18"})
    house.clock.advance(days=-8)

    assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_revoked_session_stays_revoked_whatever_the_clock_does(house: House) -> None:
    user = house.create_user()
    token = house.sign_in().json["refresh_token"]
    (session,) = house.get(f"/user_management/users/{user['id']}/sessions").json["data"]
    house.post("/user_management/sessions/revoke", {"session_id": session["id"]})

    for step in (-60, 24 * 60, -48 * 60):
        house.clock.advance(minutes=step)
        assert _refresh(house, token).json["error"] == "invalid_grant"


def test_a_step_back_keeps_nobody_out_for_longer_than_the_spans_of_the_limits(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    for _ in range(10):
        house.sign_in(password="a wrong horse 1")

    house.clock.advance(minutes=-60)
    waits = [house.sign_in()]
    # Three buckets, of the key, the place and the account, of which the last two span a minute.
    for _ in range(3):
        house.clock.advance(seconds=61)
        waits.append(house.sign_in())

    assert waits[-1].status == 200
    assert all(int(answer.headers["retry-after"]) <= 60 for answer in waits if answer.status == 429)


def test_a_step_back_does_not_keep_a_session_from_being_refreshed(limited_house: House) -> None:
    house = limited_house
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    for _ in range(3):
        house.clock.advance(seconds=1)
        token = _refresh(house, token).json["refresh_token"]

    house.clock.advance(minutes=-60)
    refused = _refresh(house, token)
    house.clock.advance(seconds=int(refused.headers.get("retry-after", 1)))
    refreshed = _refresh(house, token)

    # The bucket counts as full at first, and from then on it empties at the usual rate.
    assert refused.status == 429
    assert refreshed.status == 200
    house.clock.advance(seconds=2)
    assert _refresh(house, refreshed.json["refresh_token"]).status == 200
