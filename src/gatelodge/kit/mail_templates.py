"""The mails and SMS there are, and what each of them must be told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import msgspec

Values: TypeAlias = Mapping[str, str | int | None]


class MailTemplate(msgspec.Struct, frozen=True):
    """What a mail's text is filled with; any of them may also be given `brand`."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


_CODE = frozenset({"code"})
_LINK = frozenset({"link"})
_MINUTES = frozenset({"minutes"})

# In alphabetical order; docs/mails.md tells what each value means.
MAIL_TEMPLATES: dict[str, MailTemplate] = {
    "account_exists": MailTemplate(frozenset(), _LINK),
    "email_change": MailTemplate(_CODE, _MINUTES),
    "email_change_notice": MailTemplate(frozenset({"new_email"}), frozenset({"days", "done", "link"})),
    "email_verification": MailTemplate(_CODE, _MINUTES),
    "invitation": MailTemplate(_LINK, frozenset({"days", "inviter_name", "organization_name"})),
    "magic_auth": MailTemplate(_CODE, _MINUTES),
    "mfa_enrolled": MailTemplate(frozenset(), frozenset({"factor"})),
    "mfa_removed": MailTemplate(frozenset(), frozenset({"factor"})),
    "passkey_added": MailTemplate(frozenset()),
    "passkey_copied": MailTemplate(frozenset()),
    "passkey_removed": MailTemplate(frozenset()),
    "password_changed": MailTemplate(frozenset()),
    "password_reset": MailTemplate(_LINK, _MINUTES),
    "recovery_code_used": MailTemplate(frozenset(), frozenset({"left"})),
    "recovery_codes_made": MailTemplate(frozenset()),
}

SMS_TEMPLATES: dict[str, MailTemplate] = {"mfa_code": MailTemplate(_CODE)}


def check_values(template: str, values: Values) -> None:
    """Make sure that the template of a mail or SMS exists and is given what it needs.

    Raises:
        ValueError: It does not, is not, or is given what it does not know: a mistake in
            the calling code, told before anything is written.
    """
    known = MAIL_TEMPLATES.get(template) or SMS_TEMPLATES.get(template)
    if known is None:
        raise ValueError(f"there is no mail template {template!r}")
    given = {name for name, value in values.items() if value is not None}
    if lacking := known.required - given:
        raise ValueError(f"mail {template!r} lacks {', '.join(sorted(lacking))}")
    if unknown := values.keys() - known.required - known.optional - {"brand"}:
        raise ValueError(f"mail {template!r} does not know {', '.join(sorted(unknown))}")
