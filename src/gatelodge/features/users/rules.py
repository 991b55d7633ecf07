"""Values and pure functions of users: addresses, metadata, locales."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import email_validator

from gatelodge.contract.errors import LocaleInvalid, MetadataInvalid
from gatelodge.contract.locales import LOCALES

LONGEST_EMAIL = 254
MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 600


class NotAnEmail(Exception):
    """The text is not an address of e-mail."""


def normalize_email(email: str) -> str:
    """Give the one form under which an address is unique and looked up.

    NFKC and case folding for the local part, ASCII (IDNA 2008) in lower case for the
    domain. Full-width signs, Unicode domains and letter case cannot make a second account
    of one address; dots and `+tags` are the mail server's business and stay.

    Raises:
        NotAnEmail: The text has no form of an address (RFC 5321 §4.1.2).
    """
    if len(email) > LONGEST_EMAIL:
        raise NotAnEmail
    try:
        checked = email_validator.validate_email(email, check_deliverability=False, globally_deliverable=False)
    except (email_validator.EmailNotValidError, UnicodeError):
        raise NotAnEmail from None
    local = unicodedata.normalize("NFKC", checked.local_part).casefold()
    return f"{local}@{checked.ascii_domain.lower()}"


def find_email_form(email: str) -> str | None:
    """Give the normalized form, or None when the text is not an address."""
    try:
        return normalize_email(email.strip())
    except NotAnEmail:
        return None


def merge_metadata(current: Mapping[str, str], given: Mapping[str, str | None] | None) -> dict[str, str]:
    """Set the given keys, remove those given as null or empty; null removes all.

    Raises:
        MetadataInvalid: The outcome has over 50 keys, or a key or value is too long.
    """
    if given is None:
        return {}
    merged = dict(current)
    for key, value in given.items():
        if not key or len(key) > LONGEST_KEY:
            raise MetadataInvalid(f"A metadata key has 1 to {LONGEST_KEY} characters.")
        if not value:
            merged.pop(key, None)
        elif len(value) > LONGEST_VALUE:
            raise MetadataInvalid(f"A metadata value has at most {LONGEST_VALUE} characters.")
        else:
            merged[key] = value
    if len(merged) > MOST_KEYS:
        raise MetadataInvalid(f"There are at most {MOST_KEYS} metadata keys.")
    return merged


def check_locale(locale: str | None) -> str | None:
    """Let a supported locale pass.

    Raises:
        LocaleInvalid: It is not in the contract's list (page 19).
    """
    if locale is not None and locale not in LOCALES:
        raise LocaleInvalid
    return locale
