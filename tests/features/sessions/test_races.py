"""Two things at once: a refresh and a revocation, a sign-in and a new password, a sign-in and a deletion."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tests.harness.inprocess import CLIENT, KEY, Answer, House

ROUNDS = 8
NEW = "another horse 18"


def _at_once(*works: Callable[[], Answer]) -> list[Answer]:
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Answer]) -> Answer:
        start.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def _refresh(house: House, token: str) -> Answer:
    return house.authenticate("refresh_token", secret=None, refresh_token=token)


def test_nothing_that_a_racing_refresh_gave_outlives_a_revocation(house: House) -> None:
    user = house.create_user()
    for _ in range(ROUNDS):
        token = house.sign_in().json["refresh_token"]
        (session,) = house.get(f"/user_management/users/{user['id']}/sessions").json["data"]

        *refreshed, revoked = _at_once(
            partial(_refresh, house, token),
            partial(_refresh, house, token),
            partial(house.post, "/user_management/sessions/revoke", {"session_id": session["id"]}),
        )

        assert revoked.status == 200
        given = [answer.json["refresh_token"] for answer in refreshed if answer.status == 200]
        for tried in (token, *given):
            assert _refresh(house, tried).json["error"] == "invalid_grant"


def test_a_sign_in_that_races_with_a_new_password_leaves_no_session_of_the_old_one(house: House) -> None:
    user = house.create_user()
    path = f"/user_management/users/{user['id']}"
    passwords = ["correct horse 17", NEW]
    for number in range(ROUNDS):
        old, new = passwords[number % 2], passwords[(number + 1) % 2]

        *signed_in, changed = _at_once(
            partial(house.sign_in, password=old),
            partial(house.sign_in, password=old),
            partial(house.put, path, {"password": new}),
        )

        assert changed.status == 200
        assert {answer.status for answer in signed_in} <= {200, 400}
        assert house.get(f"{path}/sessions").json["data"] == []
        assert house.sign_in(password=old).json["code"] == "invalid_credentials"


def test_a_sign_in_that_races_with_a_deletion_leaves_nothing(house: House) -> None:
    for number in range(ROUNDS):
        user = house.create_user(f"ada{number}@example.com")

        signed_in, deleted = _at_once(
            partial(house.sign_in, f"ada{number}@example.com"),
            partial(house.delete, f"/user_management/users/{user['id']}"),
        )

        assert deleted.status == 200
        if signed_in.status == 200:
            assert _refresh(house, signed_in.json["refresh_token"]).json["error"] == "invalid_grant"
        else:
            assert signed_in.status == 400
    created = {event["data"]["id"] for event in house.events("session.created")}
    assert created == {event["data"]["id"] for event in house.events("session.revoked")}


def test_of_twenty_racing_refreshes_all_get_one_pair(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    answers = _at_once(*[partial(_refresh, house, token)] * 20)

    assert [answer.status for answer in answers] == [200] * 20
    assert len({answer.body for answer in answers}) == 1


def test_racers_for_the_last_refresh_that_the_limit_lets_through_all_get_its_pair(furnished_database: str) -> None:
    house = House(furnished_database, development=False, limit_per_session=f"{ROUNDS}/60")
    house.create_user()
    token = house.sign_in().json["refresh_token"]

    for _ in range(ROUNDS):
        answers = _at_once(*[partial(_refresh, house, token)] * 6)
        assert [answer.status for answer in answers] == [200] * 6
        assert len({answer.body for answer in answers}) == 1
        token = answers[0].json["refresh_token"]

    refused = _at_once(*[partial(_refresh, house, token)] * 6)
    assert [answer.status for answer in refused] == [429] * 6
    # What is refused changes nothing: the token is live, and waits for its turn.
    house.clock.advance(seconds=int(refused[0].headers["retry-after"]))
    assert _refresh(house, token).status == 200
    house.close()


def test_of_racing_refreshes_with_keys_of_their_own_each_is_answered_again_alike(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    grant = {"client_id": CLIENT, "client_secret": KEY, "grant_type": "refresh_token", "refresh_token": token}

    def ask(number: int) -> Answer:
        return house.post("/user_management/authenticate", grant, headers={"idempotency-key": f"refresh-{number}"})

    answers = _at_once(*[partial(ask, number) for number in range(6)])
    house.clock.advance(minutes=5)
    again = [ask(number) for number in range(6)]

    assert [answer.status for answer in answers] == [200] * 6
    assert len({answer.body for answer in [*answers, *again]}) == 1
