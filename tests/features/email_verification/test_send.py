"""Sending and showing verification codes."""

from __future__ import annotations

from msgspec.structs import replace

from gatelodge.features.applications import actions as applications
from tests.harness.inprocess import ENVIRONMENT, House
from tests.harness.mails import last_code, mails

ADA = "ada@example.com"


def _unverified(house: House) -> dict[str, object]:
    return house.create_user(email_verified=False)


def test_a_verification_mail_brings_six_digits_that_the_api_shows_as_well(house: House) -> None:
    user = _unverified(house)

    answer = house.post(f"/user_management/users/{user['id']}/email_verification/send", {})

    assert (answer.status, answer.json) == (200, {"user": user})
    [event] = house.events("email_verification.created")
    shown = house.get(f"/user_management/email_verification/{event['data']['id']}").json
    assert len(shown["code"]) == 6
    assert shown["code"].isdigit()
    assert mails(house, to=ADA) == [("email_verification", {"code": shown["code"], "minutes": 10})]
    assert shown["user_id"] == user["id"]
    assert shown["expires_at"] == "2026-01-15T12:10:00.000Z"


def test_the_event_of_a_verification_holds_no_code(house: House) -> None:
    house.post(f"/user_management/users/{_unverified(house)['id']}/email_verification/send", {})

    [event] = house.events("email_verification.created")

    assert sorted(event["data"]) == ["created_at", "email", "expires_at", "id", "object", "updated_at", "user_id"]


def test_nothing_is_sent_to_an_address_that_is_verified(house: House) -> None:
    user = house.create_user()

    answer = house.post(f"/user_management/users/{user['id']}/email_verification/send", {})

    assert (answer.status, answer.json["code"]) == (400, "email_already_verified")
    assert mails(house) == []


def test_an_unknown_user_and_an_unknown_verification_are_not_found(house: House) -> None:
    sent = house.post("/user_management/users/user_01ARZ3NDEKTSV4RRFFQ69G5FAV/email_verification/send", {})
    shown = house.get("/user_management/email_verification/email_verification_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert (sent.status, shown.status) == (404, 404)
    assert shown.json["code"] == "entity_not_found"


def test_a_fourth_code_within_a_minute_is_not_sent(limited_house: House) -> None:
    house = limited_house
    path = f"/user_management/users/{_unverified(house)['id']}/email_verification/send"
    answers = [house.post(path, {}).status for _ in range(3)]

    fourth = house.post(path, {})
    house.clock.advance(seconds=60)

    assert answers == [200, 200, 200]
    assert (fourth.status, fourth.json["code"]) == (429, "rate_limit_exceeded")
    assert int(fourth.headers["retry-after"]) > 0
    assert house.post(path, {}).status == 200


def test_sign_ins_beyond_the_limit_ask_for_the_last_code_that_was_sent(limited_house: House) -> None:
    house = limited_house
    _unverified(house)

    ids = [house.sign_in().json["email_verification_id"] for _ in range(5)]

    assert len(set(ids)) == 3
    assert ids[2:] == [ids[2]] * 3
    assert len(mails(house, to=ADA)) == 3


def test_no_mail_is_made_where_the_app_sends_its_own(house: House) -> None:
    _forbid_mail(house)

    challenge = house.post(f"/user_management/users/{_unverified(house)['id']}/email_verification/send", {})

    assert challenge.status == 200
    assert mails(house) == []


def _forbid_mail(house: House) -> None:
    unit = house.unit()
    applications.set_policy(unit, ENVIRONMENT, replace(applications.find_policy(unit), sends_mail=False))


def test_the_stored_code_cannot_be_read(house: House) -> None:
    user = _unverified(house)
    house.post(f"/user_management/users/{user['id']}/email_verification/send", {})
    code = last_code(house, "email_verification", to=ADA)

    rows = house.runtime.database.reads.all("select code, code_hash from email_verifications")

    assert all(code.encode() not in value for row in rows for value in row)
