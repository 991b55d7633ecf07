"""Add and list CORS origins."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House

PATH = "/user_management/cors_origins"


def create_cors_origin(house: House) -> Answer:
    """Let pages of an origin call."""
    house.clock.advance(seconds=1)
    return house.post(PATH, {"origin": "https://app.example.com"})


def list_cors_origins(house: House) -> Answer:
    """List the origins that may call."""
    create_cors_origin(house)
    return house.get(PATH)


REQUESTS: dict[str, Send] = {
    "create_cors_origin": create_cors_origin,
    "list_cors_origins": list_cors_origins,
}
