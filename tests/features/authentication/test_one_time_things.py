"""Whatever works once works once for fifty at a time, and no wrong try is given back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pyotp
import pytest

from gatelodge.features.authentication.rules import Progress
from gatelodge.features.authorization import actions as authorization
from tests.harness.devices import approve
from tests.harness.inprocess import CLIENT, Answer, House
from tests.harness.mails import last_code, wrong_code

ADA, NEW = "ada@example.com", "ada@new.example"
USERS = "/user_management/users"
GRANT = "urn:workos:oauth:grant-type:"
RACERS = 50

Use = Callable[[str], Answer]
"""Uses a thing, by its code or token."""
Made = tuple[str, Use]


def make_magic_auth(house: House) -> Made:
    code = house.post("/user_management/magic_auth", {"email": ADA}).json["code"]
    return code, lambda given: house.authenticate(f"{GRANT}magic-auth:code", email=ADA, code=given)


def make_verification(house: House) -> Made:
    user = house.create_user(email_verified=False)
    assert house.post(f"{USERS}/{user['id']}/email_verification/send").status == 200
    code = last_code(house, "email_verification", to=ADA)
    return code, lambda given: house.post(f"{USERS}/{user['id']}/email_verification/confirm", {"code": given})


def make_step_of_verification(house: House) -> Made:
    house.create_user(email_verified=False)
    pending = house.sign_in().json["pending_authentication_token"]
    code = last_code(house, "email_verification", to=ADA)
    return code, lambda given: house.authenticate(
        f"{GRANT}email-verification:code", code=given, pending_authentication_token=pending
    )


def make_email_change(house: House) -> Made:
    user = house.create_user()
    house.post(f"{USERS}/{user['id']}/email_change/send", {"new_email": NEW})
    code = last_code(house, "email_change", to=NEW)
    return code, lambda given: house.post(f"{USERS}/{user['id']}/email_change/confirm", {"code": given})


def enroll(house: House, user: dict[str, Any]) -> tuple[str, pyotp.TOTP]:
    enrolled = house.post(f"{USERS}/{user['id']}/auth_factors", {"type": "totp"}).json
    totp = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge: str = enrolled["authentication_challenge"]["id"]
    return challenge, totp


def make_totp_challenge(house: House) -> Made:
    challenge, totp = enroll(house, house.create_user())
    return totp.at(house.clock.now() // 1000), lambda given: verified(house, challenge, given)


def make_totp_step(house: House) -> Made:
    """Make one code that many challenges ask for, each in a sign-in of its own."""
    user = house.create_user()
    challenge, totp = enroll(house, user)
    seconds = house.clock.now() // 1000
    assert verified(house, challenge, totp.at(seconds - 30)).status == 200
    factor = house.get(f"{USERS}/{user['id']}/auth_factors").json["data"][0]["id"]
    begun = [
        (
            house.sign_in().json["pending_authentication_token"],
            house.post(f"/auth/factors/{factor}/challenge", {}).json["id"],
        )
        for _ in range(RACERS)
    ]

    def use(given: str) -> Answer:
        pending, asked = begun.pop()
        return house.authenticate(
            f"{GRANT}mfa-totp", code=given, pending_authentication_token=pending, authentication_challenge_id=asked
        )

    return totp.at(seconds), use


def make_sms_challenge(house: House) -> Made:
    user = house.create_user()
    body = {"type": "sms", "phone_number": "+1 415 555 2671"}
    challenge = house.post(f"{USERS}/{user['id']}/auth_factors", body).json["authentication_challenge"]["id"]
    [sms] = house.get("/_dev/inbox", to="+14155552671").json["data"]
    [code] = re.findall(r"\b\d{6}\b", sms["text"])
    return code, lambda given: verified(house, challenge, given)


def verified(house: House, challenge: str, code: str) -> Answer:
    """Answer a challenge; a wrong code is a 201 that says so, which counts as a refusal here."""
    answer = house.post(f"/auth/challenges/{challenge}/verify", {"code": code})
    if answer.status == 201:
        answer.status = 200 if answer.json["valid"] else 400
    return answer


def make_invitation(house: House) -> Made:
    organization = house.post("/organizations", {"name": "Acme"}).json["id"]
    house.create_user()
    body = {"email": ADA, "organization_id": organization}
    token = house.post("/user_management/invitations", body).json["token"]
    return token, lambda given: house.sign_in(invitation_token=given)


def make_accepted_invitation(house: House) -> Made:
    invitation = house.post("/user_management/invitations", {"email": ADA}).json["id"]
    house.create_user()
    return invitation, lambda given: house.post(f"/user_management/invitations/{given}/accept")


def make_password_reset(house: House) -> Made:
    house.create_user()
    token = house.post("/user_management/password_reset", {"email": ADA}).json["password_reset_token"]
    return token, lambda given: house.post(
        "/user_management/password_reset/confirm", {"token": given, "new_password": "another horse 18"}
    )


def progress_of(user: dict[str, Any]) -> str:
    return msgspec.json.encode(Progress(user_id=user["id"], client_id=CLIENT, method="Password")).decode()


def make_authorization_code(house: House) -> Made:
    user, unit = house.create_user(), house.unit()
    code = unit.write(
        lambda queries: authorization.issue_code(
            queries, unit, user_id=user["id"], client_id=CLIENT, state=progress_of(user), code_challenge=None
        )
    )
    return code, lambda given: house.authenticate("authorization_code", code=given)


def make_device_code(house: House) -> Made:
    begun = house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None).json
    user = house.create_user()
    assert approve(house.unit(), begun["user_code"], user_id=user["id"], state=progress_of(user))
    grant = "urn:ietf:params:oauth:grant-type:device_code"
    return begun["device_code"], lambda given: house.authenticate(grant, secret=None, device_code=given)


def make_pending_token(house: House) -> Made:
    user = house.create_user()
    for name in ("Acme", "Other"):
        organization = house.post("/organizations", {"name": name}).json["id"]
        body = {"user_id": user["id"], "organization_id": organization}
        house.post("/user_management/organization_memberships", body)
    pending = house.sign_in().json["pending_authentication_token"]
    return pending, lambda given: house.authenticate(
        f"{GRANT}organization-selection", organization_id=organization, pending_authentication_token=given
    )


CODES: dict[str, Callable[[House], Made]] = {
    "magic auth code": make_magic_auth,
    "verification code": make_verification,
    "verification code of a sign-in": make_step_of_verification,
    "email change code": make_email_change,
    "TOTP challenge": make_totp_challenge,
    "SMS challenge": make_sms_challenge,
}
THINGS = {
    **CODES,
    "TOTP step": make_totp_step,
    "invitation token": make_invitation,
    "accepted invitation": make_accepted_invitation,
    "password reset token": make_password_reset,
    "authorization code": make_authorization_code,
    "device code": make_device_code,
    "pending token": make_pending_token,
}


def race(use: Use, given: str) -> Counter[int]:
    """Use a thing fifty times at once; count the statuses."""
    with ThreadPoolExecutor(16) as pool:
        return Counter(answer.status for answer in pool.map(lambda _: use(given), range(RACERS)))


@pytest.mark.parametrize("make", THINGS.values(), ids=THINGS)
def test_of_fifty_racers_one_succeeds(house: House, make: Callable[[House], Made]) -> None:
    given, use = make(house)
    before = len(house.unit().read.all("select id from sessions"))

    statuses = race(use, given)

    assert statuses[200] == 1
    assert {status // 100 for status in statuses} == {2, 4}
    assert len(house.unit().read.all("select id from sessions")) - before <= 1


@pytest.mark.parametrize("make", CODES.values(), ids=CODES)
def test_fifty_wrong_tries_at_once_use_a_code_up(house: House, make: Callable[[House], Made]) -> None:
    right, use = make(house)

    statuses = race(use, wrong_code(right))

    assert statuses[200] == 0
    assert use(right).status in (400, 429)


@pytest.mark.parametrize("make", CODES.values(), ids=CODES)
def test_wrong_tries_are_counted_one_by_one_and_a_right_one_comes_in_time_until_the_last(
    house: House, make: Callable[[House], Made]
) -> None:
    right, use = make(house)

    for _ in range(4):
        assert use(wrong_code(right)).status == 400

    assert use(right).status == 200
    assert use(right).status in (400, 409, 422)


@pytest.mark.parametrize("make", CODES.values(), ids=CODES)
def test_five_wrong_tries_use_a_code_up_for_good(house: House, make: Callable[[House], Made]) -> None:
    right, use = make(house)

    for _ in range(5):
        assert use(wrong_code(right)).status == 400

    assert {use(right).status for _ in range(2)} <= {400, 429}
