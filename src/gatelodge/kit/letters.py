"""Write mails and SMS: templates filled in the reader's language; a mail as plain text and as HTML.

Templates run in a sandbox, and whatever is filled into HTML is escaped. An operator's
folder comes before the built-in templates; each file is looked for on its own, so that a
subject or the layout alone may be replaced.
"""

from __future__ import annotations

import functools
import gettext
import re
import unicodedata
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from gatelodge.kit.mail_templates import MAIL_TEMPLATES, SMS_TEMPLATES, Values

if TYPE_CHECKING:
    from jinja2 import BaseLoader

LANGUAGES = ("de", "en", "fr")
"""The languages with a catalogue; English is the text of the templates themselves."""

_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LONGEST_NAME = 100
_LONGEST_SUBJECT = 200
_LONGEST_SMS = 1_000
_LETTER_MAKERS = 64
# What a mail program would turn into a link. A name must not bring one into an invitation.
_LINK_IN_NAME = re.compile(r"(?<=\w)(?=\.\w\w)|(?<=:)(?=//)|(?<=\w)(?=@\w)")
_WORD_JOINER = "\u2060"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says; `subject` is one line."""

    locale: str
    subject: str
    text: str
    html: str


class LetterWriter:
    """Renders the templates; safe to share between threads."""

    def __init__(self, *, brand: str, default_locale: str, folder: str = "") -> None:
        """Take the brand's name, the language of last resort and the operator's folder."""
        self._brand = brand
        self._default_locale = default_locale
        self._folder = Path(folder) if folder else None
        self._find_templates = functools.lru_cache(_LETTER_MAKERS)(self._open_templates)

    def write(self, template: str, *, environment_id: str, locale: str | None, values: Values) -> Letter:
        """Fill a template.

        Raises:
            jinja2.TemplateError: A template of the operator's folder is no good.
        """
        wanted = locale if locale and _LOCALE.fullmatch(locale) else self._default_locale
        language = choose_language(wanted, self._default_locale)
        templates = self._find_templates(environment_id if self._folder else "", wanted)
        filled = self._fill(template, values) | {"locale": language}
        parts = {
            part: templates.get_template(f"{template}.{part}").render(filled) for part in ("subject", "txt", "html")
        }
        subject = _one_line(parts["subject"], longest=_LONGEST_SUBJECT)
        return Letter(locale=language, subject=subject, text=_tidy(parts["txt"]), html=_dense(parts["html"]))

    def write_sms(self, template: str, *, environment_id: str, locale: str | None, values: Values) -> str:
        """Fill the template of an SMS: one line, in the language a mail would have.

        Raises:
            jinja2.TemplateError: A template of the operator's folder is no good.
        """
        wanted = locale if locale and _LOCALE.fullmatch(locale) else self._default_locale
        templates = self._find_templates(environment_id if self._folder else "", wanted)
        text = templates.get_template(f"{template}.sms").render(self._fill(template, values))
        # The joiner that keeps a name from becoming a link would double what the SMS costs.
        return _one_line(text.replace(_WORD_JOINER, ""), longest=_LONGEST_SMS)

    def _fill(self, template: str, values: Values) -> dict[str, str | int | None]:
        known = MAIL_TEMPLATES.get(template) or SMS_TEMPLATES[template]
        filled: dict[str, str | int | None] = dict.fromkeys(known.required | known.optional)
        filled |= values
        filled["brand"] = values.get("brand") or self._brand
        return {name: _defuse(value) if name in _NAMES else value for name, value in filled.items()}

    def _open_templates(self, environment_id: str, locale: str) -> SandboxedEnvironment:
        templates = SandboxedEnvironment(
            loader=ChoiceLoader([*self._find_loaders(environment_id, locale), FunctionLoader(_read_built_in)]),
            autoescape=lambda name: name is not None and name.endswith(".html"),
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            lstrip_blocks=True,
        )
        templates.policies["ext.i18n.trimmed"] = True
        catalogue = _read_catalogue(choose_language(locale, self._default_locale))
        templates.install_gettext_translations(catalogue, newstyle=True)  # type: ignore[attr-defined]  # the extension brings it
        return templates

    def _find_loaders(self, environment_id: str, locale: str) -> list[BaseLoader]:
        if self._folder is None:
            return []
        roots = [self._folder]
        if _FOLDER_NAME.fullmatch(environment_id):
            roots.insert(0, self._folder / environment_id)
        language = locale.partition("-")[0]
        return [FileSystemLoader([root / locale, root / language, root]) for root in roots]


_NAMES = frozenset({"brand", "inviter_name", "organization_name"})


def choose_language(locale: str, default: str) -> str:
    """Choose a language that has a catalogue: `de-AT` is read in `de`, then comes the default, then English."""
    for wanted in (locale, default):
        language = wanted.partition("-")[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def _read_built_in(name: str) -> str | None:
    file = resources.files("gatelodge").joinpath("templates", "mail", name)
    return file.read_text("utf-8") if file.is_file() else None


def _read_catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    file = resources.files("gatelodge").joinpath("templates", "locale", language, "mail.mo")
    with file.open("rb") as stream:
        return gettext.GNUTranslations(stream)


def _defuse(name: str | int | None) -> str | int | None:
    if not isinstance(name, str):
        return name
    return _LINK_IN_NAME.sub(_WORD_JOINER, _one_line(name, longest=_LONGEST_NAME))


def _one_line(text: str, *, longest: int) -> str:
    # Cc and Cf hold line breaks, terminal codes and the marks that turn text around.
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    line = " ".join(visible.split())
    bare = "".join(char for char in line if unicodedata.category(char) != "Cf" or char in _SHAPING)
    return bare if len(bare) <= longest else bare[: longest - 1].rstrip() + "…"


# Joiners that scripts and emoji need, and our own.
_SHAPING = frozenset({"\u200c", "\u200d", _WORD_JOINER})


def _dense(html: str) -> str:
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n"


def _tidy(text: str) -> str:
    lines = [line.rstrip() for line in text.strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"
