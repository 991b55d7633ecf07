"""Add, list and delete redirect URIs."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House

PATH = "/user_management/redirect_uris"


def create_redirect_uri(house: House) -> Answer:
    """Add a redirect URI beside the default one."""
    house.clock.advance(seconds=1)
    return house.post(PATH, {"uri": "https://app.example.com/callback"})


def delete_redirect_uri(house: House) -> Answer:
    """Delete a redirect URI."""
    return house.delete(f"{PATH}/{create_redirect_uri(house).json['id']}")


def list_redirect_uris(house: House) -> Answer:
    """List the redirect URIs, of which one is the default."""
    create_redirect_uri(house)
    return house.get(PATH)


REQUESTS: dict[str, Send] = {
    "create_redirect_uri": create_redirect_uri,
    "delete_redirect_uri": delete_redirect_uri,
    "list_redirect_uris": list_redirect_uris,
}
