"""What a page's script does with passkeys, without one: ask for options, have them answered, send the form."""

from __future__ import annotations

import json
from typing import Any

from tests.harness.authenticator import Authenticator, Held
from tests.harness.inprocess import KEY, Answer, House
from tests.hosted.browser import Browser, Seen

ADA, BOB = "ada@acme.example", "bob@example.com"
ADD, SIGN_IN = "/account/passkeys", "/sign-in/passkey"


def ask(browser: Browser, action: str) -> dict[str, Any]:
    """Ask for the options of the page's form, as its script does."""
    form = browser.page.form(action).fields
    response = browser.send("POST", f"{action}/options", form={"form_token": form["form_token"]})
    assert response.status == 200, response
    asked: dict[str, Any] = json.loads(response.body)
    return asked


def add(browser: Browser, authenticator: Authenticator, *, held: Held | None = None) -> Seen:
    """Add a passkey on the page of the account."""
    browser.visit(ADD)
    return browser.submit(ADD, credential=authenticator.make(ask(browser, ADD), held=held))


def use(browser: Browser, authenticator: Authenticator, **how: Any) -> Seen:
    """Sign in by a passkey on the page that the browser is at."""
    return browser.submit(SIGN_IN, credential=authenticator.sign(ask(browser, SIGN_IN), **how))


def open_account(house: House, browser: Browser, email: str = ADA) -> str:
    """Give a new user, whose browser stands on the page of the account."""
    user_id: str = house.create_user(email)["id"]
    browser.visit("/account")
    browser.sign_in(email)
    assert browser.page.path == "/account"
    return user_id


def furnish(house: House, email: str = ADA, **how: Any) -> tuple[str, Browser, Authenticator]:
    """Give a user with a passkey, a browser that they are signed in with, and the device that holds the passkey."""
    browser, device = Browser(house), Authenticator(**how)
    user_id = open_account(house, browser, email)
    assert "It is added" in add(browser, device).text
    return user_id, browser, device


def visit(house: House) -> Browser:
    """Give a browser that an app has sent to sign in."""
    browser = Browser(house)
    browser.authorize()
    return browser


def arrive(house: House, device: Authenticator, **asked: str) -> Seen:
    """Sign in by a passkey in a browser that was never here before."""
    browser = Browser(house)
    browser.authorize(**asked)
    return use(browser, device)


def is_in(seen: Seen) -> bool:
    """Tell whether a browser went back to the app with a code."""
    return "code" in seen.query


def trade(house: House, seen: Seen) -> Answer:
    """Trade the code that a browser went back with."""
    return house.authenticate("authorization_code", secret=KEY, code=seen.query["code"])


def codes(house: House) -> list[str]:
    """Give what the events say of passkeys that were wrong."""
    return [event["data"]["error"]["code"] for event in house.events("authentication.passkey_failed")]
