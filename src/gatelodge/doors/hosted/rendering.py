"""Fill the templates of the pages, and answer with what protects them."""

from __future__ import annotations

import functools
import gettext
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

from gatelodge.contract.timestamps import write_timestamp
from gatelodge.doors.hosted.branding import find_look
from gatelodge.doors.hosted.languages import direction_of
from gatelodge.doors.http import Response, answer_json
from gatelodge.features.authorization.redirects import origin_of
from gatelodge.features.passwords.rules import SHORTEST, SHORTEST_NIST

if TYPE_CHECKING:
    from gatelodge.doors.hosted.visit import Visit

_OK = 200
_SEE_OTHER = 303


def show(visit: Visit, template: str, *, status: int = _OK, has_scripts: bool = False, **values: object) -> Response:
    """Answer with a page in the visitor's language; `has_scripts` lets ours for passkeys run on it."""
    language = visit.language
    look = find_look(visit)
    request = visit.sign_in
    filled = {
        "brand": look,
        "direction": direction_of(language),
        "fault": None,
        "form_client": request.asked.client_id if request is not None else None,
        "form_token": visit.form_token,
        "has_scripts": has_scripts,
        "language": language,
        "shortest": SHORTEST_NIST if visit.settings.password_profile == "nist" else SHORTEST,
        **values,
    }
    text = _templates(language).get_template(f"{template}.html").render(filled)
    body = "\n".join(line for line in text.splitlines() if line.strip()) + "\n"
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        *_protect(visit, look.image_source, has_scripts=has_scripts),
        *visit.headers,
    ]
    return Response(status=status, headers=headers, body=body.encode())


def go_to(visit: Visit, address: str, *, status: int = _SEE_OTHER) -> Response:
    """Send the browser on; 303 has it come with GET, whatever it came with here."""
    headers = [
        ("location", address),
        ("cache-control", "no-store, private"),
        ("referrer-policy", "no-referrer"),
        ("vary", "Cookie, Accept-Language"),
    ]
    return Response(status=status, headers=[*headers, *visit.headers])


def answer_script(visit: Visit, value: object, *, status: int = _OK) -> Response:
    """Answer a script of ours with JSON that nothing keeps."""
    response = answer_json(status, value)
    response.headers += [("cache-control", "no-store, private"), ("x-content-type-options", "nosniff"), *visit.headers]
    return response


def _protect(visit: Visit, image_source: str, *, has_scripts: bool) -> list[tuple[str, str]]:
    policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": " ".join(_form_targets(visit)),
        "frame-ancestors": "'none'",
        "img-src": f"'self' data: {image_source}".strip(),
        "style-src": "'self'",
    }
    if has_scripts:
        policy |= {"connect-src": "'self'", "script-src": "'self'"}
    return [
        ("cache-control", "no-store, private"),
        ("content-security-policy", "; ".join(f"{name} {value}" for name, value in policy.items())),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
        ("referrer-policy", "no-referrer"),
        ("vary", "Cookie, Accept-Language"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ]


def _form_targets(visit: Visit) -> list[str]:
    """List where a form may lead: to us, and by our redirects to the app.

    Browsers hold the whole chain of redirects against this, and apps go on from their
    callback to other hosts of theirs; so for them every HTTPS address has to do.
    """
    request = visit.sign_in
    if request is None or request.asked.redirect_uri is None:
        return ["'self'"]
    return ["'self'", "https:", origin_of(request.asked.redirect_uri)]


@functools.cache
def _templates(language: str) -> Environment:
    templates = Environment(
        loader=FunctionLoader(_read_template),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.policies["ext.i18n.trimmed"] = True
    templates.filters["timestamp"] = write_timestamp
    templates.install_gettext_translations(_read_catalogue(language), newstyle=True)  # type: ignore[attr-defined]  # the extension brings it
    return templates


def _read_template(name: str) -> str | None:
    file = resources.files("gatelodge").joinpath("templates", "pages", name)
    return file.read_text("utf-8") if file.is_file() else None


def _read_catalogue(language: str) -> gettext.NullTranslations:
    file = resources.files("gatelodge").joinpath("templates", "locale", language, "pages.mo")
    if not file.is_file():
        return gettext.NullTranslations()
    with file.open("rb") as stream:
        return gettext.GNUTranslations(stream)
