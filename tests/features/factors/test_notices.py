"""Mail tells the owner of an account that a second factor came or went; an SMS speaks its reader's language."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyotp
import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import ENVIRONMENT, House
from tests.harness.mails import mails

ADA = "ada@example.com"
MFA = "urn:workos:oauth:grant-type:mfa-totp"


def enroll(house: House, user: dict[str, Any], **members: object) -> dict[str, Any]:
    answer = house.post(f"/user_management/users/{user['id']}/auth_factors", {"type": "totp", **members})
    assert answer.status == 201, answer
    enrolled: dict[str, Any] = answer.json
    return enrolled


def code_of(house: House, enrolled: dict[str, Any], *, steps: int = 0) -> str:
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    return pyotp.TOTP(secret).at(house.clock.now() // 1000 + 30 * steps)


def verify(house: House, challenge_id: str, code: str) -> bool:
    answer = house.post(f"/auth/challenges/{challenge_id}/verify", {"code": code})
    assert answer.status == 201, answer
    return bool(answer.json["valid"])


def challenge(house: House, enrolled: dict[str, Any]) -> str:
    factor_id = enrolled["authentication_factor"]["id"]
    challenge_id: str = house.post(f"/auth/factors/{factor_id}/challenge", {}).json["id"]
    return challenge_id


def test_mail_tells_of_a_factor_once_it_counts_and_of_no_later_answer(house: House) -> None:
    user = house.create_user()
    enrolled = enroll(house, user)
    assert mails(house) == []

    assert not verify(house, enrolled["authentication_challenge"]["id"], "000000")
    assert mails(house) == []
    assert verify(house, enrolled["authentication_challenge"]["id"], code_of(house, enrolled, steps=-1))
    assert verify(house, challenge(house, enrolled), code_of(house, enrolled))

    assert mails(house, to=ADA) == [("mfa_enrolled", {"factor": "totp"})]


def test_mail_tells_of_a_factor_that_a_sign_in_enrols(house: House) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(mfa_required=True))
    enrolled = enroll(house, house.create_user())
    asked = house.sign_in()
    assert asked.json["code"] == "mfa_enrollment"

    done = house.authenticate(
        MFA,
        code=code_of(house, enrolled),
        pending_authentication_token=asked.json["pending_authentication_token"],
        authentication_challenge_id=enrolled["authentication_challenge"]["id"],
    )

    assert done.status == 200, done
    assert mails(house) == [("mfa_enrolled", {"factor": "totp"})]


def test_of_racing_first_answers_one_sends_the_mail(house: House) -> None:
    enrolled = enroll(house, house.create_user())
    asked = [challenge(house, enrolled) for _ in range(3)]
    tries = [
        (challenge_id, code_of(house, enrolled, steps=step))
        for challenge_id, step in zip(asked, (-1, 0, 1), strict=True)
    ]

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda pair: verify(house, *pair), tries))

    assert any(answers)
    assert mails(house) == [("mfa_enrolled", {"factor": "totp"})]


def test_mail_tells_of_a_factor_that_is_deleted_if_it_counted(house: House) -> None:
    user = house.create_user()
    enrolled, unproved = enroll(house, user), enroll(house, user)
    verify(house, enrolled["authentication_challenge"]["id"], code_of(house, enrolled))

    for each in (enrolled, unproved):
        assert house.delete(f"/auth/factors/{each['authentication_factor']['id']}").status == 204

    assert mails(house) == [("mfa_enrolled", {"factor": "totp"}), ("mfa_removed", {"factor": "totp"})]


def test_nobody_is_told_at_an_address_that_nobody_proved(house: House) -> None:
    enrolled = enroll(house, house.create_user(email_verified=False))

    assert verify(house, enrolled["authentication_challenge"]["id"], code_of(house, enrolled))

    assert mails(house) == []


def test_an_environment_that_sends_its_own_mail_sends_no_notice_of_ours(house: House) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(sends_mail=False))
    enrolled = enroll(house, house.create_user())

    assert verify(house, enrolled["authentication_challenge"]["id"], code_of(house, enrolled))

    assert mails(house) == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        (None, "is your Gatelodge verification code"),
        ("de", "ist Ihr Bestätigungscode für Gatelodge"),
        ("fr", "est votre code de vérification Gatelodge"),
    ],
)
def test_an_sms_speaks_its_readers_language(house: House, locale: str | None, words: str) -> None:
    user = house.create_user()
    assert house.put(f"/user_management/users/{user['id']}", {"locale": locale}).status == 200

    enrolled = enroll(house, user, type="sms", phone_number="+1 415 555 2671")

    [sms] = house.get("/_dev/inbox", to="+14155552671").json["data"]
    assert (sms["channel"], sms["subject"], sms["html"]) == ("sms", None, None)
    code = sms["text"][:6]
    assert words in sms["text"]
    assert verify(house, enrolled["authentication_challenge"]["id"], code)
