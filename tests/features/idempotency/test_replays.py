"""A retried POST gets the first answer: for its own credential, method, path, key and body, and for a day."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest

from tests.features.neighbours import issue_key, move_in, revoke_key
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, PASSWORD, Answer, House

USERS = "/user_management/users"
AUTHENTICATE = "/user_management/authenticate"
ADA = {"email": "ada@example.com", "password": PASSWORD, "email_verified": True}
SIGN_IN = {
    "client_id": CLIENT,
    "client_secret": KEY,
    "grant_type": "password",
    "email": "ada@example.com",
    "password": PASSWORD,
}


def _post(house: House, path: str, json: object, key: str = "retry-1", **options: Any) -> Answer:
    return house.post(path, json, headers={"idempotency-key": key}, **options)


def test_a_retry_gets_the_first_answer_byte_for_byte(house: House) -> None:
    first = _post(house, USERS, ADA)
    house.clock.advance(seconds=59)

    again = _post(house, USERS, ADA)

    assert (again.status, again.body) == (first.status, first.body) == (201, first.body)
    assert (first.headers.get("idempotent-replayed"), again.headers.get("idempotent-replayed")) == (None, "true")
    assert first.headers["x-request-id"] != again.headers["x-request-id"]
    assert len(house.events("user.created")) == 1


def test_a_retried_sign_in_opens_one_session_and_gives_its_tokens_again(house: House) -> None:
    user = house.create_user()

    first, again = (_post(house, AUTHENTICATE, SIGN_IN, key="retry-1") for _ in range(2))

    assert again.body == first.body
    assert len(house.get(f"{USERS}/{user['id']}/sessions").json["data"]) == 1


def test_a_retried_refresh_gives_its_pair_again_long_after_the_window(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    grant = {"client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": token}
    first = _post(house, AUTHENTICATE, grant)

    house.clock.advance(minutes=5)
    again = _post(house, AUTHENTICATE, grant)

    assert again.body == first.body
    assert house.events("session.revoked") == []


def test_a_replay_after_a_revocation_gives_nothing_that_still_works(house: House) -> None:
    user = house.create_user()
    token = house.sign_in().json["refresh_token"]
    grant = {"client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": token}
    _post(house, AUTHENTICATE, grant)
    (session,) = house.get(f"{USERS}/{user['id']}/sessions").json["data"]
    house.post("/user_management/sessions/revoke", {"session_id": session["id"]})

    replayed = _post(house, AUTHENTICATE, grant)

    tried = house.authenticate("refresh_token", secret=None, refresh_token=replayed.json["refresh_token"])
    assert tried.json["error"] == "invalid_grant"
    assert house.get(f"{USERS}/{user['id']}/sessions").json["data"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (USERS, {"email": "eve@example.com"}, 400),
        (USERS, {"email": "bob@example.com", "password": "short"}, 400),
        (AUTHENTICATE, {**SIGN_IN, "password": "a wrong horse 18"}, 400),
        ("/user_management/sessions/revoke", {"session_id": "session_01KF0JQ6G0X4HT7K6SSMBV18BY"}, 404),
    ],
    ids=["taken", "weak", "wrong password", "unknown"],
)
def test_a_refusal_is_replayed_too(house: House, path: str, body: dict[str, Any], status: int) -> None:
    house.create_user()
    eve = house.create_user("eve@example.com")
    first = _post(house, path, body)
    house.delete(f"{USERS}/{eve['id']}")
    before = len(house.events())

    again = _post(house, path, body)

    assert (first.status, again.status, again.body) == (status, status, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.events()) == before


def test_an_answer_is_kept_for_a_day(house: House) -> None:
    first = _post(house, USERS, ADA)

    house.clock.advance(seconds=24 * 3600 - 1)
    within = _post(house, USERS, ADA)
    house.clock.advance(seconds=1)
    after = _post(house, USERS, ADA)

    assert within.body == first.body
    assert (after.status, after.json["code"]) == (400, "user_creation_error")


def test_a_key_with_another_body_is_another_request(house: House) -> None:
    first = _post(house, USERS, ADA)
    other = _post(house, USERS, {**ADA, "email": "bob@example.com"})
    spelled = house.post(USERS, body=b'{"email": "ada@example.com"}', headers={"idempotency-key": "retry-1"})

    assert (first.status, other.status) == (201, 201)
    assert other.json["email"] == "bob@example.com"
    assert spelled.status == 400


def test_two_long_keys_that_differ_at_their_end_are_two_keys(house: House) -> None:
    long = "k" * 2000
    first = _post(house, USERS, ADA, key=f"{long}1")

    assert _post(house, USERS, ADA, key=f"{long}1").body == first.body
    assert _post(house, USERS, ADA, key=f"{long}2").status == 400


def test_a_key_on_another_path_or_method_is_another_request(house: House) -> None:
    user = _post(house, USERS, ADA).json

    sent = _post(house, f"{USERS}/{user['id']}/email_verification/send", ADA)
    put = house.put(f"{USERS}/{user['id']}", ADA, headers={"idempotency-key": "retry-1"})

    assert "idempotent-replayed" not in sent.headers
    assert "idempotent-replayed" not in put.headers
    assert put.status == 200


def test_another_api_key_never_gets_the_answer(house: House) -> None:
    house.create_user()
    _post(house, AUTHENTICATE, SIGN_IN)
    _, other = issue_key(house, ENVIRONMENT)

    answer = _post(house, AUTHENTICATE, {**SIGN_IN, "client_secret": other})
    created = _post(house, USERS, {"email": "bob@example.com"})
    refused = _post(house, USERS, {"email": "bob@example.com"}, key="retry-1")

    assert "idempotent-replayed" not in answer.headers
    assert refused.body == created.body
    with_other = house.call(
        "POST", USERS, {"email": "bob@example.com"}, key=other, headers={"idempotency-key": "retry-1"}
    )
    assert (with_other.status, with_other.json["code"]) == (400, "user_creation_error")


def test_another_environment_never_gets_the_answer(house: House) -> None:
    neighbour = move_in(house)
    ours = _post(house, USERS, ADA)

    theirs = neighbour.call("POST", USERS, ADA, headers={"idempotency-key": "retry-1"})

    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json["id"] != theirs.json["id"]


def test_a_public_client_never_gets_the_answer_of_a_confidential_one(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    body = {"client_id": CLIENT, "grant_type": "refresh_token", "refresh_token": token}
    confidential = house.call("POST", AUTHENTICATE, body, headers={"idempotency-key": "retry-1"})

    public = house.call("POST", AUTHENTICATE, body, key=None, headers={"idempotency-key": "retry-1"})

    assert confidential.status == public.status == 200
    assert "idempotent-replayed" not in public.headers


def test_a_revoked_key_gets_no_kept_answer(house: House) -> None:
    key_id, key = issue_key(house, ENVIRONMENT)
    send = partial(house.call, "POST", USERS, ADA, key=key, headers={"idempotency-key": "retry-1"})
    assert send().status == 201

    revoke_key(house, ENVIRONMENT, key_id)

    assert (send().status, send().json["code"]) == (401, "unauthorized")


def test_what_a_retry_may_change_is_not_kept(house: House) -> None:
    malformed = house.post(USERS, body=b'{"email"', headers={"idempotency-key": "retry-1"})
    invalid = _post(house, USERS, {"email": 5})
    stranger = house.call("POST", USERS, ADA, key="sk_wrong", headers={"idempotency-key": "retry-1"})

    assert [answer.status for answer in (malformed, invalid, stranger)] == [400, 422, 401]
    assert house.runtime.database.reads.one("select count(*) from idempotent_answers") == (0,)
    assert _post(house, USERS, ADA).status == 201


def test_an_empty_key_is_no_key(house: House) -> None:
    for empty in ("", "  "):
        email = f"user{len(empty)}@example.com"
        assert [_post(house, USERS, {"email": email}, key=empty).status for _ in range(2)] == [201, 400]


@pytest.mark.parametrize("key", ["", " ", "é" * 10, "x" * 5000, "'; drop table users; --", "\u2028"])
def test_no_key_makes_a_request_fail(house: House, key: str) -> None:
    assert _post(house, USERS, ADA, key=key).status == 201


def test_requests_at_once_with_one_key_make_one_user_and_get_one_answer(house: House) -> None:
    start = threading.Barrier(12)

    def send(_: int) -> Answer:
        start.wait(timeout=20)
        return _post(house, USERS, {"email": "ada@example.com"})

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(12)))

    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert len(house.events("user.created")) == 1


def test_kept_answers_are_sealed(house: House) -> None:
    house.create_user()
    tokens = _post(house, AUTHENTICATE, SIGN_IN).json

    rows = house.runtime.database.reads.all("select name, answer from idempotent_answers")

    assert rows
    for row in rows:
        stored = b"".join(part if isinstance(part, bytes) else bytes(part) for part in row)
        for secret in (tokens["refresh_token"], tokens["access_token"], "retry-1", "ada@example.com"):
            assert secret.encode() not in stored
