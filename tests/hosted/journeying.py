"""What journeys through the pages have in common: a server, a real browser, and a look at each page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit
from weakref import WeakKeyDictionary

import pyotp
from playwright.sync_api import Browser, Page, expect

from tests.harness.chromium import PICTURES, take_pictures
from tests.harness.inspecting import Inspector

if TYPE_CHECKING:
    from tests.harness.servers import Server

CALLBACK = "http://localhost:3000/callback"
PASSWORD = "correct horse 17"
_inspectors: WeakKeyDictionary[Browser, Inspector] = WeakKeyDictionary()


def authorize(running: Server, page: Page, **asked: str) -> None:
    """Follow an app's link."""
    link = {"client_id": running.client_id, "redirect_uri": CALLBACK, "response_type": "code", "provider": "authkit"}
    page.goto(f"{running.base_url}/user_management/authorize?{urlencode({**link, 'state': 's', **asked})}")


def look(page: Page, name: str, heading: str) -> None:
    """Wait until the page is there, keep pictures of it, and see that nothing is wrong with it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    take_pictures(page, name)
    browser = page.context.browser
    assert browser is not None
    if browser not in _inspectors:
        _inspectors[browser] = Inspector(browser)
    assert _inspectors[browser].find_faults(page, picture=PICTURES / f"{name}-rtl.png") == []


def trade(running: Server, page: Page, *, state: str | None = "s") -> dict[str, object]:
    """Trade the code that the browser came back with."""
    page.wait_for_url(f"{CALLBACK}?**")
    carried = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    grant = {"client_id": running.client_id, "client_secret": running.api_key, "grant_type": "authorization_code"}
    answer = running.http().post("/user_management/authenticate", json={**grant, "code": carried["code"]})
    assert (answer.status_code, carried.get("state")) == (200, state), answer.text
    traded: dict[str, object] = answer.json()
    return traded


def read_mail(running: Server, to: str) -> str:
    """Give the text of the newest mail or SMS to somebody."""
    kept = running.http().get("/_dev/inbox", params={"to": to}).json()["data"]
    return str(kept[0]["text"])


def read_code(running: Server, to: str) -> str:
    """Give the code of the newest mail or SMS to somebody."""
    words = read_mail(running, to).replace(".", " ").split()
    return next(word for word in words if word.isdigit() and len(word) == 6)


def follow_link(running: Server, page: Page, to: str, *, path: str) -> None:
    """Go where the newest mail leads, at the address that this server listens on."""
    link = next(word for word in read_mail(running, to).split() if f"{path}?" in word)
    page.goto(f"{running.base_url}{path}?{urlsplit(link).query}")


def create_user(running: Server, email: str) -> str:
    """Make a user with a password and a proved address; answers the id."""
    body = {"email": email, "password": PASSWORD, "email_verified": True}
    return str(running.http().post("/user_management/users", json=body).json()["id"])


def join(running: Server, user_id: str, *names: str) -> list[str]:
    """Make organizations with the user in them; answers their ids."""
    api = running.http()
    made = [str(api.post("/organizations", json={"name": name}).json()["id"]) for name in names]
    for organization_id in made:
        membership = {"user_id": user_id, "organization_id": organization_id}
        api.post("/user_management/organization_memberships", json=membership)
    return made


def enrol(running: Server, user_id: str) -> pyotp.TOTP:
    """Give the user an authenticator app; the code of this moment is still good."""
    api = running.http()
    enrolled = api.post(f"/user_management/users/{user_id}/auth_factors", json={"type": "totp"}).json()
    clock = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge = enrolled["authentication_challenge"]["id"]
    api.post(f"/auth/challenges/{challenge}/verify", json={"code": clock.at(int(time.time()) - 30)})
    return clock


def sign_in(page: Page, email: str) -> None:
    """Sign in by password, from the sign-in page on, with nothing but keys."""
    page.get_by_label("E-mail address").fill(email)
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def enter_account(running: Server, page: Page, email: str) -> None:
    """Go to the account page, and sign in there."""
    page.goto(f"{running.base_url}/account?client_id={running.client_id}")
    sign_in(page, email)
