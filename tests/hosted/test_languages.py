"""The pages speak the visitor's language, all of it."""

from __future__ import annotations

import re

import pytest

from gatelodge.doors.hosted.languages import choose_among
from tests.harness.inprocess import House
from tests.hosted.browser import Browser
from tools import catalogues


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_text_of_the_pages_is_translated_with_the_same_values_in_it(language: str) -> None:
    texts = {message.id for message in catalogues.extract("pages") if message.id}
    translated = catalogues.read(language, "pages")

    assert {message.id for message in translated if message.id} == texts
    assert catalogues.lacking(translated) == []
    for message in translated:
        assert _placeholders(str(message.id)) == _placeholders(catalogues.forms(message)[0]) or not message.id
    compiled = catalogues.po_file(language, "pages").with_suffix(".mo").read_bytes()
    assert compiled == catalogues.compile_catalogue(translated)


def _placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s", text))


def test_the_app_chooses_the_language_else_the_browser_does(browser: Browser) -> None:
    browser.language = "xx, fr-CH;q=0.9, de;q=0.8"

    french = browser.authorize()
    german = browser.authorize(ui_locales="pt de-AT fr")
    kept = browser.submit("/sign-in", email="ada@example.com")

    assert '<html lang="fr" dir="ltr">' in french.text
    assert "Adresse e-mail" in french.text
    assert '<html lang="de" dir="ltr">' in german.text
    assert "Passwort eingeben" in kept.text


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "de;q=0.1, fr;q=0.2", "fr"),
        ("", "de;q=0, fr;q=x", "en"),
        ("ja fr", "de", "fr"),
        ("../../de", "<script>", "en"),
        ("", "*" * 9999, "en"),
    ],
)
def test_a_language_without_a_catalogue_gives_way(asked: str, accepted: str, language: str) -> None:
    assert choose_among(asked, accepted, default="en") == language


ADA = "ada@example.com"


def subject_of_code(house: House, browser: Browser, **link: str) -> str:
    """Ask for a code on the pages, and give the subject of the mail that brings it."""
    browser.authorize(**link)
    browser.submit("/sign-in", email=ADA)
    browser.submit("/sign-in/code/send")
    subject: str = house.get("/_dev/inbox", to=ADA).json["data"][0]["subject"]
    return subject


def test_a_mail_speaks_as_the_page_on_which_it_was_asked_for(house: House, browser: Browser) -> None:
    house.create_user()
    browser.language = "de-CH, en;q=0.5"

    assert subject_of_code(house, browser) == "Ihr Code zur Anmeldung bei Gatelodge"
    assert subject_of_code(house, browser, ui_locales="fr") == "Votre code de connexion à Gatelodge"


def test_a_users_own_language_comes_before_that_of_the_page(house: House, browser: Browser) -> None:
    user = house.create_user()
    house.put(f"/user_management/users/{user['id']}", {"locale": "fr"})
    browser.language = "de"

    assert subject_of_code(house, browser) == "Votre code de connexion à Gatelodge"


def test_whoever_signs_up_is_written_to_in_the_language_of_the_page(house: House, browser: Browser) -> None:
    browser.language = "de"
    browser.authorize(screen_hint="sign-up")
    browser.submit("/sign-up", email=ADA, password="correct horse 17")

    assert (
        house.get("/_dev/inbox", to=ADA).json["data"][0]["subject"]
        == "Bestätigen Sie Ihre E-Mail-Adresse für Gatelodge"
    )
    (user,) = house.get("/user_management/users", email=ADA).json["data"]
    assert user["locale"] == "de"
    assert house.post("/user_management/password_reset", {"email": ADA}).status == 201
    assert house.get("/_dev/inbox", to=ADA).json["data"][0]["subject"].startswith("Neues Passwort")
    assert house.create_user("api@example.com")["locale"] is None


def test_a_page_without_a_language_that_we_speak_leaves_mails_to_the_setting(
    furnished_database: str,
) -> None:
    house = House(furnished_database, limits=False, default_locale="fr")
    try:
        house.create_user()
        assert subject_of_code(house, Browser(house, language="pt")) == "Votre code de connexion à Gatelodge"
    finally:
        house.close()
