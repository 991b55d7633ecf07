"""A second environment in the same house: nothing of the first may be seen or moved from there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor
from tests.harness.inprocess import PASSWORD, Answer, House


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """An environment with a client and a key of its own."""

    house: House
    environment_id: str
    client_id: str
    key: str
    key_id: str

    def call(self, method: str, path: str, json: object = None, **options: Any) -> Answer:
        """Send a request with this environment's key."""
        return self.house.call(method, path, json, key=self.key, **options)

    def create_user(self, email: str = "ada@example.com", **members: Any) -> dict[str, Any]:
        """Create a user here."""
        answer = self.call("POST", "/user_management/users", {"email": email, "password": PASSWORD, **members})
        assert answer.status == 201, answer
        user: dict[str, Any] = answer.json
        return user

    def authenticate(self, grant_type: str, **members: Any) -> Answer:
        """Post a grant with this environment's client and key."""
        grant = {"client_id": self.client_id, "client_secret": self.key, "grant_type": grant_type}
        return self.house.call("POST", "/user_management/authenticate", {**grant, **members}, key=None)


def move_in(house: House, name: str = "Neighbour") -> Neighbour:
    """Make an environment beside that of development mode."""
    unit = house.runtime.open_unit(Actor())
    made = applications.create_environment(unit, name=name)
    assert made is not None
    environment, client = made
    issued = applications.create_api_key(unit, environment.id, name=f"{name}'s key")
    assert issued is not None
    return Neighbour(
        house=house, environment_id=environment.id, client_id=client.id, key=issued.token, key_id=issued.key.id
    )


def issue_key(house: House, environment_id: str, name: str = "another key") -> tuple[str, str]:
    """Issue one more API key; give its id and its secret."""
    issued = applications.create_api_key(house.runtime.open_unit(Actor()), environment_id, name=name)
    assert issued is not None
    return issued.key.id, issued.token


def revoke_key(house: House, environment_id: str, key_id: str) -> None:
    """Revoke an API key."""
    assert applications.revoke_api_key(house.runtime.open_unit(Actor()), environment_id, key_id) is not None
