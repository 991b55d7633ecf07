"""What clients of a real server do over and over: make accounts, sign in, refresh."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

import httpx2

from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY

USERS = "/user_management/users"
AUTHENTICATE = "/user_management/authenticate"
PASSWORD = "correct horse 17"

_RUN = secrets.token_hex(4)
_NUMBERS = itertools.count(1)


def new_email() -> str:
    """Give an address that no other test of this run uses."""
    return f"user{next(_NUMBERS)}-{_RUN}@example.com"


def create_user(client: httpx2.Client, **members: Any) -> dict[str, Any]:
    """Create a user who can sign in with `PASSWORD`."""
    body = {"email": new_email(), "password": PASSWORD, "email_verified": True, **members}
    answer = client.post(USERS, json=body)
    assert answer.status_code == 201, answer.text
    user: dict[str, Any] = answer.json()
    return user


def sign_in(client: httpx2.Client, user: dict[str, Any], **members: Any) -> httpx2.Response:
    """Sign a user in with its password."""
    grant = {"grant_type": "password", "email": user["email"], "password": PASSWORD, **members}
    credentials = {"client_id": DEVELOPMENT_CLIENT, "client_secret": DEVELOPMENT_KEY}
    return client.post(AUTHENTICATE, json={**credentials, **grant})


def refresh(
    client: httpx2.Client, token: str, *, client_id: str = DEVELOPMENT_CLIENT, **options: Any
) -> httpx2.Response:
    """Trade a refresh token for the next, as a public client does."""
    grant = {"client_id": client_id, "grant_type": "refresh_token", "refresh_token": token}
    return client.post(AUTHENTICATE, json=grant, **options)


def sessions_of(client: httpx2.Client, user: dict[str, Any]) -> list[dict[str, Any]]:
    """List the active sessions of a user."""
    listed: list[dict[str, Any]] = client.get(f"{USERS}/{user['id']}/sessions").json()["data"]
    return listed
