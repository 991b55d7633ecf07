"""Asking for a code to sign in by."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gatelodge.features.applications import actions as applications
from gatelodge.kit.entropy import SystemEntropy, issue_code
from tests.harness.inprocess import ENVIRONMENT, Answer, House
from tests.harness.mails import mails

ADA = "ada@example.com"


def _ask(house: House, email: str = ADA, **members: object) -> Answer:
    return house.post("/user_management/magic_auth", {"email": email, **members})


def _set_policy(house: House, **changes: object) -> None:
    unit = house.unit()
    applications.set_policy(unit, ENVIRONMENT, replace(applications.find_policy(unit), **changes))


def test_a_code_is_mailed_and_shown_to_the_api_alone(house: House) -> None:
    user = house.create_user()

    answer = _ask(house)

    assert answer.status == 201
    assert answer.json == {
        "object": "magic_auth",
        "id": answer.json["id"],
        "user_id": user["id"],
        "email": ADA,
        "expires_at": "2026-01-15T12:10:00.000Z",
        "created_at": "2026-01-15T12:00:00.000Z",
        "updated_at": "2026-01-15T12:00:00.000Z",
        "code": answer.json["code"],
    }
    assert mails(house) == [("magic_auth", {"code": answer.json["code"], "minutes": 10})]
    assert house.get(f"/user_management/magic_auth/{answer.json['id']}").json == answer.json
    [event] = house.events("magic_auth.created")
    assert event["data"] == {name: value for name, value in answer.json.items() if name != "code"}


def test_an_unknown_address_becomes_an_unverified_user(house: House) -> None:
    answer = _ask(house, "New.Person@example.com")

    assert answer.status == 201
    [event] = house.events("user.created")
    assert event["data"]["id"] == answer.json["user_id"]
    assert (event["data"]["email"], event["data"]["email_verified"]) == ("New.Person@example.com", False)


def test_another_spelling_of_an_address_is_the_same_user(house: House) -> None:
    user = house.create_user()

    answer = _ask(house, "  Ada@EXAMPLE.com ")

    assert (answer.json["user_id"], answer.json["email"]) == (user["id"], ADA)
    assert [to for to, _ in mails(house, to=ADA)] == ["magic_auth"]


@pytest.mark.parametrize("email", ["", "ada", "ada@", "a b@example.com", "ada@example.com\nbcc: eve@example.com"])
def test_what_is_no_address_is_refused(house: House, email: str) -> None:
    answer = _ask(house, email)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert house.events("user.created") == []


@pytest.mark.parametrize("sign_up", ["closed", "invitation"])
def test_a_stranger_gets_no_code_where_sign_up_is_not_open(house: House, sign_up: str) -> None:
    house.create_user()
    _set_policy(house, sign_up=sign_up)

    stranger = _ask(house, "eve@example.com")

    assert (stranger.status, stranger.json["error"]) == (400, "sign_up_not_allowed")
    assert _ask(house).status == 201
    assert mails(house, to="eve@example.com") == []
    assert len(house.events("user.created")) == 1


def test_an_unknown_invitation_is_refused_whoever_brings_it(house: House) -> None:
    house.create_user()

    answers = [_ask(house, email, invitation_token="never-issued") for email in (ADA, "eve@example.com")]

    assert [(answer.status, answer.json["error"]) for answer in answers] == [(400, "invitation_invalid")] * 2
    assert mails(house) == []


def test_an_invitation_lets_its_address_in_where_sign_up_is_closed(house: House) -> None:
    _set_policy(house, sign_up="invitation")
    organization = house.post("/organizations", {"name": "Analytical Engines"}).json
    invited = {"email": ADA, "organization_id": organization["id"]}
    token = house.post("/user_management/invitations", invited).json["token"]

    stranger = _ask(house, "eve@example.com", invitation_token=token)
    guest = _ask(house, invitation_token=token)

    assert (stranger.status, stranger.json["error"]) == (400, "invitation_invalid")
    assert guest.status == 201
    assert [event["data"]["email"] for event in house.events("user.created")] == [ADA]
    grant = "urn:workos:oauth:grant-type:magic-auth:code"
    entered = house.authenticate(grant, code=guest.json["code"], email=ADA, invitation_token=token)
    assert (entered.status, entered.json["organization_id"]) == (200, organization["id"])


def test_no_code_is_made_where_the_method_is_switched_off(house: House) -> None:
    _set_policy(house, magic_auth=False)

    answer = _ask(house)

    assert (answer.status, answer.json["error"]) == (400, "authentication_method_not_allowed")


def test_no_mail_is_made_where_the_app_sends_its_own(house: House) -> None:
    _set_policy(house, sends_mail=False)

    assert _ask(house).status == 201
    assert mails(house) == []


def test_a_fourth_code_within_a_minute_is_not_sent_and_another_address_is_not_concerned(limited_house: House) -> None:
    house = limited_house
    spellings = [ADA, "ADA@example.com", " ada@Example.com"]
    assert [_ask(house, spelling).status for spelling in spellings] == [201, 201, 201]

    fourth = _ask(house)

    assert (fourth.status, fourth.json["code"]) == (429, "rate_limit_exceeded")
    assert 0 < int(fourth.headers["retry-after"]) <= 60
    assert _ask(house, "bob@example.com").status == 201
    house.clock.advance(seconds=60)
    assert _ask(house).status == 201


def test_an_unknown_code_is_not_found(house: House) -> None:
    answer = house.get("/user_management/magic_auth/magic_auth_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert (answer.status, answer.json["code"]) == (404, "entity_not_found")


def test_stored_codes_cannot_be_read_or_told_apart(house: House) -> None:
    code = _ask(house).json["code"]

    rows = house.runtime.database.reads.all("select code, code_hash from magic_auths")

    assert all(code.encode() not in value for row in rows for value in row)


def test_codes_are_spread_evenly_over_all_six_digits() -> None:
    entropy = SystemEntropy()
    codes = [issue_code(entropy) for _ in range(10_000)]

    assert {len(code) for code in codes} == {6}
    for place in range(6):
        counts = [sum(code[place] == digit for code in codes) for digit in "0123456789"]
        chi_squared = sum((count - 1000) ** 2 / 1000 for count in counts)
        # Nine degrees of freedom: a fair source is above this once in a million places.
        assert chi_squared < 45
