"""Mail and read codes to sign in with."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House

GRANT = "urn:workos:oauth:grant-type:magic-auth:code"


def create_magic_auth(house: House) -> Answer:
    """Mail a code to a user, who then signs in with it after a wrong try."""
    house.create_user()
    made = house.post("/user_management/magic_auth", {"email": "ada@example.com"})
    wrong = "000000" if made.json["code"] != "000000" else "111111"
    house.authenticate(GRANT, email="ada@example.com", code=wrong)
    house.authenticate(GRANT, email="ada@example.com", code=made.json["code"])
    return made


def get_magic_auth(house: House) -> Answer:
    """Get a code that was mailed."""
    house.create_user()
    made = house.post("/user_management/magic_auth", {"email": "ada@example.com"}).json
    return house.get(f"/user_management/magic_auth/{made['id']}")


REQUESTS: dict[str, Send] = {
    "create_magic_auth": create_magic_auth,
    "get_magic_auth": get_magic_auth,
}
