"""Two servers, one thing that works once: exactly one success, whoever is asked, and one session at most."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import httpx2
import pyotp
import pytest

from gatelodge.doors.known import REDIRECT_URI
from tests.clients.visitor import approve
from tests.clients.visitor import sign_in as visit
from tests.doors.accounts import (
    AUTHENTICATE,
    PASSWORD,
    USERS,
    create_user,
    new_email,
    sessions_of,
    sign_in,
)
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

RACERS = 50
GRANT = "urn:workos:oauth:grant-type:"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

Use = Callable[[httpx2.Client], httpx2.Response]
Made = tuple[dict[str, Any], Use]
"""A user with no session, and the use of something of theirs."""


def grant(client: httpx2.Client, grant_type: str, **members: str) -> httpx2.Response:
    """Post a grant as a confidential client does."""
    credentials = {"client_id": DEVELOPMENT_CLIENT, "client_secret": DEVELOPMENT_KEY}
    return client.post(AUTHENTICATE, json={**credentials, "grant_type": grant_type, **members})


def read_code(client: httpx2.Client, to: str) -> str:
    """Read the code in the newest message to somebody."""
    newest = client.get("/_dev/inbox", params={"to": to}).json()["data"][0]
    [code] = re.findall(r"\b\d{6}\b", newest["text"])
    return str(code)


def make_organization(client: httpx2.Client, user: dict[str, Any] | None = None) -> str:
    """Make an organization, with a member or without."""
    made: str = client.post("/organizations", json={"name": "Acme"}).json()["id"]
    if user is not None:
        body = {"user_id": user["id"], "organization_id": made}
        assert client.post("/user_management/organization_memberships", json=body).status_code == 201
    return made


def magic_auth_code(client: httpx2.Client) -> Made:
    user = create_user(client)
    code = client.post("/user_management/magic_auth", json={"email": user["email"]}).json()["code"]
    return user, lambda racer: grant(racer, f"{GRANT}magic-auth:code", email=user["email"], code=code)


def verification_code(client: httpx2.Client) -> Made:
    user = create_user(client, email_verified=False)
    path = f"{USERS}/{user['id']}/email_verification"
    assert client.post(f"{path}/send").status_code == 200
    code = read_code(client, user["email"])
    return user, lambda racer: racer.post(f"{path}/confirm", json={"code": code})


def verification_step(client: httpx2.Client) -> Made:
    user = create_user(client, email_verified=False)
    token = sign_in(client, user).json()["pending_authentication_token"]
    code = read_code(client, user["email"])
    return user, lambda racer: grant(
        racer, f"{GRANT}email-verification:code", code=code, pending_authentication_token=token
    )


def email_change_code(client: httpx2.Client) -> Made:
    user, new = create_user(client), new_email()
    path = f"{USERS}/{user['id']}/email_change"
    assert client.post(f"{path}/send", json={"new_email": new}).status_code == 200
    code = read_code(client, new)
    return user, lambda racer: racer.post(f"{path}/confirm", json={"code": code})


def reset_token(client: httpx2.Client) -> Made:
    user = create_user(client)
    token = client.post("/user_management/password_reset", json={"email": user["email"]}).json()["password_reset_token"]
    body = {"token": token, "new_password": "another horse 18"}
    return user, lambda racer: racer.post("/user_management/password_reset/confirm", json=body)


def totp_step(client: httpx2.Client) -> Made:
    """Make one code of an app that fifty challenges ask for, each in a sign-in of its own."""
    user = create_user(client)
    enrolled = client.post(f"{USERS}/{user['id']}/auth_factors", json={"type": "totp"}).json()
    totp = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge = enrolled["authentication_challenge"]["id"]
    now = int(time.time())
    proved = client.post(f"/auth/challenges/{challenge}/verify", json={"code": totp.at(now - 30)})
    assert proved.json()["valid"], proved.text
    path = f"/auth/factors/{enrolled['authentication_factor']['id']}/challenge"
    begun = [
        (sign_in(client, user).json()["pending_authentication_token"], client.post(path, json={}).json()["id"])
        for _ in range(RACERS)
    ]

    def use(racer: httpx2.Client) -> httpx2.Response:
        token, asked = begun.pop()
        members = {"pending_authentication_token": token, "authentication_challenge_id": asked}
        return grant(racer, f"{GRANT}mfa-totp", code=totp.at(now), **members)

    return user, use


def sms_code(client: httpx2.Client) -> Made:
    user, number = create_user(client), f"+1415555{secrets.randbelow(9000) + 1000}"
    body = {"type": "sms", "phone_number": number}
    enrolled = client.post(f"{USERS}/{user['id']}/auth_factors", json=body).json()
    code = read_code(client, number)
    path = f"/auth/challenges/{enrolled['authentication_challenge']['id']}/verify"

    def use(racer: httpx2.Client) -> httpx2.Response:
        answer = racer.post(path, json={"code": code})
        # A wrong code is a 201 that says so, which counts as a refusal here.
        is_right = answer.status_code == 201 and answer.json()["valid"]
        return httpx2.Response(200 if is_right else 400, json=answer.json())

    return user, use


def pending_token(client: httpx2.Client) -> Made:
    user = create_user(client)
    chosen, _ = (make_organization(client, user) for _ in range(2))
    token = sign_in(client, user).json()["pending_authentication_token"]
    return user, lambda racer: grant(
        racer, f"{GRANT}organization-selection", pending_authentication_token=token, organization_id=chosen
    )


def invitation_token(client: httpx2.Client) -> Made:
    user = create_user(client)
    body = {"email": user["email"], "organization_id": make_organization(client)}
    token = client.post("/user_management/invitations", json=body).json()["token"]
    return user, lambda racer: sign_in(racer, user, invitation_token=token)


def invitation(client: httpx2.Client) -> Made:
    user = create_user(client)
    body = {"email": user["email"], "organization_id": make_organization(client)}
    made = client.post("/user_management/invitations", json=body).json()["id"]
    return user, lambda racer: racer.post(f"/user_management/invitations/{made}/accept")


def authorization_code(client: httpx2.Client) -> Made:
    user = create_user(client)
    asked = {"client_id": DEVELOPMENT_CLIENT, "redirect_uri": REDIRECT_URI, "response_type": "code"}
    address = f"{client.base_url}/user_management/authorize?{urlencode(asked | {'provider': 'authkit'})}"
    code = visit(address, email=user["email"], password=PASSWORD)["code"]
    return user, lambda racer: grant(racer, "authorization_code", code=code)


def device_code(client: httpx2.Client) -> Made:
    user = create_user(client)
    begun = client.post("/user_management/authorize/device", json={"client_id": DEVELOPMENT_CLIENT}).json()
    asked = begun["verification_uri_complete"].partition("/device")[2]
    approve(f"{client.base_url}/device{asked}", email=user["email"], password=PASSWORD)
    return user, lambda racer: grant(racer, DEVICE_GRANT, device_code=begun["device_code"])


OPENS_ONE = (
    authorization_code,
    device_code,
    invitation_token,
    magic_auth_code,
    pending_token,
    totp_step,
    verification_step,
)
OPENS_NONE = (email_change_code, invitation, reset_token, sms_code, verification_code)


@pytest.mark.parametrize("make", OPENS_ONE + OPENS_NONE, ids=lambda make: make.__name__)
def test_of_fifty_racers_on_two_servers_one_succeeds(
    pair: tuple[Server, Server], make: Callable[[httpx2.Client], Made]
) -> None:
    clients = [server.http() for server in pair]
    user, use = make(clients[0])
    start = threading.Barrier(RACERS)

    def race(number: int) -> int:
        start.wait(timeout=30)
        return use(clients[number % 2]).status_code

    with ThreadPoolExecutor(RACERS) as pool:
        statuses = list(pool.map(race, range(RACERS)))

    assert statuses.count(200) == 1
    assert {status // 100 for status in statuses} == {2, 4}
    assert len(sessions_of(clients[1], user)) == (1 if make in OPENS_ONE else 0)
