"""Second factors: enrolled, asked, answered once."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from gatelodge.contract.errors import RequestInvalid
from gatelodge.features.factors.rules import check_secret, find_step, fold_code
from tests.harness.inprocess import Answer, House

MFA = "urn:workos:oauth:grant-type:mfa-totp"


def _enroll(house: House, user: dict[str, Any], **members: object) -> dict[str, Any]:
    body = {"type": "totp", **members}
    answer = house.post(f"/user_management/users/{user['id']}/auth_factors", body)
    assert answer.status == 201, answer
    enrolled: dict[str, Any] = answer.json
    return enrolled


def _code(house: House, enrolled: dict[str, Any], *, steps: int = 0) -> str:
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    return pyotp.TOTP(secret).at(house.clock.now() // 1000 + 30 * steps)


def _challenge(house: House, enrolled: dict[str, Any]) -> str:
    factor = enrolled["authentication_factor"]["id"]
    challenge_id: str = house.post(f"/auth/factors/{factor}/challenge", {}).json["id"]
    return challenge_id


def _verify(house: House, challenge_id: str, code: str) -> Answer:
    return house.post(f"/auth/challenges/{challenge_id}/verify", {"code": code})


def _confirmed(house: House, user: dict[str, Any]) -> dict[str, Any]:
    enrolled = _enroll(house, user)
    answer = _verify(house, enrolled["authentication_challenge"]["id"], _code(house, enrolled, steps=-1))
    assert answer.json["valid"] is True
    return enrolled


def _answer(house: House, pending: str, challenge_id: str, code: str) -> Answer:
    return house.authenticate(
        MFA, code=code, pending_authentication_token=pending, authentication_challenge_id=challenge_id
    )


def test_an_enrolled_factor_shows_its_secret_once(house: House) -> None:
    user = house.create_user()

    enrolled = _enroll(house, user)["authentication_factor"]

    assert enrolled["totp"]["qr_code"].startswith("data:image/png;base64,iVBOR")
    assert enrolled["totp"]["uri"].startswith("otpauth://totp/Gatelodge:ada%40example.com?secret=")
    shown = house.get(f"/user_management/users/{user['id']}/auth_factors").json["data"]
    assert shown[0]["totp"] == {"issuer": "Gatelodge", "user": "ada@example.com"}
    assert house.get(f"/auth/factors/{enrolled['id']}").json == shown[0]


def test_a_confirmed_factor_is_asked_at_sign_in(house: House) -> None:
    user = house.create_user()
    enrolled = _confirmed(house, user)

    asked = house.sign_in()

    assert (asked.status, asked.json["code"]) == (403, "mfa_challenge")
    assert asked.json["authentication_factors"] == [{"id": enrolled["authentication_factor"]["id"], "type": "totp"}]
    assert asked.json["user"]["id"] == user["id"]
    pending = asked.json["pending_authentication_token"]
    done = _answer(house, pending, _challenge(house, enrolled), _code(house, enrolled))
    assert (done.status, done.json["authentication_method"]) == (200, "Password")
    assert [event["data"]["status"] for event in house.events("authentication.mfa_succeeded")] == ["succeeded"]


def test_an_unconfirmed_factor_is_not_asked(house: House) -> None:
    _enroll(house, house.create_user())

    assert house.sign_in().status == 200


def test_an_unconfirmed_factor_does_not_get_past_a_confirmed_one(house: House) -> None:
    user = house.create_user()
    _confirmed(house, user)
    pending = house.sign_in().json["pending_authentication_token"]
    second = _enroll(house, user)

    answer = _answer(house, pending, second["authentication_challenge"]["id"], _code(house, second))

    assert answer.json["code"] == "invalid_one_time_code"


def test_a_pending_token_survives_a_wrong_code_and_is_spent_by_a_right_one(house: House) -> None:
    enrolled = _confirmed(house, house.create_user())
    pending = house.sign_in().json["pending_authentication_token"]

    wrong = _answer(house, pending, _challenge(house, enrolled), "000000")
    right = _answer(house, pending, _challenge(house, enrolled), _code(house, enrolled))
    again = _answer(house, pending, _challenge(house, enrolled), _code(house, enrolled, steps=1))

    assert (wrong.status, wrong.json["code"]) == (400, "invalid_one_time_code")
    assert right.status == 200
    assert again.json["code"] == "invalid_pending_authentication_token"


def test_a_code_works_once_even_for_twenty_racers(house: House) -> None:
    enrolled = _confirmed(house, house.create_user())
    code = _code(house, enrolled)
    tries = [(house.sign_in().json["pending_authentication_token"], _challenge(house, enrolled)) for _ in range(20)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda pair: _answer(house, pair[0], pair[1], code), tries))

    assert [answer.status for answer in answers].count(200) == 1
    refused = {answer.json["code"] for answer in answers if answer.status != 200}
    assert refused == {"one_time_code_previously_used"}


def test_a_challenge_of_another_user_is_refused(house: House) -> None:
    _confirmed(house, house.create_user())
    other = _confirmed(house, house.create_user("grace@example.com"))
    pending = house.sign_in().json["pending_authentication_token"]

    answer = _answer(house, pending, _challenge(house, other), _code(house, other))

    assert (answer.status, answer.json["code"]) == (400, "user_mismatch")


def test_a_challenge_takes_five_tries(house: House) -> None:
    enrolled = _confirmed(house, house.create_user())
    challenge_id = _challenge(house, enrolled)

    wrong = [_verify(house, challenge_id, "000000") for _ in range(5)]
    sixth = _verify(house, challenge_id, _code(house, enrolled))

    assert [(answer.status, answer.json["valid"]) for answer in wrong] == [(201, False)] * 5
    assert (sixth.status, sixth.json["code"]) == (400, "one_time_code_too_many_attempts")


def test_new_challenges_do_not_give_a_factor_new_tries(limited_house: House) -> None:
    house = limited_house
    enrolled = _enroll(house, house.create_user())

    answers = [_verify(house, _challenge(house, enrolled), "000000") for _ in range(12)]

    assert [answer.status for answer in answers] == [201] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


def test_an_answered_challenge_is_not_answered_again(house: House) -> None:
    enrolled = _enroll(house, house.create_user())
    challenge_id = enrolled["authentication_challenge"]["id"]
    _verify(house, challenge_id, _code(house, enrolled))

    again = _verify(house, challenge_id, _code(house, enrolled))

    assert (again.status, again.json["code"]) == (422, "authentication_challenge_previously_verified")


def test_a_challenge_expires_after_ten_minutes(house: House) -> None:
    enrolled = _enroll(house, house.create_user())

    house.clock.advance(minutes=10)
    late = _verify(house, enrolled["authentication_challenge"]["id"], _code(house, enrolled))

    assert (late.status, late.json["code"]) == (422, "authentication_challenge_expired")


def test_a_required_factor_is_enrolled_during_sign_in(house: House) -> None:
    from gatelodge.features.applications import actions as applications
    from gatelodge.features.applications.policy import EnvironmentPolicy

    user = house.create_user()
    unit = house.unit()
    applications.set_policy(unit, unit.actor.environment_id, EnvironmentPolicy(mfa_required=True))

    asked = house.sign_in()
    enrolled = _enroll(house, user)
    done = _answer(
        house,
        asked.json["pending_authentication_token"],
        enrolled["authentication_challenge"]["id"],
        _code(house, enrolled),
    )

    assert (asked.status, asked.json["code"]) == (403, "mfa_enrollment")
    assert done.status == 200


@pytest.mark.parametrize("number", ["", "12", "not a number"])
def test_a_number_that_is_none_is_refused(house: House, number: str) -> None:
    user = house.create_user()
    body = {"type": "sms", "phone_number": number}

    answer = house.post(f"/user_management/users/{user['id']}/auth_factors", body)

    assert (answer.status, answer.json["errors"][0]["field"]) == (422, "phone_number")


def test_an_sms_factor_is_answered_with_the_code_that_was_sent(house: House) -> None:
    user = house.create_user()
    body = {"type": "sms", "phone_number": "+1 415 555 2671", "user_id": user["id"]}
    factor = house.post("/auth/factors/enroll", body).json

    challenge = house.post(f"/auth/factors/{factor['id']}/challenge", {"sms_template": "Code {{code}}!"}).json

    assert factor["sms"] == {"phone_number": "+14155552671"}
    assert challenge["expires_at"].endswith("Z")
    assert "code" not in challenge


def test_unknown_factors_and_challenges_are_not_found(house: House) -> None:
    assert house.get("/auth/factors/auth_factor_x").status == 404
    assert house.delete("/auth/factors/auth_factor_x").status == 404
    assert house.post("/auth/factors/auth_factor_x/challenge", {}).status == 404
    assert _verify(house, "auth_challenge_x", "123456").status == 404


def test_a_deleted_factor_is_gone(house: House) -> None:
    user = house.create_user()
    enrolled = _confirmed(house, user)

    gone = house.delete(f"/auth/factors/{enrolled['authentication_factor']['id']}")

    assert (gone.status, gone.body) == (204, b"")
    assert house.sign_in().status == 200


def test_the_vectors_of_rfc_6238_hold() -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()

    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert find_step(secret, code, seconds=seconds) == seconds // 30
        assert find_step(secret, code, seconds=seconds + 30) == seconds // 30
        assert find_step(secret, code, seconds=seconds + 90) is None


def test_typed_codes_are_folded() -> None:
    assert fold_code("123 456") == "123456"
    assert fold_code("１２３４５６") == "123456"  # noqa: RUF001  # full-width digits, as some keyboards give
    assert fold_code("123-456") == "123456"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(RequestInvalid):
        check_secret("ABCDEFGH")
    with pytest.raises(RequestInvalid):
        check_secret("\u00e0" * 32)
