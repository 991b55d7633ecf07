"""An environment's own name, colours and words on its pages."""

from __future__ import annotations

from importlib import resources
from typing import Any, get_args

import pytest

from gatelodge.doors.hosted.branding import DARK_GROUND, LIGHT_GROUND, contrast, write_style
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.brand import Language
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.kit.letters import LANGUAGES
from tests.harness.inprocess import ENVIRONMENT, House
from tests.hosted.browser import Browser

READABLE, VISIBLE = 4.5, 3
COLOURS = ["#000000", "#ffffff", "#ffff00", "#00ff00", "#ff0000", "#0000ff", "#777777", "#7f7f00", "#0a6b4f", "#fefefe"]


def _set(house: House, **policy: Any) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(**policy))


def test_a_name_and_a_colour_come_with_a_style_sheet_of_their_own(house: House, browser: Browser) -> None:
    _set(house, brand_name="Acme", brand_colour="#0a6b4f")

    text = browser.authorize().text

    address = text.split('<link rel="stylesheet" href="/pages/brand.css')[1].split('"')[0].replace("&amp;", "&")
    style = browser.send("GET", f"/pages/brand.css{address}")
    assert b"--accent:#0a6b4f;--on-accent:#fff" in style.body
    assert "Acme" in text
    assert browser.send("GET", "/pages/brand.css?environment=nowhere").body.strip() == b""


@pytest.mark.parametrize("colour", COLOURS)
def test_whatever_the_colour_all_text_can_be_read(colour: str) -> None:
    light, dark = write_style(EnvironmentPolicy(brand_colour=colour)).splitlines()

    for rule, ground in ((light, LIGHT_GROUND), (dark, DARK_GROUND)):
        pairs = (each.split(":", 1) for each in rule.rpartition("{")[2].rstrip("}").split(";"))
        found = {name: value if len(value) > 4 else f"#{value[1:] * 2}" for name, value in pairs}
        assert found["--accent"] == colour
        assert contrast(found["--accent"], found["--on-accent"]) >= READABLE
        # Under the pointer a button moves towards this: away from its text.
        assert found["--lift"] != found["--on-accent"]
        assert contrast(found["--link"], ground) >= READABLE
        edge = found["--accent"] if found["--rim"] == "transparent" else found["--rim"]
        assert contrast(edge, ground) >= VISIBLE


def test_a_colour_that_can_be_read_is_not_touched() -> None:
    style = write_style(EnvironmentPolicy(brand_colour="#1f5c4a", brand_colour_dark="#7fc7ae"))

    assert "--link:#1f5c4a" in style
    assert "--link:#7fc7ae" in style


def test_the_grounds_that_colours_are_held_against_are_the_hardest_of_the_style_sheet() -> None:
    style = resources.files("gatelodge").joinpath("templates", "pages", "style.css").read_text()
    light, dark = (style.split(":root {")[part].split("}")[0] for part in (1, 2))

    for rules, link, hardest in ((light, "#000000", LIGHT_GROUND), (dark, "#ffffff", DARK_GROUND)):
        pairs = (line.strip(" ;").split(": ") for line in rules.splitlines() if line.strip().startswith("--"))
        found = {name: value for name, value in pairs if name in ("--ground", "--card", "--well")}
        grounds = [value if len(value) > 4 else f"#{value[1:] * 2}" for value in found.values()]
        assert len(grounds) == 3
        assert min(grounds, key=lambda ground: contrast(ground, link)) == hardest


def test_words_of_ones_own_are_shown_to_those_who_read_their_language(house: House, browser: Browser) -> None:
    _set(
        house,
        sign_in_title={"en": "Welcome to <Acme>", "de": "Willkommen"},
        sign_in_text={"en": "Use your work address."},
        sign_up_title={"en": "Try it"},
        sign_up_text={"fr": "Sans carte."},
        footer_text={"en": "1 High Street"},
    )

    english = browser.authorize().text
    german = browser.visit("/sign-in?ui_locales=de").text
    sign_up = browser.visit("/sign-up").text
    french = browser.visit("/sign-up?ui_locales=fr").text

    assert "<h1>Welcome to &lt;Acme&gt;</h1>" in english
    assert "<p>Use your work address.</p>" in english
    assert "1 High Street" in english
    assert "<h1>Willkommen</h1>" in german
    assert "work address" not in german
    assert "High Street" not in german
    assert "<h1>Try it</h1>" in sign_up
    assert "<p>Sans carte.</p>" in french
    assert "Try it" not in french


def test_words_may_be_given_in_every_language_of_the_pages() -> None:
    assert get_args(Language) == LANGUAGES
