"""Values and pure functions of users: addresses and locales."""

from __future__ import annotations

import re
import unicodedata

import email_validator

from gatelodge.contract.errors import Fault, LocaleInvalid, RequestInvalid
from gatelodge.contract.locales import LOCALES

LONGEST_EMAIL = 254

# Nearly all addresses are of this form, which the library takes as it is, after 0.14 ms: letters, digits,
# dots, `+`, `-`, `_` before the `@`, and a domain in ASCII without any that IDNA could mean.
_PLAIN = re.compile(
    r"(?=[^@]{1,64}@)[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@((?![a-z0-9-]*--)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?P<top>[a-z]{2,63})",
    re.ASCII | re.IGNORECASE,
)
# Of domains below these the library refuses some.
_SPECIAL = frozenset(name.rpartition(".")[2] for name in email_validator.SPECIAL_USE_DOMAIN_NAMES)


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
    plain = _PLAIN.fullmatch(email)
    if plain is not None and plain["top"].lower() not in _SPECIAL:
        return email.lower()
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


def name_address(email: str) -> str:
    """Give the form under which attempts at an address are counted, and users found; of what is none, too."""
    return find_email_form(email) or email.strip().casefold()


def require_email_form(email: str) -> str:
    """Give the normalized form of an address that a request must have.

    Raises:
        RequestInvalid: The text is not an address.
    """
    try:
        return normalize_email(email.strip())
    except NotAnEmail:
        fault = Fault(code="invalid", field="email", message="email must be an email address.")
        raise RequestInvalid(errors=[fault]) from None


def check_locale(locale: str | None) -> str | None:
    """Let a supported locale pass.

    Raises:
        LocaleInvalid: It is not in the contract's list (page 19).
    """
    if locale is not None and locale not in LOCALES:
        raise LocaleInvalid
    return locale
