"""Moving a user to another address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.harness.inprocess import Answer, House
from tests.harness.mails import last_code, mails, wrong_code

ADA, NEW = "ada@example.com", "ada@new.example.com"


def _send(house: House, user_id: str, new_email: str = NEW) -> Answer:
    return house.post(f"/user_management/users/{user_id}/email_change/send", {"new_email": new_email})


def _confirm(house: House, user_id: str, code: str) -> Answer:
    return house.post(f"/user_management/users/{user_id}/email_change/confirm", {"code": code})


def _sent(house: House) -> tuple[str, str]:
    user_id: str = house.create_user()["id"]
    assert _send(house, user_id).status == 200
    return user_id, last_code(house, "email_change", to=NEW)


def _refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


def test_both_addresses_are_told_and_the_code_goes_to_the_new_one_alone(house: House) -> None:
    user = house.create_user()

    answer = _send(house, user["id"])

    assert answer.json == {
        "object": "email_change",
        "user": user,
        "new_email": NEW,
        "expires_at": "2026-01-15T12:10:00.000Z",
        "created_at": "2026-01-15T12:00:00.000Z",
    }
    [(template, values)] = mails(house, to=NEW)
    assert (template, values["minutes"]) == ("email_change", 10)
    assert mails(house, to=ADA) == [("email_change_notice", {"new_email": NEW, "done": 0})]
    assert house.get(f"/user_management/users/{user['id']}").json["email"] == ADA


def test_the_code_changes_the_address_proves_it_and_leaves_the_sessions(house: House) -> None:
    user_id, code = _sent(house)
    token = house.sign_in().json["refresh_token"]

    answer = _confirm(house, user_id, code)

    assert answer.status == 200
    assert answer.json["object"] == "email_change_confirmation"
    assert (answer.json["user"]["email"], answer.json["user"]["email_verified"]) == (NEW, True)
    assert [event["data"]["email"] for event in house.events("user.updated")] == [NEW]
    template, values = mails(house, to=ADA)[-1]
    assert (template, values["new_email"], values["done"]) == ("email_change_notice", NEW, 1)
    assert house.authenticate("refresh_token", secret=None, refresh_token=token).status == 200
    assert house.sign_in(NEW).status == 200
    assert house.sign_in(ADA).json["code"] == "invalid_credentials"


@pytest.mark.parametrize(
    ("new_email", "status", "code"),
    [
        ("no address", 422, "invalid_email"),
        ("", 422, "invalid_email"),
        (" ADA@example.com", 409, "email_change_not_needed"),
        ("Bob@Example.com", 409, "email_not_available"),
    ],
)
def test_an_address_that_cannot_be_changed_to_is_refused(house: House, new_email: str, status: int, code: str) -> None:
    user = house.create_user()
    house.create_user("bob@example.com")

    assert _refused(_send(house, user["id"], new_email)) == (status, code)
    assert mails(house) == []


def test_what_is_missing_or_unknown_is_told(house: House) -> None:
    user = house.create_user()
    nobody = "user_01ARZ3NDEKTSV4RRFFQ69G5FAV"

    assert house.post(f"/user_management/users/{user['id']}/email_change/send", {}).status == 422
    assert house.post(f"/user_management/users/{user['id']}/email_change/confirm", {}).status == 422
    assert (_send(house, nobody).status, _confirm(house, nobody, "123456").status) == (404, 404)
    assert _refused(_confirm(house, user["id"], "123456")) == (409, "no_pending_email_change")


def test_a_wrong_code_is_refused_and_the_right_one_still_does(house: House) -> None:
    user_id, code = _sent(house)

    assert _refused(_confirm(house, user_id, wrong_code(code))) == (400, "email_change_code_incorrect")
    assert _confirm(house, user_id, code).status == 200


def test_a_code_is_good_for_ten_minutes_and_once(house: House) -> None:
    user_id, code = _sent(house)
    house.clock.advance(minutes=10)
    late = _confirm(house, user_id, code)
    _send(house, user_id)
    newer = last_code(house, "email_change", to=NEW)

    assert _refused(late) == (400, "email_change_code_expired")
    assert _confirm(house, user_id, newer).status == 200
    assert _refused(_confirm(house, user_id, newer)) == (409, "email_change_code_previously_used")


def test_after_five_wrong_tries_a_new_code_must_be_asked_for(house: House) -> None:
    user_id, code = _sent(house)
    for _ in range(5):
        _confirm(house, user_id, wrong_code(code))

    answer = _confirm(house, user_id, code)
    _send(house, user_id)

    assert _refused(answer) == (429, "email_change_too_many_attempts")
    assert answer.headers["retry-after"] == "1"
    assert _confirm(house, user_id, last_code(house, "email_change", to=NEW)).status == 200


def test_new_codes_do_not_reset_the_count_of_wrong_tries_of_the_account(limited_house: House) -> None:
    house = limited_house
    user_id, code = _sent(house)
    outcomes = []
    for turn in range(9):
        outcomes += [_refused(_confirm(house, user_id, wrong_code(code))) for _ in range(4)]
        house.clock.advance(seconds=30)
        _send(house, user_id, f"ada@{turn}.example.com")
        code = last_code(house, "email_change", to=f"ada@{turn}.example.com")

    assert outcomes.count((400, "email_change_code_incorrect")) in range(30, 33)
    assert _refused(_confirm(house, user_id, code)) == (429, "email_change_too_many_attempts")


def test_a_second_change_replaces_the_first(house: House) -> None:
    user_id, first = _sent(house)
    _send(house, user_id, "ada@other.example.com")
    second = last_code(house, "email_change", to="ada@other.example.com")

    assert _refused(_confirm(house, user_id, first)) == (400, "email_change_code_incorrect")
    assert _confirm(house, user_id, second).json["user"]["email"] == "ada@other.example.com"


def test_the_code_of_one_user_does_nothing_for_another(house: House) -> None:
    _, code = _sent(house)
    other = house.create_user("bob@example.com")["id"]
    _send(house, other, "bob@new.example.com")

    assert _refused(_confirm(house, other, code)) == (400, "email_change_code_incorrect")


def test_an_address_that_another_takes_meanwhile_is_refused_at_the_end(house: House) -> None:
    user_id, code = _sent(house)
    house.create_user(NEW)

    assert _refused(_confirm(house, user_id, code)) == (409, "email_not_available")
    assert house.get(f"/user_management/users/{user_id}").json["email"] == ADA


def test_a_fourth_code_within_a_minute_is_not_sent_to_one_user_or_to_one_address(limited_house: House) -> None:
    house = limited_house
    users = [house.create_user(f"person-{number}@example.com")["id"] for number in range(5)]
    to_one_address = [_send(house, user_id).status for user_id in users[:4]]
    of_one_user = [_send(house, users[4], f"new-{number}@example.com").status for number in range(4)]

    assert to_one_address == of_one_user == [200, 200, 200, 429]


def test_a_change_is_void_once_the_password_was_reset(house: House) -> None:
    user_id, code = _sent(house)
    token = house.post("/user_management/password_reset", {"email": ADA}).json["password_reset_token"]
    house.post("/user_management/password_reset/confirm", {"token": token, "new_password": "another horse 18"})

    assert _refused(_confirm(house, user_id, code)) == (409, "no_pending_email_change")


def test_a_change_is_void_once_the_password_was_changed(house: House) -> None:
    user_id, code = _sent(house)
    house.put(f"/user_management/users/{user_id}", {"password": "another horse 18"})

    assert _refused(_confirm(house, user_id, code)) == (409, "no_pending_email_change")


def test_a_change_is_void_once_the_address_was_changed_otherwise(house: House) -> None:
    user_id, code = _sent(house)
    house.put(f"/user_management/users/{user_id}", {"email": "ada@third.example.com"})

    assert _refused(_confirm(house, user_id, code)) == (409, "no_pending_email_change")


@pytest.mark.parametrize("how", ["verification", "magic auth"])
def test_a_change_is_void_once_the_owner_of_the_old_address_proves_it(house: House, how: str) -> None:
    user_id = house.create_user(email_verified=False)["id"]
    _send(house, user_id)
    code = last_code(house, "email_change", to=NEW)

    if how == "verification":
        house.post(f"/user_management/users/{user_id}/email_verification/send", {})
        proof = last_code(house, "email_verification", to=ADA)
        house.post(f"/user_management/users/{user_id}/email_verification/confirm", {"code": proof})
    else:
        proof = house.post("/user_management/magic_auth", {"email": ADA}).json["code"]
        house.authenticate("urn:workos:oauth:grant-type:magic-auth:code", code=proof, email=ADA)

    assert _refused(_confirm(house, user_id, code)) == (409, "no_pending_email_change")


def test_a_stranger_whose_address_was_never_proved_is_not_told_of_the_new_one(house: House) -> None:
    user = house.create_user(email_verified=False)

    _send(house, user["id"])

    assert mails(house, to=ADA) == []


def test_fifty_racers_with_one_code_change_the_address_once(house: House) -> None:
    user_id, code = _sent(house)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: _confirm(house, user_id, code), range(50)))

    assert [answer.status for answer in answers].count(200) == 1
    assert {answer.status for answer in answers} <= {200, 409, 429}
    assert len(house.events("user.updated")) == 1
