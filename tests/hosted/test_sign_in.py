"""Signing in on the pages, from the app's link to the code it trades."""

from __future__ import annotations

from typing import Any

from tests.harness.inprocess import KEY, House
from tests.hosted.browser import Browser, last_code


def _trade(house: House, code: str, **members: object) -> dict[str, Any]:
    answer = house.authenticate("authorization_code", secret=KEY, code=code, **members)
    assert answer.status == 200, answer.json
    traded: dict[str, Any] = answer.json
    return traded


def test_a_password_leads_back_to_the_app_with_a_code_and_the_state(house: House, browser: Browser) -> None:
    user = house.create_user()
    browser.authorize(state="s p~*_-é%00")

    arrived = browser.sign_in()

    assert arrived.path.startswith("http://localhost:3000/callback?")
    assert arrived.query["state"] == "s p~*_-é%00"
    traded = _trade(house, arrived.query["code"])
    assert traded["user"]["id"] == user["id"]
    assert traded["authentication_method"] == "Password"


def test_a_mailed_code_leads_back_to_the_app(house: House, browser: Browser) -> None:
    house.create_user()
    browser.authorize()
    browser.submit("/sign-in", email="ada@example.com")
    browser.submit("/sign-in/code/send")

    arrived = browser.submit("/sign-in/code", code=last_code(house, "ada@example.com"))

    assert _trade(house, arrived.query["code"])["authentication_method"] == "MagicAuth"


def test_signing_up_asks_for_the_address_to_be_proved(house: House, browser: Browser) -> None:
    browser.authorize(screen_hint="sign-up")
    browser.submit("/sign-up", email="new@example.com", password="a fresh horse 9", first_name="Ada", last_name="")

    arrived = browser.submit("/sign-in/email", code=last_code(house, "new@example.com"))

    user = _trade(house, arrived.query["code"])["user"]
    assert (user["email"], user["email_verified"], user["first_name"]) == ("new@example.com", True, "Ada")
