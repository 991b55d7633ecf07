"""The link by which an old address takes its account back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.harness.inprocess import House
from tests.harness.mails import last_code as read_code
from tests.harness.mails import mails
from tests.hosted.browser import Browser

ADA, EVE, MAL = "ada@example.com", "eve@example.com", "mal@example.com"


def _move(house: House, user_id: str, to: str) -> None:
    path = f"/user_management/users/{user_id}/email_change"
    assert house.post(f"{path}/send", {"new_email": to}).status == 200
    assert house.post(f"{path}/confirm", {"code": read_code(house, "email_change", to=to)}).status == 200


def _link(house: House, to: str = ADA) -> str:
    values = next(values for template, values in reversed(mails(house, to=to)) if "link" in values)
    parts = urlsplit(str(values["link"]))
    return f"{parts.path}?{parts.query}"


def _stolen(house: House) -> str:
    """Give a user whose address somebody has moved to their own."""
    user_id: str = house.create_user()["id"]
    _move(house, user_id, EVE)
    return user_id


def _email(house: House, user_id: str) -> str:
    email: str = house.get(f"/user_management/users/{user_id}").json["email"]
    return email


def test_the_old_address_takes_the_account_back_and_shuts_out_who_is_in_it(house: House, browser: Browser) -> None:
    user_id = _stolen(house)
    thief = Browser(house)
    thief.visit("/account")
    thief.sign_in(EVE)
    token = house.sign_in(EVE).json["refresh_token"]
    factor = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    house.post(f"/user_management/users/{user_id}/email_change/send", {"new_email": MAL})
    code = read_code(house, "email_change", to=MAL)

    for _ in range(2):
        seen = browser.visit(_link(house))
        assert (seen.status, ADA in seen.text, EVE in seen.text) == (200, True, True)
    assert _email(house, user_id) == EVE
    done = browser.submit("/undo-email-change")

    assert (done.status, "yours again" in done.text) == (200, True)
    user = house.get(f"/user_management/users/{user_id}").json
    assert (user["email"], user["email_verified"]) == (ADA, True)
    assert house.authenticate("refresh_token", secret=None, refresh_token=token).status == 400
    assert thief.visit("/account").path == "/sign-in"
    assert {house.sign_in(email).json["code"] for email in (ADA, EVE)} == {"invalid_credentials"}
    assert house.get(f"/auth/factors/{factor['authentication_factor']['id']}").status == 404
    path = f"/user_management/users/{user_id}/email_change/confirm"
    assert house.post(path, {"code": code}).json["code"] == "no_pending_email_change"
    template, values = mails(house, to=ADA)[-1]
    assert (template, "link" in values) == ("password_reset", True)
    assert mails(house, to=EVE)[-1] == ("email_change_notice", {"new_email": ADA, "done": 1})


def test_the_link_is_used_once_and_for_seven_days(house: House, browser: Browser) -> None:
    user_id = _stolen(house)
    house.clock.advance(days=6)
    browser.visit(_link(house))
    used = browser.page
    browser.submit("/undo-email-change")
    _move(house, user_id, EVE)
    browser.page = used

    assert browser.submit("/undo-email-change").status == 404
    assert _email(house, user_id) == EVE
    link = _link(house)
    house.clock.advance(days=7)
    assert browser.visit(link).status == 404
    assert browser.visit("/undo-email-change?token=x").status == 404


def test_of_racing_uses_one_succeeds(house: House) -> None:
    user_id = _stolen(house)
    racers = [Browser(house) for _ in range(6)]
    for racer in racers:
        racer.visit(_link(house))

    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda racer: racer.submit("/undo-email-change"), racers))

    assert sorted(page.status for page in pages) == [200, 404, 404, 404, 404, 404]
    assert _email(house, user_id) == ADA


def test_whoever_moves_the_account_twice_cannot_bar_its_first_owner(house: House, browser: Browser) -> None:
    user_id = _stolen(house)
    first = _link(house)
    house.clock.advance(minutes=5)
    _move(house, user_id, MAL)
    second = _link(house, EVE)

    browser.visit(second)
    browser.submit("/undo-email-change")
    assert _email(house, user_id) == EVE
    browser.visit(first)
    browser.submit("/undo-email-change")

    assert _email(house, user_id) == ADA


def test_after_the_first_owner_is_back_no_later_link_counts(house: House, browser: Browser) -> None:
    user_id = _stolen(house)
    first = _link(house)
    house.clock.advance(minutes=5)
    _move(house, user_id, MAL)
    second = _link(house, EVE)

    browser.visit(first)
    browser.submit("/undo-email-change")

    assert browser.visit(second).status == 404
    assert _email(house, user_id) == ADA


@pytest.mark.parametrize(
    ("is_proved", "status", "email", "kept"), [(False, 200, ADA, 404), (True, 409, EVE, 200)], ids=["squatter", "owner"]
)
def test_an_account_made_with_the_old_address_gives_way_unless_it_was_proved(
    house: House, browser: Browser, *, is_proved: bool, status: int, email: str, kept: int
) -> None:
    user_id = _stolen(house)
    other = house.create_user(ADA, email_verified=is_proved)["id"]
    browser.visit(_link(house))

    done = browser.submit("/undo-email-change")

    assert (done.status, _email(house, user_id)) == (status, email)
    assert house.get(f"/user_management/users/{other}").status == kept


def test_an_address_that_nobody_had_proved_gets_no_link(house: House) -> None:
    user_id = house.create_user(email_verified=False)["id"]

    _move(house, user_id, EVE)

    assert mails(house, to=ADA) == []
    assert house.runtime.database.reads.all("select user_id from email_change_undos") == []
