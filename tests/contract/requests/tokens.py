"""Read the public keys."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import CLIENT, Answer, House


def get_jwks(house: House) -> Answer:
    """Get the public keys."""
    return house.call("GET", f"/sso/jwks/{CLIENT}", key=None)


REQUESTS: dict[str, Send] = {
    "get_jwks": get_jwks,
}
