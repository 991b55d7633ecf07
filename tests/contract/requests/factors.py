"""Enrol, ask and answer second factors."""

from __future__ import annotations

from typing import Any

import pyotp

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House


def enroll_auth_factor(house: House) -> Answer:
    """Enrol an authenticator app for a user."""
    labels = {"type": "totp", "totp_issuer": "Gatelodge", "totp_user": "ada"}
    return house.post(f"/user_management/users/{house.create_user()['id']}/auth_factors", labels)


def enrolled(house: House) -> dict[str, Any]:
    """Give a user's new factor with its first challenge."""
    body: dict[str, Any] = enroll_auth_factor(house).json
    return body


def list_auth_factors(house: House) -> Answer:
    """List a user's factors."""
    factor = enrolled(house)["authentication_factor"]
    return house.get(f"/user_management/users/{factor['user_id']}/auth_factors")


def create_auth_factor(house: House) -> Answer:
    """Enrol a telephone by itself."""
    return house.post("/auth/factors/enroll", {"type": "sms", "phone_number": "+12025550123"})


def get_auth_factor(house: House) -> Answer:
    """Get a factor."""
    return house.get(f"/auth/factors/{enrolled(house)['authentication_factor']['id']}")


def delete_auth_factor(house: House) -> Answer:
    """Delete a factor."""
    return house.delete(f"/auth/factors/{enrolled(house)['authentication_factor']['id']}")


def challenge_auth_factor(house: House) -> Answer:
    """Ask a factor, which for a telephone sends a code."""
    return house.post(f"/auth/factors/{create_auth_factor(house).json['id']}/challenge")


def verify_challenge(house: House) -> Answer:
    """Answer a challenge with the code of the app."""
    begun = enrolled(house)
    code = pyotp.TOTP(begun["authentication_factor"]["totp"]["secret"]).at(house.clock.now() // 1000)
    challenge = begun["authentication_challenge"]
    return house.post(f"/auth/challenges/{challenge['id']}/verify", {"code": code})


REQUESTS: dict[str, Send] = {
    "challenge_auth_factor": challenge_auth_factor,
    "create_auth_factor": create_auth_factor,
    "delete_auth_factor": delete_auth_factor,
    "enroll_auth_factor": enroll_auth_factor,
    "get_auth_factor": get_auth_factor,
    "list_auth_factors": list_auth_factors,
    "verify_challenge": verify_challenge,
}
