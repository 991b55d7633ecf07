"""Sign in, on a browser and on a device."""

from __future__ import annotations

from tests.contract.requests.life import FULL_USER, Send
from tests.harness.inprocess import CLIENT, Answer, House


def authenticate(house: House) -> Answer:
    """Sign in with a password."""
    house.create_user(**FULL_USER)
    return house.sign_in()


def create_device(house: House) -> Answer:
    """Begin a sign-in on a device."""
    return house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None)


REQUESTS: dict[str, Send] = {
    "authenticate": authenticate,
    "create_device": create_device,
}
