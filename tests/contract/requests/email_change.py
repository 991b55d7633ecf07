"""Change an address by a code that is mailed to the new one."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House
from tests.harness.mails import last_code


def send_email_change(house: House) -> Answer:
    """Mail a code to the new address."""
    path = f"/user_management/users/{house.create_user()['id']}/email_change/send"
    return house.post(path, {"new_email": "augusta@example.com"})


def confirm_email_change(house: House) -> Answer:
    """Change the address by the code."""
    asked = send_email_change(house).json
    code = last_code(house, "email_change", to="augusta@example.com")
    return house.post(f"/user_management/users/{asked['user']['id']}/email_change/confirm", {"code": code})


REQUESTS: dict[str, Send] = {
    "confirm_email_change": confirm_email_change,
    "send_email_change": send_email_change,
}
