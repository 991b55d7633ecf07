"""Second factors under attack: codes again, from the future, guessed, read from the database."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from tests.harness.inprocess import Answer, House

MFA = "urn:workos:oauth:grant-type:mfa-totp"
USERS = "/user_management/users"


class App:
    """A user's authenticator app, enrolled and confirmed."""

    def __init__(self, house: House, user: dict[str, Any]) -> None:
        enrolled = house.post(f"{USERS}/{user['id']}/auth_factors", {"type": "totp"}).json
        self.house = house
        self.factor: str = enrolled["authentication_factor"]["id"]
        self.secret: str = enrolled["authentication_factor"]["totp"]["secret"]
        first = enrolled["authentication_challenge"]["id"]
        assert house.post(f"/auth/challenges/{first}/verify", {"code": self.code(-1)}).json["valid"]

    def code(self, steps: int = 0) -> str:
        """Give the code that is shown some steps from now."""
        return pyotp.TOTP(self.secret).at(self.house.clock.now() // 1000 + 30 * steps)

    def answer(self, code: str, *, pending: str | None = None) -> Answer:
        """Sign in with the password and answer with a code."""
        pending = pending or self.house.sign_in().json["pending_authentication_token"]
        challenge = self.house.post(f"/auth/factors/{self.factor}/challenge", {}).json["id"]
        return self.house.authenticate(
            MFA, code=code, pending_authentication_token=pending, authentication_challenge_id=challenge
        )


def full_width(code: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in code)


@pytest.mark.parametrize(
    "spell", [str, lambda code: f"{code[:3]} {code[3:]}", full_width], ids=["plain", "spaced", "wide"]
)
def test_a_code_that_was_used_is_refused_in_every_spelling(house: House, spell: Any) -> None:
    app = App(house, house.create_user())
    assert app.answer(spell(app.code())).status == 200

    again = [app.answer(form) for form in (app.code(), f"{app.code()[:3]} {app.code()[3:]}", full_width(app.code()))]

    assert {answer.json["code"] for answer in again} == {"one_time_code_previously_used"}


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_from_further_than_a_step_away_is_refused(house: House, steps: int) -> None:
    app = App(house, house.create_user())

    assert app.answer(app.code(steps)).json["code"] == "invalid_one_time_code"


def test_a_code_of_the_step_before_is_refused_after_one_of_this_step(house: House) -> None:
    app = App(house, house.create_user())
    house.clock.advance(seconds=60)
    assert app.answer(app.code()).status == 200

    assert app.answer(app.code(-1)).json["code"] == "one_time_code_previously_used"


def test_a_right_password_gives_no_new_guesses_of_the_second_factor(limited_house: House) -> None:
    house = limited_house
    app = App(house, house.create_user())

    answers: list[Answer] = []
    for number in range(12):
        # Each from a place of its own, and each after a right password.
        begun = house.sign_in(ip_address=f"198.51.100.{number}")
        answers.append(app.answer("000000", pending=begun.json["pending_authentication_token"]))

    assert answers[0].json["code"] == "invalid_one_time_code"
    assert (answers[-1].status, answers[-1].json["error"]) == (429, "too_many_requests")
    assert int(answers[-1].headers["retry-after"]) > 0


def test_patient_guesses_of_the_second_factor_come_to_thirty_an_hour(limited_house: House) -> None:
    house = limited_house
    user = house.create_user()
    apps = [App(house, user), App(house, user)]

    answers: list[Answer] = []
    for number in range(40):
        # Slow enough for every limit per minute, by one factor and then the other.
        house.clock.advance(seconds=15)
        answers.append(apps[number % 2].answer("000000"))

    assert {answer.json["code"] for answer in answers[:29]} == {"invalid_one_time_code"}
    assert (answers[-1].status, answers[-1].json["error"]) == (429, "too_many_requests")
    house.clock.advance(seconds=int(answers[-1].headers["retry-after"]))
    assert apps[0].answer(apps[0].code()).status == 200


def test_right_answers_are_not_counted_against_their_owner(limited_house: House) -> None:
    house = limited_house
    app = App(house, house.create_user())

    for _ in range(40):
        house.clock.advance(seconds=30)
        assert app.answer(app.code()).status == 200


def test_a_secret_stands_nowhere_in_the_database_and_in_no_later_answer(house: House) -> None:
    user = house.create_user()
    app = App(house, user)

    reads = house.runtime.database.reads
    stored = [str(row) for row in reads.all("select * from factors")]
    told = [house.get(f"/auth/factors/{app.factor}"), house.get(f"{USERS}/{user['id']}/auth_factors")]

    assert app.secret not in "".join(stored)
    assert all(app.secret.encode() not in answer.body for answer in told)
    assert all(app.secret not in str(event) for event in house.events())
