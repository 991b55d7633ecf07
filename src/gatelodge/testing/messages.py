"""The mails and SMS of a test, as their readers would see them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import msgspec

from gatelodge.kit import inbox
from gatelodge.kit.mail import open_writer

if TYPE_CHECKING:
    from gatelodge.kit.inbox import KeptMessage
    from gatelodge.kit.letters import LetterWriter
    from gatelodge.kit.unit import Runtime

_LINK = re.compile(r"https?://[^\s<>\"]+")
_CODE = re.compile(r"\b\d{4,10}\b")
_MOST = 10_000


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A mail or SMS; an SMS has neither subject nor HTML.

    `template` tells what it is about, such as `magic_auth` or `password_reset`; it is None
    for an SMS in the caller's own words. `sent_at` is in milliseconds, as the clock told.
    """

    channel: Literal["email", "sms"]
    to: str
    template: str | None
    subject: str | None
    text: str
    html: str | None
    code: str | None
    """The code to be typed, or None where the message holds none."""
    link: str | None
    """The address to be opened, or None where the message holds none."""
    sent_at: int


def read_messages(runtime: Runtime, *, to: str | None = None) -> list[Message]:
    """List what was sent, oldest first: all of it, or what went to one address or number."""
    kept = inbox.list_kept(runtime.database.reads, runtime.sealer, to=to, limit=_MOST)
    writer = open_writer(runtime.settings)
    return [_read(writer, message) for message in reversed(kept)]


def _read(writer: LetterWriter, kept: KeptMessage) -> Message:
    subject, text, html = _write(writer, kept)
    return Message(
        channel="email" if kept.channel == "email" else "sms",
        to=kept.recipient,
        template=kept.template,
        subject=subject,
        text=text,
        html=html,
        code=_find(kept, "code", _CODE, text),
        link=_find(kept, "link", _LINK, text),
        sent_at=kept.created_at,
    )


def _write(writer: LetterWriter, kept: KeptMessage) -> tuple[str | None, str, str | None]:
    if kept.template is None:
        return None, str(kept.values.get("text", "")), None
    if kept.channel == "sms":
        sms = writer.write_sms(
            kept.template, environment_id=kept.environment_id, locale=kept.locale, values=kept.values
        )
        return None, sms, None
    letter = writer.write(kept.template, environment_id=kept.environment_id, locale=kept.locale, values=kept.values)
    return letter.subject, letter.text, letter.html


def _find(kept: KeptMessage, name: str, pattern: re.Pattern[str], text: str) -> str | None:
    """Take what the template was filled with; only words that the caller chose are searched."""
    if kept.template is not None:
        value = kept.values.get(name)
        return None if value is None else str(value)
    found = pattern.search(text)
    return found.group() if found else None
