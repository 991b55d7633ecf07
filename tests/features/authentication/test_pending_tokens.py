"""A sign-in that waits for its next step: what makes its pending token worthless."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from tests.features.neighbours import move_in
from tests.harness.inprocess import PASSWORD, Answer, House

TOTP = "urn:workos:oauth:grant-type:mfa-totp"
VERIFY = "urn:workos:oauth:grant-type:email-verification:code"
USERS = "/user_management/users"


def _enrol(house: House, user: dict[str, Any]) -> tuple[str, str]:
    """Give a user an authenticator app that has proved itself; give the factor's id and its secret."""
    enrolled = house.post(f"{USERS}/{user['id']}/auth_factors", {"type": "totp"}).json
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    challenge = enrolled["authentication_challenge"]["id"]
    answer = house.post(f"/auth/challenges/{challenge}/verify", {"code": _code(house, secret)})
    assert answer.json["valid"] is True
    house.clock.advance(seconds=60)
    return enrolled["authentication_factor"]["id"], secret


def _code(house: House, secret: str) -> str:
    return pyotp.TOTP(secret).at(house.clock.now() // 1000)


def _answer(house: House, pending: str, factor: tuple[str, str], **members: Any) -> Answer:
    challenge = house.post(f"/auth/factors/{factor[0]}/challenge").json["id"]
    return house.authenticate(
        TOTP,
        pending_authentication_token=pending,
        authentication_challenge_id=challenge,
        code=_code(house, factor[1]),
        **members,
    )


@pytest.fixture
def begun(house: House) -> tuple[dict[str, Any], tuple[str, str], str]:
    """Give a user, its factor, and the pending token of a sign-in that its password has begun."""
    user = house.create_user()
    factor = _enrol(house, user)
    step = house.sign_in()
    assert (step.status, step.json["code"]) == (403, "mfa_challenge")
    return user, factor, step.json["pending_authentication_token"]


def test_a_second_factor_completes_the_sign_in_once(house: House, begun: tuple[Any, tuple[str, str], str]) -> None:
    _, factor, pending = begun

    first = _answer(house, pending, factor)
    house.clock.advance(seconds=60)
    again = _answer(house, pending, factor)

    assert first.status == 200
    assert (again.status, again.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_sign_in_begun_with_an_old_password_cannot_be_completed(
    house: House, begun: tuple[dict[str, Any], tuple[str, str], str]
) -> None:
    user, factor, pending = begun

    assert house.put(f"{USERS}/{user['id']}", {"password": "another horse 18"}).status == 200
    answer = _answer(house, pending, factor)

    assert (answer.status, answer.json["code"]) == (400, "invalid_pending_authentication_token")
    assert house.get(f"{USERS}/{user['id']}/sessions").json["data"] == []


def test_a_sign_in_begun_before_its_user_was_deleted_cannot_be_completed(
    house: House, begun: tuple[dict[str, Any], tuple[str, str], str]
) -> None:
    user, _, pending = begun
    house.delete(f"{USERS}/{user['id']}")
    again = house.create_user()
    factor = _enrol(house, again)

    answer = _answer(house, pending, factor)

    assert (answer.status, answer.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_sign_in_does_not_wait_for_longer_than_a_quarter_of_an_hour(
    house: House, begun: tuple[Any, tuple[str, str], str]
) -> None:
    _, factor, pending = begun

    house.clock.advance(minutes=15, seconds=1)

    assert _answer(house, pending, factor).json["code"] == "invalid_pending_authentication_token"


def test_a_pending_token_is_worthless_in_another_environment(
    house: House, begun: tuple[Any, tuple[str, str], str]
) -> None:
    _, factor, pending = begun
    neighbour = move_in(house)
    other = neighbour.create_user(email_verified=True)
    enrolled = neighbour.call("POST", f"{USERS}/{other['id']}/auth_factors", {"type": "totp"}).json
    code = _code(house, enrolled["authentication_factor"]["totp"]["secret"])

    answer = neighbour.authenticate(
        TOTP,
        pending_authentication_token=pending,
        authentication_challenge_id=enrolled["authentication_challenge"]["id"],
        code=code,
    )

    assert answer.json["code"] == "invalid_pending_authentication_token"
    assert _answer(house, pending, factor).status == 200


def test_the_factor_of_another_user_does_not_complete_a_sign_in(
    house: House, begun: tuple[Any, tuple[str, str], str]
) -> None:
    _, factor, pending = begun
    mallory = house.create_user("mallory@example.com")
    foreign = _enrol(house, mallory)

    crossed = _answer(house, pending, foreign)

    assert crossed.status == 400
    assert _answer(house, pending, factor).status == 200


def test_a_pending_token_does_not_skip_a_step_by_taking_another_grant(
    house: House, begun: tuple[Any, tuple[str, str], str]
) -> None:
    _, _, pending = begun
    organization = "urn:workos:oauth:grant-type:organization-selection"

    for grant, members in (
        (VERIFY, {"code": "000000"}),
        (organization, {"organization_id": "org_01KF0JQ6G0X4HT7K6SSMBV18BY"}),
        ("refresh_token", {"refresh_token": pending}),
        ("authorization_code", {"code": pending}),
    ):
        answer = house.authenticate(grant, **{"pending_authentication_token": pending, **members})
        assert answer.status in {400, 404}, (grant, answer)
        assert "access_token" not in answer.json


def test_a_code_for_the_old_address_does_not_prove_the_new_one(house: House) -> None:
    user = house.create_user(email_verified=False)
    step = house.sign_in().json
    code = house.get(f"/user_management/email_verification/{step['email_verification_id']}").json["code"]

    house.put(f"{USERS}/{user['id']}", {"email": "victim@example.com"})
    answer = house.authenticate(VERIFY, code=code, pending_authentication_token=step["pending_authentication_token"])

    assert answer.status == 400
    assert house.get(f"{USERS}/{user['id']}").json["email_verified"] is False


def test_steps_cannot_be_asked_for_with_a_wrong_password(house: House) -> None:
    house.create_user(email_verified=False)

    answer = house.sign_in(password=PASSWORD + "x")

    assert (answer.status, answer.json["code"]) == (400, "invalid_credentials")
    assert house.events("email_verification.created") == []
