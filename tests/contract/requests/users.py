"""Create, find, list, change and delete users."""

from __future__ import annotations

from tests.contract.requests.life import FULL_USER, Send
from tests.harness.inprocess import Answer, House


def create_user(house: House) -> Answer:
    """Create a user with all that may be given."""
    return house.post("/user_management/users", {**FULL_USER, "password": "correct horse 17"})


def delete_user(house: House) -> Answer:
    """Delete a user."""
    return house.delete(f"/user_management/users/{house.create_user()['id']}")


def get_user(house: House) -> Answer:
    """Get a user of whom nothing is known but the address."""
    return house.get(f"/user_management/users/{house.create_user()['id']}")


def get_user_by_external_id(house: House) -> Answer:
    """Get a user by the caller's own identifier."""
    house.create_user(**FULL_USER)
    return house.get("/user_management/users/external_id/crm-47")


def list_user_identities(house: House) -> Answer:
    """List the social identities of a user who has none."""
    return house.get(f"/user_management/users/{house.create_user()['id']}/identities")


def list_users(house: House) -> Answer:
    """List one of two users, so that a page follows."""
    house.create_user(**FULL_USER)
    house.clock.advance(seconds=1)
    house.create_user("grace@example.com")
    return house.get("/user_management/users", limit=1)


def update_user(house: House) -> Answer:
    """Change a user."""
    user = house.create_user(**FULL_USER)
    return house.put(f"/user_management/users/{user['id']}", {"first_name": "Augusta", "locale": "en-GB"})


REQUESTS: dict[str, Send] = {
    "create_user": create_user,
    "delete_user": delete_user,
    "get_user": get_user,
    "get_user_by_external_id": get_user_by_external_id,
    "list_user_identities": list_user_identities,
    "list_users": list_users,
    "update_user": update_user,
}
