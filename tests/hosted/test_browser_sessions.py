"""A browser that has signed in once, and what ends that."""

from __future__ import annotations

from typing import Any

from tests.harness.inprocess import KEY, House
from tests.hosted.browser import Browser


def _trade(house: House, browser: Browser) -> dict[str, Any]:
    answer = house.authenticate("authorization_code", secret=KEY, code=browser.page.query["code"])
    assert answer.status == 200, answer.json
    traded: dict[str, Any] = answer.json
    return traded


def _claims(token: str) -> dict[str, Any]:
    import base64
    import json

    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def _sign_in(house: House, browser: Browser) -> dict[str, Any]:
    house.create_user()
    browser.authorize()
    browser.sign_in()
    return _trade(house, browser)


def test_a_second_sign_in_needs_nothing_and_keeps_the_time_of_the_first(house: House, browser: Browser) -> None:
    first = _claims(_sign_in(house, browser)["access_token"])
    house.clock.advance(minutes=5)

    for asked in ({}, {"prompt": "none"}, {"max_age": 400}, {"login_hint": "ADA@example.com"}):
        browser.authorize(state="x", **asked)
        assert browser.page.query["state"] == "x"
        again = _claims(_trade(house, browser)["access_token"])
        assert (again["sub"], again["auth_time"]) == (first["sub"], first["auth_time"])
        assert again["sid"] != first["sid"]


def test_the_pages_ask_again_where_the_app_wants_it(house: House, browser: Browser) -> None:
    first = _claims(_sign_in(house, browser)["access_token"])
    house.clock.advance(minutes=5)

    for asked in ({"prompt": "login"}, {"prompt": "select_account"}, {"max_age": 0}, {"login_hint": "bob@example.com"}):
        assert browser.authorize(**asked).path == "/sign-in"
    assert browser.authorize(prompt="none", max_age=10).query["error"] == "login_required"
    browser.authorize(max_age=300)
    browser.sign_in()

    assert _claims(_trade(house, browser)["access_token"])["auth_time"] == first["auth_time"] + 300
    assert len(house.events("authentication.reauthentication_succeeded")) == 1


def test_a_sign_out_ends_the_session_of_the_browser_too(house: House, browser: Browser) -> None:
    sid = _claims(_sign_in(house, browser)["access_token"])["sid"]

    gone = browser.visit(f"/user_management/sessions/logout?session_id={sid}")

    assert gone.path == "http://localhost:3000"
    assert browser.authorize().path == "/sign-in"


def test_a_strangers_sign_out_link_signs_nobody_out(house: House, browser: Browser) -> None:
    _sign_in(house, browser)
    house.create_user("eve@example.com")
    other = _claims(house.sign_in("eve@example.com").json["access_token"])["sid"]

    for sid in (other, "session_01KF0JQ6G0X4HT7K6SSMBV18BY"):
        browser.visit(f"/user_management/sessions/logout?session_id={sid}")

    assert "code" in browser.authorize().query


def test_a_new_password_or_a_deleted_user_ends_it(house: House) -> None:
    for number, change in enumerate(("put", "delete")):
        browser = Browser(house)
        user = house.create_user(f"ada{number}@example.com")
        browser.authorize()
        browser.sign_in(f"ada{number}@example.com")
        path = f"/user_management/users/{user['id']}"
        answer = house.put(path, {"password": "another horse 18"}) if change == "put" else house.delete(path)
        assert answer.status < 300

        assert browser.authorize().path == "/sign-in"


def test_it_ends_by_itself(house: House, browser: Browser) -> None:
    _sign_in(house, browser)

    house.clock.advance(days=8)

    assert browser.authorize().path == "/sign-in"


def test_what_is_demanded_since_is_asked_for(house: House, browser: Browser) -> None:
    user = _sign_in(house, browser)["user"]
    made = [house.post("/organizations", {"name": name}).json["id"] for name in ("One", "Two")]
    for organization_id in made:
        membership = {"user_id": user["id"], "organization_id": organization_id}
        house.post("/user_management/organization_memberships", membership)

    silent = browser.authorize(prompt="none")
    assert silent.query["error"] == "interaction_required"
    assert browser.authorize().form("/sign-in/organization").buttons

    browser.submit("/sign-in/organization", organization_id=made[1])
    assert _trade(house, browser)["organization_id"] == made[1]


def test_a_sign_in_is_done_once_and_another_browser_has_no_part_in_it(house: House, browser: Browser) -> None:
    _sign_in(house, browser)

    gone = browser.visit("/sign-in")

    assert (gone.status, "nothing to sign in to" in gone.text) == (410, True)
    assert Browser(house).visit("/sign-in").status == 410


def test_giving_up_leads_back_to_the_app(browser: Browser) -> None:
    browser.authorize(state="s")

    told = browser.submit("/sign-in/cancel").query

    assert (told["error"], told["state"]) == ("access_denied", "s")
    assert browser.visit("/sign-in").status == 410
