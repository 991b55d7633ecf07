"""What requests of several kinds need done before them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from tests.harness.inprocess import Answer, House

Send: TypeAlias = Callable[[House], Answer]

FULL_USER: dict[str, Any] = {
    "email": "ada@example.com",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "name": "Ada Lovelace",
    "external_id": "crm-47",
    "metadata": {"tier": "gold"},
}


def session_of(house: House) -> dict[str, Any]:
    """Sign a user in, and give the session."""
    user = house.create_user(**FULL_USER)
    house.clock.advance(seconds=1)
    house.sign_in(ip_address="198.51.100.7", user_agent="Mozilla/5.0")
    session: dict[str, Any] = house.get(f"/user_management/users/{user['id']}/sessions").json["data"][0]
    return session
