"""The inbox of development mode: what would have been sent, as JSON and as its reader would see it.

The page has no script. A mail stands in a frame of its own, where nothing runs and whence
nothing but a picture is fetched; its links open in a new window.
"""

from __future__ import annotations

import functools
from importlib import resources
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, urlencode

import msgspec
from jinja2 import Environment, TemplateError

from gatelodge.contract.timestamps import write_timestamp
from gatelodge.doors.branding import lend_brand
from gatelodge.doors.http import Response, answer_json
from gatelodge.doors.routing import Page
from gatelodge.kit import inbox
from gatelodge.kit.letters import Letter, LetterWriter
from gatelodge.kit.mail import open_writer
from gatelodge.kit.route import Lane

if TYPE_CHECKING:
    from jinja2 import Template

    from gatelodge.doors.http import Request
    from gatelodge.kit.inbox import KeptMessage
    from gatelodge.kit.unit import Runtime

_PATH = "/_dev/inbox"
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_WRITER = "inbox_writer"


class InboxMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A mail or SMS; an SMS has neither subject nor HTML."""

    id: str
    channel: Literal["email", "sms"]
    to: str
    subject: str | None
    text: str
    html: str | None
    created_at: str


def show_inbox(runtime: Runtime, request: Request) -> Response:
    """Show what was sent, newest first: JSON, unless the caller prefers HTML.

    `to` narrows it to one recipient; on the page, `id` chooses a message and `view=text`
    its plain form.
    """
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    to = asked.get("to")
    kept = inbox.list_kept(runtime.database.reads, runtime.sealer, to=to)
    messages = [_render(runtime, message) for message in kept]
    if not prefers_html(request.headers.get("accept", "")):
        return answer_json(200, {"data": messages})
    page = _page().render(
        messages=[_entry(message, to) for message in messages],
        shown=next((_entry(message, to) for message in messages if message.id == asked.get("id")), None),
        to=to,
        back=_address(to=to),
        view="text" if asked.get("view") == "text" else "html",
    )
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", _POLICY),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ]
    return Response(status=200, headers=headers, body=page.encode())


def list_latest(runtime: Runtime, most: int) -> list[dict[str, str | None]]:
    """List the newest messages, each with its title and the address of its page."""
    kept = inbox.list_kept(runtime.database.reads, runtime.sealer, limit=most)
    return [_entry(_render(runtime, message), None) for message in kept]


def empty_inbox(runtime: Runtime, request: Request) -> Response:  # noqa: ARG001  # a page is given the request
    """Remove all that is kept."""
    runtime.database.write(inbox.clear)
    return Response(status=204, headers=[])


def prefers_html(accept: str) -> bool:
    """Tell whether an `Accept` header ranks HTML above JSON (RFC 9110 §12.5.1)."""
    ranks = {"text/html": -1.0, "application/json": -1.0}
    for part in accept.split(","):
        kind, *parameters = [piece.strip() for piece in part.lower().split(";")]
        if kind in ranks:
            ranks[kind] = next((_read_rank(text) for text in parameters if text.startswith("q=")), 1.0)
    return ranks["text/html"] > max(ranks["application/json"], 0)


def _read_rank(text: str) -> float:
    try:
        return float(text.removeprefix("q="))
    except ValueError:
        return 0.0


def _render(runtime: Runtime, kept: KeptMessage) -> InboxMessage:
    letter = None if kept.template is None else _write(runtime, kept, kept.template)
    is_mail = kept.channel == "email"
    return InboxMessage(
        id=kept.id,
        channel="email" if is_mail else "sms",
        to=kept.recipient,
        subject=letter.subject if letter and is_mail else None,
        text=letter.text if letter else str(kept.values.get("text", "")),
        html=letter.html if letter and is_mail else None,
        created_at=write_timestamp(kept.created_at),
    )


def _write(runtime: Runtime, kept: KeptMessage, template: str) -> Letter:
    writer: LetterWriter = runtime.memory.setdefault(_WRITER, open_writer(runtime.settings))
    values = lend_brand(runtime, kept.environment_id, kept.values)
    try:
        if kept.channel == "sms":
            text = writer.write_sms(template, environment_id=kept.environment_id, locale=kept.locale, values=values)
            return Letter(locale="", subject="", text=text, html="")
        return writer.write(template, environment_id=kept.environment_id, locale=kept.locale, values=values)
    except TemplateError as fault:
        place = f"{getattr(fault, 'name', None) or template}, line {getattr(fault, 'lineno', '?')}"
        told = f"{type(fault).__name__} in {place}: {fault.message}"
        return Letter(locale="en", subject=f"The template {template} is broken", text=told, html="")


def _entry(message: InboxMessage, to: str | None) -> dict[str, str | None]:
    return {
        "id": message.id,
        "address": _address(to=to, id=message.id),
        "channel": message.channel,
        "kind": "SMS" if message.channel == "sms" else "Mail",
        "to": message.to,
        "title": message.subject or message.text,
        "text": message.text,
        # A link in a mail leads out of the mail: into a window of its own.
        "page": (message.html or message.text).replace("<head>", '<head><base target="_blank">', 1),
        "created_at": message.created_at,
    }


def _address(**asked: str | None) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{_PATH}?{query}" if query else _PATH


@functools.cache
def _page() -> Template:
    text = resources.files("gatelodge").joinpath("templates", "development", "inbox.html").read_text("utf-8")
    return Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)


PAGES = (
    Page("DELETE", _PATH, empty_inbox, lane=Lane.WRITE),
    Page("GET", _PATH, show_inbox),
)
