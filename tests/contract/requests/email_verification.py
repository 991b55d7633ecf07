"""Mail, read and answer codes that prove an address."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House


def unproved(house: House) -> dict[str, str]:
    """Give a user whose address is to be proved, and the verification that a sign-in began."""
    user = house.create_user(email_verified=False)
    step = house.sign_in().json
    verification: dict[str, str] = house.get(
        f"/user_management/email_verification/{step['email_verification_id']}"
    ).json
    assert verification["user_id"] == user["id"]
    return verification


def get_email_verification(house: House) -> Answer:
    """Get a verification with its code."""
    return house.get(f"/user_management/email_verification/{unproved(house)['id']}")


def send_verification_email(house: House) -> Answer:
    """Mail another code."""
    user = house.create_user(email_verified=False)
    return house.post(f"/user_management/users/{user['id']}/email_verification/send")


def verify_email(house: House) -> Answer:
    """Prove the address, after a wrong try."""
    verification = unproved(house)
    path = f"/user_management/users/{verification['user_id']}/email_verification/confirm"
    wrong = "000000" if verification["code"] != "000000" else "111111"
    house.post(path, {"code": wrong})
    return house.post(path, {"code": verification["code"]})


REQUESTS: dict[str, Send] = {
    "get_email_verification": get_email_verification,
    "send_verification_email": send_verification_email,
    "verify_email": verify_email,
}
