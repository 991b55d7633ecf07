"""Mails in the reader's language, whole in each, and replaceable by the operator."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest

from gatelodge.kit.letters import LANGUAGES, LetterWriter
from gatelodge.kit.mail_templates import MAIL_TEMPLATES, SMS_TEMPLATES, Values
from tools import catalogues

EVERYTHING: dict[str, str | int] = {
    "code": "048213",
    "days": 7,
    "done": 1,
    "factor": "totp",
    "inviter_name": "Ada Lovelace",
    "left": 9,
    "link": "https://auth.example.com/path?token=abc&x=1",
    "minutes": 10,
    "new_email": "ada.new@example.com",
    "organization_name": "Analytical Engines",
}


def values_of(template: str, *, optional: bool = True) -> Values:
    known = MAIL_TEMPLATES[template]
    names = known.required | (known.optional if optional else frozenset())
    return {name: EVERYTHING[name] for name in names}


def writer(folder: Path | None = None, *, default_locale: str = "en") -> LetterWriter:
    return LetterWriter(brand="Acme", default_locale=default_locale, folder=str(folder or ""))


@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("template", MAIL_TEMPLATES)
def test_every_mail_can_be_written_in_every_language(template: str, locale: str) -> None:
    for optional in (True, False):
        letter = writer().write(
            template, environment_id="environment_1", locale=locale, values=values_of(template, optional=optional)
        )

        assert letter.locale == locale
        assert f'<html lang="{locale}">' in letter.html
        assert letter.subject
        assert "\n" not in letter.subject
        assert len(letter.html.encode()) < 20_000
        assert "None" not in letter.text + letter.html
        for name in MAIL_TEMPLATES[template].required:
            assert str(EVERYTHING[name]) in letter.text
            assert str(EVERYTHING[name]).replace("&", "&amp;") in letter.html
        assert "<script" not in letter.html
        # Nothing is fetched when a mail is opened: that would tell who read it, and when.
        assert not re.search(r"<(img|link|iframe|object)\b|url\(|@import", letter.html)


@pytest.mark.parametrize("template", MAIL_TEMPLATES)
def test_the_languages_differ(template: str) -> None:
    letters = [
        writer().write(template, environment_id="e", locale=locale, values=values_of(template)) for locale in LANGUAGES
    ]

    assert len({letter.subject for letter in letters}) == len(LANGUAGES)
    bodies = [set(letter.text.splitlines()) for letter in letters]
    assert not [
        line
        for line in bodies[0] & bodies[1] | bodies[1] & bodies[2] | bodies[0] & bodies[2]
        if line.strip() and line.strip() not in (EVERYTHING["code"], EVERYTHING["link"])
    ]


@pytest.mark.parametrize("locale", ["de", "de-DE", "de-AT", "DE"])
def test_a_region_is_written_to_in_its_language(locale: str) -> None:
    letter = writer().write("password_changed", environment_id="e", locale=locale, values={})

    assert letter.subject == "Ihr Passwort bei Acme wurde geändert"


@pytest.mark.parametrize("locale", [None, "", "ja", "zh-TW", "../../etc", "de/../fr", "x" * 500])
def test_any_other_language_falls_to_the_default(locale: str | None) -> None:
    letter = writer(default_locale="fr-CA").write("password_changed", environment_id="e", locale=locale, values={})

    assert letter.locale == "fr"


def test_one_minute_is_not_one_minutes() -> None:
    one = writer().write("magic_auth", environment_id="e", locale="en", values={"code": "1", "minutes": 1})
    many = writer().write("magic_auth", environment_id="e", locale="en", values={"code": "1", "minutes": 10})

    assert "within one minute." in one.text
    assert "within 10 minutes." in many.text


def test_an_operators_file_comes_before_ours_and_the_environments_own_before_all(tmp_path: Path) -> None:
    for path, text in {
        "magic_auth.subject": "for all",
        "de/magic_auth.subject": "für alle",
        "environment_1/de/magic_auth.subject": "nur hier: {{ code }}",
        "environment_1/layout.html": "<main>{% block content %}{% endblock %}</main>",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    ours = writer(tmp_path)

    def subject(environment_id: str, locale: str) -> str:
        return ours.write("magic_auth", environment_id=environment_id, locale=locale, values={"code": "7"}).subject

    assert subject("environment_1", "de-CH") == "nur hier: 7"
    assert subject("environment_2", "de") == "für alle"
    assert subject("environment_2", "fr") == "for all"
    html = ours.write("magic_auth", environment_id="environment_1", locale="fr", values={"code": "7"}).html
    assert html.startswith("<main>")
    assert "Saisissez ce code" in html


def test_an_environments_id_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "magic_auth.subject").write_text("outside", encoding="utf-8")
    (tmp_path / "folder").mkdir()

    letter = writer(tmp_path / "folder").write(
        "magic_auth", environment_id="../outside", locale="en", values={"code": "7"}
    )

    assert letter.subject == "Your code to sign in to Acme"


def test_a_template_runs_in_a_sandbox(tmp_path: Path) -> None:
    (tmp_path / "magic_auth.txt").write_text("{{ ''.__class__.__mro__ }}", encoding="utf-8")

    with pytest.raises(Exception, match=r"unsafe|undefined|has no attribute"):
        writer(tmp_path).write("magic_auth", environment_id="e", locale="en", values={"code": "7"})


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_text_is_translated_with_the_same_values_in_it(language: str) -> None:
    texts = {message.id: message for message in catalogues.extract() if message.id}
    translated = {message.id: message for message in catalogues.read(language) if message.id}

    assert translated.keys() == texts.keys()
    assert catalogues.lacking(catalogues.read(language)) == []
    for message in translated.values():
        originals = message.id if isinstance(message.id, tuple | list) else (message.id,)
        wanted = placeholders(str(originals[-1]))
        assert placeholders(catalogues.forms(message)[-1]) == wanted, message.id


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s", text))


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_what_is_read_at_run_time_is_what_was_translated(language: str) -> None:
    with catalogues.po_file(language).with_suffix(".mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)

    for message in catalogues.read(language):
        if not message.id:
            continue
        if message.pluralizable:
            one, many = (str(form) for form in message.id)
            assert catalogues.forms(message) == (compiled.ngettext(one, many, 1), compiled.ngettext(one, many, 2))
        else:
            assert catalogues.forms(message) == (compiled.gettext(str(message.id)),)


def test_the_languages_that_are_offered_are_those_that_are_translated() -> None:
    assert {*catalogues.LANGUAGES, "en"} == set(LANGUAGES)
    assert {path.name for path in (catalogues.TEMPLATES / "locale").iterdir()} == set(catalogues.LANGUAGES)


# The basic alphabet of GSM 03.38: one character more makes an SMS of 70 characters out of one of 160.
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)


@pytest.mark.parametrize("template", SMS_TEMPLATES)
def test_every_sms_is_written_in_every_language_and_fits_into_one(template: str) -> None:
    values: Values = {"code": "048213", "brand": "acme.example"}
    texts = [
        writer().write_sms(template, environment_id="e", locale=locale, values=values)
        for locale in ("de-AT", "en", "fr")
    ]

    assert len(set(texts)) == 3
    for text in texts:
        assert text.startswith("048213 ")
        assert "acme.example" in text
        assert len(text) <= 160 - 40
        assert set(text) <= GSM


def test_an_operators_sms_comes_before_ours(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "mfa_code.sms").write_text("Nur {{ code }}\nfür {{ brand }}\n", encoding="utf-8")

    text = writer(tmp_path).write_sms("mfa_code", environment_id="e", locale="de", values={"code": "048213"})

    assert text == "Nur 048213 für Acme"


def test_every_template_has_its_three_files_and_no_file_is_left_over() -> None:
    files = {path.name for path in (catalogues.TEMPLATES / "mail").iterdir()}

    parts = {f"{name}.{part}" for name in MAIL_TEMPLATES for part in ("subject", "txt", "html")}
    texts = {f"{name}.sms" for name in SMS_TEMPLATES}
    assert files == parts | texts | {"layout.html", "layout.txt", "parts.html"}


def test_the_page_about_mails_tells_every_template_and_value() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "mails.md").read_text(encoding="utf-8")

    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", page, re.MULTILINE))
    for name, template in MAIL_TEMPLATES.items():
        for value in template.required | template.optional:
            assert f"`{value}`" in rows[name], (name, value)


def test_no_line_of_a_heading_ends_within_the_word_e_mail() -> None:
    for locale, word in (("de", "E\u2011Mail"), ("fr", "e\u2011mail")):
        letter = writer().write("email_change_notice", environment_id="e", locale=locale, values={"new_email": "a@b"})

        assert word in letter.html
        assert word.replace("\u2011", "-") in letter.subject
