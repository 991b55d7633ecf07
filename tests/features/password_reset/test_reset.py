"""Setting a new password by the token of a link."""

from __future__ import annotations

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from msgspec.structs import replace

from gatelodge.features.applications import actions as applications
from tests.harness.inprocess import CLIENT, ENVIRONMENT, PASSWORD, Answer, House
from tests.harness.mails import last_code, mails

ADA = "ada@example.com"
NEW = "another horse 18"


def _ask(house: House, email: str = ADA) -> str:
    token: str = house.post("/user_management/password_reset", {"email": email}).json["password_reset_token"]
    return token


def _reset(house: House, token: str, password: str = NEW) -> Answer:
    return house.post("/user_management/password_reset/confirm", {"token": token, "new_password": password})


def _refused(answer: Answer) -> tuple[int, str, list[str]]:
    return answer.status, answer.json["code"], [fault["code"] for fault in answer.json.get("errors", [])]


USED = (400, "password_reset_error", ["password_reset_token_used"])
EXPIRED = (400, "password_reset_error", ["password_reset_token_expired"])


def test_the_token_sets_the_password_and_tells_the_owner(house: House) -> None:
    user = house.create_user()

    answer = _reset(house, _ask(house))

    assert (answer.status, answer.json["user"]["id"]) == (200, user["id"])
    assert sorted(answer.json["user"]) == sorted(user)
    assert house.sign_in().json["code"] == "invalid_credentials"
    assert house.sign_in(password=NEW).status == 200
    assert [name for name, _ in mails(house, to=ADA)] == ["password_reset", "password_changed"]
    [event] = house.events("password_reset.succeeded")
    assert event["data"]["user_id"] == user["id"]
    assert "token" not in str(event["data"])
    assert house.events("user.updated") == []


def test_a_reset_does_not_sign_in(house: House) -> None:
    user = house.create_user()

    answer = _reset(house, _ask(house))

    assert list(answer.json) == ["user"]
    assert house.events("session.created") == []
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []


def test_a_reset_gets_nobody_past_a_second_factor(house: House) -> None:
    user = house.create_user()
    _enroll(house, user["id"])

    _reset(house, _ask(house))

    answer = house.sign_in(password=NEW)
    assert (answer.status, answer.json["code"]) == (403, "mfa_challenge")


def test_a_token_is_good_once(house: House) -> None:
    house.create_user()
    token = _ask(house)
    _reset(house, token)

    assert _refused(_reset(house, token, "yet another horse 19")) == USED
    assert house.sign_in(password=NEW).status == 200


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3600, 400)])
def test_a_token_is_good_for_an_hour_and_no_longer(house: House, seconds: int, status: int) -> None:
    house.create_user()
    token = _ask(house)

    house.clock.advance(seconds=seconds)
    answer = _reset(house, token)

    assert answer.status == status
    assert status == 200 or _refused(answer) == EXPIRED


def test_an_unknown_token_is_not_found_and_not_repeated(house: House) -> None:
    answer = _reset(house, "never-issued-anywhere")

    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")
    assert b"never-issued" not in answer.body


@pytest.mark.parametrize("body", [{}, {"token": "x"}, {"new_password": NEW}])
def test_what_is_missing_is_told(house: House, body: dict[str, str]) -> None:
    answer = house.post("/user_management/password_reset/confirm", body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")


@pytest.mark.parametrize(
    ("password", "code"),
    [("short", "password_too_short"), ("", "password_too_short"), ("1234567890", "password_pwned")],
)
def test_a_password_against_the_policy_is_refused_and_leaves_the_token_good(
    house: House, password: str, code: str
) -> None:
    house.create_user()
    token = _ask(house)

    answer = _reset(house, token, password)

    assert _refused(answer)[:2] == (400, "password_reset_error")
    assert code in _refused(answer)[2]
    assert house.sign_in().status == 200
    assert _reset(house, token).status == 200


def test_passwords_that_were_switched_off_meanwhile_are_not_reset(house: House) -> None:
    house.create_user()
    token = _ask(house)
    unit = house.unit()
    applications.set_policy(unit, ENVIRONMENT, replace(applications.find_policy(unit), password=False))

    answer = _reset(house, token)

    assert (answer.status, answer.json["code"]) == (403, "email_password_auth_disabled")


def test_a_token_is_void_after_the_password_was_changed(house: House) -> None:
    user = house.create_user()
    token = _ask(house)

    house.put(f"/user_management/users/{user['id']}", {"password": NEW})

    assert _refused(_reset(house, token, "yet another horse 19")) == EXPIRED
    assert house.sign_in(password=NEW).status == 200


def test_a_token_is_void_after_another_was_used(house: House) -> None:
    house.create_user()
    first, second = _ask(house), _ask(house)
    _reset(house, second)

    assert _refused(_reset(house, first, "yet another horse 19")) == EXPIRED


def test_a_token_is_void_after_the_address_was_changed(house: House) -> None:
    user = house.create_user()
    token = _ask(house)

    house.put(f"/user_management/users/{user['id']}", {"email": "eve@example.com"})

    assert _refused(_reset(house, token)) == EXPIRED


def test_a_token_is_gone_after_the_user_was_deleted(house: House) -> None:
    user = house.create_user()
    token = _ask(house)

    house.delete(f"/user_management/users/{user['id']}")
    house.create_user()

    assert _reset(house, token).status == 404
    assert house.sign_in().status == 200


def test_a_sign_in_that_renews_an_imported_hash_leaves_the_token_good(house: House) -> None:
    house.create_user(password=None, password_hash=_ssha(PASSWORD), password_hash_type="ssha")
    token = _ask(house)

    assert house.sign_in().status == 200
    assert _reset(house, token).status == 200


def _ssha(password: str) -> str:
    digest = hashlib.sha1(password.encode() + b"salt", usedforsecurity=False).digest()
    return "{SSHA}" + base64.b64encode(digest + b"salt").decode()


def test_a_user_without_a_password_gets_one(house: House) -> None:
    house.create_user(password=None)

    assert _reset(house, _ask(house)).status == 200
    assert house.sign_in(password=NEW).status == 200


def test_a_reset_ends_every_session(house: House) -> None:
    user = house.create_user()
    tokens = [house.sign_in().json["refresh_token"] for _ in range(2)]

    _reset(house, _ask(house))

    for token in tokens:
        refreshed = house.authenticate("refresh_token", secret=None, refresh_token=token)
        assert refreshed.json["error"] == "invalid_grant"
    assert house.get(f"/user_management/users/{user['id']}/sessions").json["data"] == []
    assert len(house.events("session.revoked")) == 2


def test_a_reset_ends_sign_ins_that_wait_for_a_step(house: House) -> None:
    user = house.create_user()
    enrolled = _enroll(house, user["id"])
    begun = house.sign_in().json
    token = _ask(house)

    _reset(house, token)
    house.clock.advance(seconds=30)
    answer = _answer_factor(house, enrolled, begun["pending_authentication_token"])

    assert (answer.status, answer.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_first_password_by_a_reset_ends_sign_ins_that_wait_for_a_step(house: House) -> None:
    user = house.create_user(password=None)
    enrolled = _enroll(house, user["id"])
    code = house.post("/user_management/magic_auth", {"email": ADA}).json["code"]
    begun = house.authenticate("urn:workos:oauth:grant-type:magic-auth:code", code=code, email=ADA).json

    _reset(house, _ask(house))
    house.clock.advance(seconds=30)
    answer = _answer_factor(house, enrolled, begun["pending_authentication_token"])

    assert begun["code"] == "mfa_challenge"
    assert (answer.status, answer.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_step_that_nothing_came_between_ends_the_sign_in(house: House) -> None:
    user = house.create_user()
    enrolled = _enroll(house, user["id"])
    begun = house.sign_in().json

    house.clock.advance(seconds=30)

    assert _answer_factor(house, enrolled, begun["pending_authentication_token"]).status == 200


def test_a_new_password_by_the_api_ends_sign_ins_that_wait_for_a_step(house: House) -> None:
    user = house.create_user()
    enrolled = _enroll(house, user["id"])
    begun = house.sign_in().json

    house.put(f"/user_management/users/{user['id']}", {"password": NEW})
    house.clock.advance(seconds=30)
    answer = _answer_factor(house, enrolled, begun["pending_authentication_token"])

    assert (answer.status, answer.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_reset_makes_mailed_codes_lapse(house: House) -> None:
    house.create_user()
    code = house.post("/user_management/magic_auth", {"email": ADA}).json["code"]

    _reset(house, _ask(house))

    answer = house.authenticate("urn:workos:oauth:grant-type:magic-auth:code", code=code, email=ADA)
    assert (answer.status, answer.json["code"]) == (400, "invalid_one_time_code")


def test_a_reset_proves_the_address(house: House) -> None:
    house.create_user(email_verified=False)

    answer = _reset(house, _ask(house))

    assert answer.json["user"]["email_verified"] is True
    assert [event["data"]["email_verified"] for event in house.events("user.updated")] == [True]
    assert house.sign_in(password=NEW).status == 200


def test_nothing_that_was_set_on_an_account_before_its_address_was_proved_outlives_a_reset(house: House) -> None:
    user = house.create_user("eve@example.com")
    refresh_token = house.sign_in("eve@example.com").json["refresh_token"]
    _enroll(house, user["id"])
    house.put(f"/user_management/users/{user['id']}", {"email": ADA})
    begun = house.sign_in().json

    _reset(house, _ask(house))

    assert house.get(f"/user_management/users/{user['id']}/auth_factors").json["data"] == []
    refreshed = house.authenticate("refresh_token", secret=None, refresh_token=refresh_token)
    assert refreshed.json["error"] == "invalid_grant"
    assert begun["code"] == "email_verification_required"
    went_on = house.authenticate(
        "urn:workos:oauth:grant-type:email-verification:code",
        code=last_code(house, "email_verification", to=ADA),
        pending_authentication_token=begun["pending_authentication_token"],
    )
    assert went_on.json["code"] == "invalid_pending_authentication_token"
    assert house.sign_in(password=NEW).status == 200


def test_fifty_racers_with_one_token_set_one_password(house: House) -> None:
    house.create_user()
    token = _ask(house)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: _reset(house, token, f"racing horse number {number}"), range(50)))

    winners = [number for number, answer in enumerate(answers) if answer.status == 200]
    assert len(winners) == 1
    assert {answer.status for answer in answers} == {200, 400}
    assert house.sign_in(password=f"racing horse number {winners[0]}").status == 200
    assert len(house.events("password_reset.succeeded")) == 1


def test_the_owner_is_told_when_the_api_changes_a_password(house: House) -> None:
    user = house.create_user()

    house.put(f"/user_management/users/{user['id']}", {"password": NEW, "email": "eve@example.com"})

    assert [template for template, _ in mails(house)] == ["password_changed", "email_change_notice"]
    assert mails(house, to=ADA) == mails(house)


@pytest.mark.parametrize(
    ("before", "change"),
    [
        ({"password": None}, {"password": NEW}),
        ({"email_verified": False}, {"password": NEW}),
        ({}, {"first_name": "Ada"}),
    ],
)
def test_a_first_password_an_unproved_address_and_other_changes_are_not_told_of(
    house: House, before: dict[str, Any], change: dict[str, Any]
) -> None:
    user = house.create_user(**before)

    house.put(f"/user_management/users/{user['id']}", change)

    assert mails(house) == []


def _enroll(house: House, user_id: str) -> dict[str, Any]:
    enrolled: dict[str, Any] = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    challenge = enrolled["authentication_challenge"]["id"]
    house.post(f"/auth/challenges/{challenge}/verify", {"code": _totp(house, enrolled)})
    return enrolled


def _totp(house: House, enrolled: dict[str, Any]) -> str:
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    return pyotp.TOTP(secret).at(house.runtime.wall_clock.now() // 1000)


def _answer_factor(house: House, enrolled: dict[str, Any], pending: str) -> Answer:
    factor = enrolled["authentication_factor"]["id"]
    challenge = house.post(f"/auth/factors/{factor}/challenge", {}).json
    return house.authenticate(
        "urn:workos:oauth:grant-type:mfa-totp",
        code=_totp(house, enrolled),
        authentication_challenge_id=challenge["id"],
        pending_authentication_token=pending,
        client_id=CLIENT,
    )
