"""Proving an address by its code, with and without a sign-in under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.inprocess import Answer, House
from tests.harness.mails import last_code, wrong_code

ADA = "ada@example.com"


def _send(house: House, user_id: str) -> str:
    house.post(f"/user_management/users/{user_id}/email_verification/send", {})
    return last_code(house, "email_verification", to=ADA)


def _confirm(house: House, user_id: str, code: str) -> Answer:
    return house.post(f"/user_management/users/{user_id}/email_verification/confirm", {"code": code})


def _sent(house: House) -> tuple[str, str]:
    user_id = house.create_user(email_verified=False)["id"]
    return user_id, _send(house, user_id)


def _go_on(house: House, pending: str, code: str) -> Answer:
    grant = "urn:workos:oauth:grant-type:email-verification:code"
    return house.authenticate(grant, code=code, pending_authentication_token=pending)


def _begun(house: House) -> tuple[str, str]:
    house.create_user(email_verified=False)
    challenge = house.sign_in()
    assert (challenge.status, challenge.json["code"]) == (403, "email_verification_required")
    return challenge.json["pending_authentication_token"], last_code(house, "email_verification", to=ADA)


def test_the_right_code_verifies_the_address_and_is_told_of(house: House) -> None:
    user_id, code = _sent(house)

    answer = _confirm(house, user_id, code)

    assert answer.status == 200
    assert answer.json["user"]["email_verified"] is True
    assert [event["data"]["email_verified"] for event in house.events("user.updated")] == [True]
    [outcome] = house.events("authentication.email_verification_succeeded")
    assert (outcome["data"]["user_id"], outcome["data"]["status"]) == (user_id, "succeeded")
    assert house.get(f"/user_management/users/{user_id}/sessions").json["data"] == []


def test_a_wrong_code_is_refused_and_told_of(house: House) -> None:
    user_id, code = _sent(house)

    answer = _confirm(house, user_id, wrong_code(code))

    assert (answer.status, answer.json["code"]) == (400, "email_verification_code_incorrect")
    [outcome] = house.events("authentication.email_verification_failed")
    assert outcome["data"]["error"]["code"] == "email_verification_code_incorrect"
    assert _confirm(house, user_id, code).status == 200


def test_a_code_is_good_for_ten_minutes_and_no_longer(house: House) -> None:
    user_id, code = _sent(house)

    house.clock.advance(minutes=10)
    late = _confirm(house, user_id, code)
    code = _send(house, user_id)
    house.clock.advance(minutes=10, seconds=-1)

    assert (late.status, late.json["code"]) == (400, "email_verification_code_expired")
    assert _confirm(house, user_id, code).status == 200


def test_a_code_without_a_user_or_digits_is_refused(house: House) -> None:
    user_id, _ = _sent(house)

    missing = house.post(f"/user_management/users/{user_id}/email_verification/confirm", {})

    assert (missing.status, missing.json["code"]) == (422, "invalid_request_parameters")
    assert _confirm(house, "user_01ARZ3NDEKTSV4RRFFQ69G5FAV", "123456").status == 404
    assert _confirm(house, user_id, "not digits").json["code"] == "email_verification_code_incorrect"


def test_a_verified_address_is_not_verified_again(house: House) -> None:
    user_id, code = _sent(house)
    _confirm(house, user_id, code)

    again = _confirm(house, user_id, code)

    assert (again.status, again.json["code"]) == (400, "email_previously_verified")


def test_a_code_that_was_used_stays_used_when_the_address_is_unproved_again(house: House) -> None:
    user_id, code = _sent(house)
    _confirm(house, user_id, code)
    house.put(f"/user_management/users/{user_id}", {"email_verified": False})

    again = _confirm(house, user_id, code)

    assert (again.status, again.json["code"]) == (400, "email_verification_code_previously_used")


def test_a_newer_code_makes_the_older_lapse(house: House) -> None:
    user_id, first = _sent(house)
    second = _send(house, user_id)

    assert first != second
    assert _confirm(house, user_id, first).json["code"] == "email_verification_code_incorrect"
    assert _confirm(house, user_id, second).status == 200


def test_after_five_wrong_tries_the_right_code_is_refused_as_well(house: House) -> None:
    user_id, code = _sent(house)
    for _ in range(5):
        _confirm(house, user_id, wrong_code(code))

    answer = _confirm(house, user_id, code)

    assert (answer.status, answer.json["code"]) == (400, "email_verification_code_expired")
    assert _confirm(house, user_id, _send(house, user_id)).status == 200


def test_new_codes_do_not_reset_the_count_of_wrong_tries_of_the_account(limited_house: House) -> None:
    house = limited_house
    user_id, code = _sent(house)
    statuses = []
    for _ in range(9):
        statuses += [_confirm(house, user_id, wrong_code(code)).status for _ in range(4)]
        house.clock.advance(seconds=30)
        code = _send(house, user_id)

    answer = _confirm(house, user_id, code)

    # Thirty tries an hour, and the two that the hour's fraction gave back.
    assert statuses.count(400) in range(30, 33)
    assert (answer.status, answer.json["code"]) == (429, "rate_limit_exceeded")
    assert int(answer.headers["retry-after"]) > 0


def test_a_code_of_one_address_does_not_verify_another(house: House) -> None:
    user_id, code = _sent(house)

    house.put(f"/user_management/users/{user_id}", {"email": "eve@example.com"})
    answer = _confirm(house, user_id, code)

    assert (answer.status, answer.json["code"]) == (400, "email_verification_code_expired")
    assert house.get(f"/user_management/users/{user_id}").json["email_verified"] is False


def test_another_spelling_of_the_address_keeps_the_code(house: House) -> None:
    user_id, code = _sent(house)

    house.put(f"/user_management/users/{user_id}", {"email": "Ada@Example.com"})

    assert _confirm(house, user_id, code).status == 200


def test_the_code_of_one_user_does_nothing_for_another(house: House) -> None:
    _, code = _sent(house)
    other = house.create_user("bob@example.com", email_verified=False)["id"]
    house.post(f"/user_management/users/{other}/email_verification/send", {})

    answer = _confirm(house, other, code)

    assert (answer.status, answer.json["code"]) == (400, "email_verification_code_incorrect")


def test_a_sign_in_goes_on_with_the_code_and_keeps_its_method(house: House) -> None:
    pending, code = _begun(house)

    answer = _go_on(house, pending, code)

    assert answer.status == 200
    assert answer.json["user"]["email_verified"] is True
    assert answer.json["authentication_method"] == "Password"
    assert [event["data"]["email_verified"] for event in house.events("user.updated")] == [True]
    assert len(house.events("authentication.email_verification_succeeded")) == 1
    assert house.sign_in().status == 200


def test_a_wrong_code_leaves_the_sign_in_where_it_was(house: House) -> None:
    pending, code = _begun(house)

    wrong = _go_on(house, pending, wrong_code(code))

    assert (wrong.status, wrong.json["code"]) == (400, "invalid_one_time_code")
    assert house.events("authentication.email_verification_failed")[0]["data"]["error"]["code"] == wrong.json["code"]
    assert _go_on(house, pending, code).status == 200


@pytest.mark.parametrize(
    ("minutes", "code"), [(10, "one_time_code_expired"), (16, "invalid_pending_authentication_token")]
)
def test_a_sign_in_does_not_wait_for_ever(house: House, minutes: int, code: str) -> None:
    pending, typed = _begun(house)

    house.clock.advance(minutes=minutes)
    answer = _go_on(house, pending, typed)

    assert (answer.status, answer.json["code"]) == (400, code)


def test_a_code_and_a_pending_token_are_good_for_one_session(house: House) -> None:
    pending, code = _begun(house)
    _go_on(house, pending, code)

    again = _go_on(house, pending, code)

    assert (again.status, again.json["code"]) == (400, "invalid_pending_authentication_token")


def test_a_code_used_elsewhere_does_not_end_a_sign_in(house: House) -> None:
    pending, code = _begun(house)
    user_id = house.events("user.created")[0]["data"]["id"]
    _confirm(house, user_id, code)

    answer = _go_on(house, pending, code)

    assert (answer.status, answer.json["code"]) == (400, "one_time_code_previously_used")


def test_a_sixth_try_of_a_sign_in_code_is_one_too_many(house: House) -> None:
    pending, code = _begun(house)
    for _ in range(5):
        _go_on(house, pending, wrong_code(code))

    answer = _go_on(house, pending, code)

    assert (answer.status, answer.json["code"]) == (400, "one_time_code_too_many_attempts")


def test_the_code_of_another_sign_in_does_not_help(house: House) -> None:
    _, code = _begun(house)
    house.create_user("bob@example.com", email_verified=False)
    pending = house.sign_in("bob@example.com").json["pending_authentication_token"]

    answer = _go_on(house, pending, code)

    assert (answer.status, answer.json["code"]) == (400, "invalid_one_time_code")


def test_an_address_that_changes_in_mid_sign_in_must_be_proved_itself(house: House) -> None:
    pending, code = _begun(house)
    user_id = house.events("user.created")[0]["data"]["id"]

    house.put(f"/user_management/users/{user_id}", {"email": "eve@example.com"})

    assert _go_on(house, pending, code).json["code"] == "one_time_code_expired"
    assert house.sign_in("eve@example.com").json["code"] == "email_verification_required"


def test_fifty_racers_with_one_code_get_one_session(house: House) -> None:
    pending, code = _begun(house)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _go_on(house, pending, code), range(50)))

    assert sorted({answer.status for answer in answers}) == [200, 400]
    assert [answer.status for answer in answers].count(200) == 1
    assert len(house.events("session.created")) == 1
