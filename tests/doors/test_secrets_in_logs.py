"""Codes and links are in the mail and in the answer, and nowhere in the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx2

from tests.clients.visitor import FORM_TOKEN, sign_in
from tests.harness.servers import PLAIN

if TYPE_CHECKING:
    from tests.conftest import StartServer

ADA = "ada@example.com"


def test_no_code_token_or_password_is_ever_logged(server: StartServer) -> None:
    house = server(settings={"GATELODGE_LOG_LEVEL": "debug"})
    client = house.http()
    body = {"email": ADA, "password": "a horse of another colour"}
    user = client.post("/user_management/users", json=body).json()
    path = f"/user_management/users/{user['id']}"

    begun = authenticate(house.client_id, house.api_key, grant_type="password", **body)
    pending = client.post("/user_management/authenticate", json=begun).json()
    verification = client.get(f"/user_management/email_verification/{pending['email_verification_id']}").json()
    client.post(f"{path}/email_verification/confirm", json={"code": verification["code"]})
    magic = client.post("/user_management/magic_auth", json={"email": ADA}).json()
    grant = authenticate(
        house.client_id,
        house.api_key,
        grant_type="urn:workos:oauth:grant-type:magic-auth:code",
        code=magic["code"],
        email=ADA,
    )
    session = client.post("/user_management/authenticate", json=grant).json()
    reset = client.post("/user_management/password_reset", json={"email": ADA}).json()
    redeem = {"token": reset["password_reset_token"], "new_password": "another horse 18"}
    client.post("/user_management/password_reset/confirm", json=redeem).raise_for_status()
    # A caller that gets it wrong puts the token where it does not belong.
    client.get(f"/user_management/password_reset/confirm?token={reset['password_reset_token']}")
    client.get(f"/user_management/password_reset/{reset['password_reset_token']}")
    assert house.stop() == 0

    log = house.output()
    assert "/user_management/password_reset/confirm" in log
    tokens = [pending["pending_authentication_token"], session["refresh_token"], session["access_token"]]
    tokens += [reset["password_reset_token"], body["password"], redeem["new_password"]]
    assert not [token for token in tokens if token in log]
    # Six digits may stand in a log by chance, within an id or an instant; as a word they may not.
    words = set(re.split(r"\W+", log))
    assert not words & {verification["code"], magic["code"]}


def authenticate(client_id: str, client_secret: str, **grant: str) -> dict[str, str]:
    """Write a grant as a confidential client does."""
    return {"client_id": client_id, "client_secret": client_secret, **grant}


def test_what_browsers_carry_over_the_pages_is_never_logged(server: StartServer) -> None:
    house = server(settings={"GATELODGE_LOG_LEVEL": "debug"})
    client = house.http()
    password, changed = "a horse of another colour", "another horse 18"
    client.post("/user_management/users", json={"email": ADA, "password": password, "email_verified": True})
    reset = client.post("/user_management/password_reset", json={"email": ADA}).json()["password_reset_token"]
    invitation = client.post("/user_management/invitations", json={"email": "eve@example.com"}).json()["token"]
    state = "a-state-that-only-the-app-knows"
    asked = {"client_id": house.client_id, "redirect_uri": "http://localhost:3000/callback", "state": state}
    address = f"{house.base_url}/user_management/authorize?response_type=code&provider=authkit&{urlencode(asked)}"

    brought = sign_in(address, email=ADA, password=password)
    with httpx2.Client(base_url=house.base_url, timeout=30, trust_env=False, verify=PLAIN) as browser:
        page = browser.get("/reset-password", params={"token": reset})
        browser.get("/invitation", params={"invitation_token": invitation})
        form = {"form_token": FORM_TOKEN.findall(page.text)[0], "token": reset, "password": changed}
        assert browser.post("/reset-password", data=form, headers={"sec-fetch-site": "same-origin"}).status_code == 200
        cookies = list(browser.cookies.values())
    assert house.stop() == 0

    log = house.output()
    assert "/reset-password" in log
    assert len(cookies) >= 1
    secrets = [password, changed, reset, invitation, state, brought["code"], form["form_token"], *cookies]
    assert not [secret for secret in secrets if secret in log]
