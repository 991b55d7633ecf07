"""Signing in by a mailed code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest
from msgspec.structs import replace

from gatelodge.features.applications import actions as applications
from tests.harness.inprocess import ENVIRONMENT, PASSWORD, Answer, House
from tests.harness.mails import wrong_code

ADA = "ada@example.com"
GRANT = "urn:workos:oauth:grant-type:magic-auth:code"


def _ask(house: House, email: str = ADA) -> str:
    code: str = house.post("/user_management/magic_auth", {"email": email}).json["code"]
    return code


def _redeem(house: House, code: str, email: str = ADA, **members: Any) -> Answer:
    return house.authenticate(GRANT, code=code, email=email, **members)


def _refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code") or answer.json["error"]


def test_a_code_signs_in_and_proves_the_address(house: House) -> None:
    code = _ask(house)

    answer = _redeem(house, code)

    assert answer.status == 200
    assert answer.json["authentication_method"] == "MagicAuth"
    assert answer.json["user"]["email_verified"] is True
    assert [event["data"]["email_verified"] for event in house.events("user.updated")] == [True]
    assert house.events("session.created")[0]["data"]["auth_method"] == "magic_code"
    assert len(house.events("authentication.magic_auth_succeeded")) == 1


def test_the_form_that_older_clients_send_does_as_well(house: House) -> None:
    code = _ask(house)

    assert house.authenticate("urn:workos:oauth:grant-type:magic-auth", code=code, email=ADA).status == 200


def test_a_proved_address_is_not_told_of_again(house: House) -> None:
    house.create_user()

    assert _redeem(house, _ask(house)).status == 200
    assert house.events("user.updated") == []


def test_another_spelling_of_the_address_does_as_well(house: House) -> None:
    assert _redeem(house, f" {_ask(house)} ", " ADA@example.com").status == 200


def test_a_wrong_code_is_refused_and_told_of_and_the_right_one_still_does(house: House) -> None:
    code = _ask(house)

    wrong = _redeem(house, wrong_code(code))

    assert _refused(wrong) == (400, "invalid_one_time_code")
    [outcome] = house.events("authentication.magic_auth_failed")
    assert outcome["data"]["error"]["code"] == "invalid_one_time_code"
    assert outcome["data"]["email"] == ADA
    assert _redeem(house, code).status == 200


def test_an_unknown_address_gets_the_answer_of_a_wrong_code(house: House) -> None:
    code = _ask(house)

    unknown, wrong = _redeem(house, code, "eve@example.com"), _redeem(house, wrong_code(code))

    assert (unknown.status, unknown.json) == (wrong.status, wrong.json)


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (600, 400), (601, 400)])
def test_a_code_is_good_for_ten_minutes_and_no_longer(house: House, seconds: int, status: int) -> None:
    code = _ask(house)

    house.clock.advance(seconds=seconds)
    answer = _redeem(house, code)

    assert answer.status == status
    assert status == 200 or _refused(answer) == (400, "one_time_code_expired")


def test_a_code_is_good_for_one_session(house: House) -> None:
    code = _ask(house)
    _redeem(house, code)

    again = _redeem(house, code)

    assert _refused(again) == (400, "one_time_code_previously_used")
    assert len(house.events("session.created")) == 1


def test_a_newer_code_makes_the_older_lapse(house: House) -> None:
    first, second = _ask(house), _ask(house)

    assert _refused(_redeem(house, first)) == (400, "invalid_one_time_code")
    assert _redeem(house, second).status == 200


def test_a_code_with_the_address_of_another_is_refused_and_not_used_up(house: House) -> None:
    code = _ask(house)
    _ask(house, "bob@example.com")
    tries = [_redeem(house, code, "bob@example.com") for _ in range(6)]

    assert {answer.status for answer in tries} == {400}
    assert _refused(tries[0]) == (400, "invalid_one_time_code")
    assert _redeem(house, code).status == 200


def test_a_code_for_an_address_that_the_user_has_left_is_refused(house: House) -> None:
    user = house.create_user()
    code = _ask(house)

    house.put(f"/user_management/users/{user['id']}", {"email": "eve@example.com"})

    assert _refused(_redeem(house, code)) == (400, "invalid_one_time_code")
    assert _refused(_redeem(house, code, "eve@example.com")) == (400, "invalid_one_time_code")


def test_after_five_wrong_tries_the_right_code_is_refused_as_well(house: House) -> None:
    code = _ask(house)
    for _ in range(5):
        _redeem(house, wrong_code(code))

    assert _refused(_redeem(house, code)) == (400, "one_time_code_too_many_attempts")
    assert _redeem(house, _ask(house)).status == 200


def test_new_codes_from_new_places_do_not_reset_the_count_of_the_account(limited_house: House) -> None:
    house = limited_house
    outcomes = []
    for turn in range(9):
        code = _ask(house)
        for number in range(4):
            place = f"198.51.100.{10 * turn + number}"
            outcomes.append(_refused(_redeem(house, wrong_code(code), ip_address=place)))
        house.clock.advance(seconds=30)

    answer = _redeem(house, _ask(house), ip_address="198.51.100.250")

    assert outcomes.count((400, "invalid_one_time_code")) in range(30, 33)
    assert outcomes[-1] == (429, "too_many_requests")
    assert _refused(answer) == (429, "too_many_requests")
    assert int(answer.headers["retry-after"]) > 0


def test_wrong_codes_for_many_addresses_from_one_place_are_limited(limited_house: House) -> None:
    house = limited_house
    outcomes = [
        _refused(_redeem(house, "123456", f"person-{number}@example.com", ip_address="198.51.100.7"))
        for number in range(102)
    ]

    assert outcomes[:100] == [(400, "invalid_one_time_code")] * 100
    assert outcomes[100:] == [(429, "too_many_requests")] * 2


def test_right_codes_are_not_counted_against_anybody(limited_house: House) -> None:
    house = limited_house
    for _ in range(40):
        assert _redeem(house, _ask(house), ip_address="198.51.100.7").status == 200
        house.clock.advance(seconds=21)


def test_a_method_that_was_switched_off_meanwhile_refuses_without_using_the_code_up(house: House) -> None:
    code = _ask(house)
    unit = house.unit()
    policy = applications.find_policy(unit)
    applications.set_policy(unit, ENVIRONMENT, replace(policy, magic_auth=False))

    refused = _redeem(house, code)
    applications.set_policy(unit, ENVIRONMENT, policy)

    assert _refused(refused) == (403, "authentication_method_not_allowed")
    assert _redeem(house, code).status == 200


def test_a_public_client_may_not_redeem_codes(house: House) -> None:
    assert _refused(_redeem(house, _ask(house), secret=None)) == (400, "unauthorized_client")


def test_fifty_racers_with_one_code_get_one_session(house: House) -> None:
    code = _ask(house)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _redeem(house, code), range(50)))

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} == {200, 400}
    assert len(house.events("session.created")) == 1


def test_racing_askers_leave_one_code_that_is_good(house: House) -> None:
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: _ask(house), range(16)))

    assert len(house.events("user.created")) == 1
    current = house.runtime.database.reads.all("select id from magic_auths where is_current")
    assert len(current) == 1
    newest = house.get(f"/user_management/magic_auth/{current[0][0]}").json["code"]
    assert newest in codes
    assert _redeem(house, newest).status == 200


def test_a_password_left_on_an_account_before_its_address_was_proved_is_gone(house: House) -> None:
    house.create_user(email_verified=False)
    begun = house.sign_in().json

    assert _redeem(house, _ask(house)).status == 200

    assert _refused(house.sign_in()) == (400, "invalid_credentials")
    assert begun["code"] == "email_verification_required"
    verification = house.get(f"/user_management/email_verification/{begun['email_verification_id']}").json
    grant = "urn:workos:oauth:grant-type:email-verification:code"
    pending = begun["pending_authentication_token"]
    went_on = house.authenticate(grant, code=verification["code"], pending_authentication_token=pending)
    assert _refused(went_on) == (400, "invalid_pending_authentication_token")


def test_sessions_of_an_account_end_when_its_new_address_is_claimed(house: House) -> None:
    user = house.create_user("eve@example.com")
    token = house.sign_in("eve@example.com").json["refresh_token"]
    house.put(f"/user_management/users/{user['id']}", {"email": ADA})

    claimed = _redeem(house, _ask(house))

    assert claimed.status == 200
    refreshed = house.authenticate("refresh_token", secret=None, refresh_token=token)
    assert _refused(refreshed) == (400, "invalid_grant")
    sessions = house.get(f"/user_management/users/{user['id']}/sessions").json["data"]
    assert [session["auth_method"] for session in sessions] == ["magic_code"]


def test_a_factor_left_on_an_unproved_account_neither_asks_nor_stays(house: House) -> None:
    user = house.create_user(email_verified=False)
    enrolled = house.post(f"/user_management/users/{user['id']}/auth_factors", {"type": "totp"}).json
    _confirm_factor(house, enrolled)

    answer = _redeem(house, _ask(house))

    assert answer.status == 200
    assert house.get(f"/user_management/users/{user['id']}/auth_factors").json["data"] == []


def test_a_factor_of_a_proved_account_is_asked_for(house: House) -> None:
    user = house.create_user()
    enrolled = house.post(f"/user_management/users/{user['id']}/auth_factors", {"type": "totp"}).json
    _confirm_factor(house, enrolled)

    answer = _redeem(house, _ask(house))

    assert _refused(answer) == (403, "mfa_challenge")
    assert house.events("session.created") == []
    assert house.sign_in(password=PASSWORD).json["code"] == "mfa_challenge"


def _totp(house: House, enrolled: dict[str, Any]) -> str:
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    return pyotp.TOTP(secret).at(house.runtime.wall_clock.now() // 1000)


def _confirm_factor(house: House, enrolled: dict[str, Any]) -> None:
    challenge = enrolled["authentication_challenge"]["id"]
    verified = house.post(f"/auth/challenges/{challenge}/verify", {"code": _totp(house, enrolled)})
    assert verified.json["valid"] is True


def test_an_address_that_changes_after_its_proof_must_be_proved_itself(house: House) -> None:
    unit = house.unit()
    applications.set_policy(unit, ENVIRONMENT, replace(applications.find_policy(unit), mfa_required=True))
    begun = _redeem(house, _ask(house)).json
    user_id = begun["user"]["id"]
    enrolled = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json

    house.put(f"/user_management/users/{user_id}", {"email": "eve@example.com"})
    answer = house.authenticate(
        "urn:workos:oauth:grant-type:mfa-totp",
        code=_totp(house, enrolled),
        authentication_challenge_id=enrolled["authentication_challenge"]["id"],
        pending_authentication_token=begun["pending_authentication_token"],
    )

    assert _refused(answer) == (403, "email_verification_required")
    assert answer.json["email"] == "eve@example.com"
