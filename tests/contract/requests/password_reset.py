"""Set a new password by a mailed link."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House


def create_password_reset(house: House) -> Answer:
    """Mail a link."""
    house.create_user()
    return house.post("/user_management/password_reset", {"email": "ada@example.com"})


def get_password_reset(house: House) -> Answer:
    """Get a reset with its token."""
    return house.get(f"/user_management/password_reset/{create_password_reset(house).json['id']}")


def reset_password(house: House) -> Answer:
    """Set the new password by the token."""
    token = create_password_reset(house).json["password_reset_token"]
    answer = {"token": token, "new_password": "another horse 18"}
    return house.post("/user_management/password_reset/confirm", answer)


REQUESTS: dict[str, Send] = {
    "create_password_reset": create_password_reset,
    "get_password_reset": get_password_reset,
    "reset_password": reset_password,
}
