"""Attempts on the pages are bounded as those of the API are."""

from __future__ import annotations

from tests.harness.inprocess import House
from tests.hosted.browser import Browser


def test_guessing_a_password_is_stopped_and_the_page_says_so(limited_house: House) -> None:
    limited_house.create_user()
    browser = Browser(limited_house)
    browser.authorize()
    browser.submit("/sign-in", email="ada@example.com")

    statuses = [browser.submit("/sign-in/password", password="wrong horse 99").status for _ in range(11)]

    assert statuses == [400] * 10 + [429]
    assert "Wait a minute" in browser.page.text
    limited_house.clock.advance(seconds=61)
    assert "code" in browser.submit("/sign-in/password", password="correct horse 17").query


def test_codes_are_mailed_to_one_address_only_so_often(limited_house: House) -> None:
    for email in ("ada@example.com", "unknown@example.com"):
        browser = Browser(limited_house)
        browser.authorize()
        browser.submit("/sign-in", email=email)

        statuses = [browser.submit("/sign-in/code/send").status for _ in range(4)]

        assert statuses == [200, 200, 200, 429]
