"""Fill the templates of the pages, and answer with what protects them."""

from __future__ import annotations

import functools
import gettext
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

from gatelodge.contract.timestamps import write_timestamp
from gatelodge.doors.hosted.assets import address_of
from gatelodge.doors.hosted.branding import Look, find_look
from gatelodge.doors.hosted.languages import choose_among, direction_of
from gatelodge.doors.http import Response, answer_error, answer_json
from gatelodge.features.authorization.redirects import origin_of
from gatelodge.features.passwords.rules import SHORTEST, SHORTEST_NIST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatelodge.contract.errors import GatelodgeError
    from gatelodge.doors.hosted.visit import Visit
    from gatelodge.doors.http import Request
    from gatelodge.kit.unit import Runtime

_OK = 200
_SEE_OTHER = 303
_HTML = ("content-type", "text/html; charset=utf-8")


def show(visit: Visit, template: str, *, status: int = _OK, has_scripts: bool = False, **values: object) -> Response:
    """Answer with a page in the visitor's language; `has_scripts` lets ours for passkeys run on it."""
    look = find_look(visit)
    request = visit.sign_in
    profile = visit.settings.password_profile
    filled = {
        "fault": None,
        "form_client": request.asked.client_id if request is not None else None,
        "form_token": visit.form_token,
        "has_scripts": has_scripts,
        "shortest": SHORTEST_NIST if profile == "nist" else SHORTEST,
        **values,
    }
    body = _fill(template, filled, language=visit.language, look=look)
    protection = _protect(_form_targets(visit), look.image_source, has_scripts=has_scripts)
    return Response(status=status, headers=[_HTML, *protection, *visit.headers], body=body)


def apologize(runtime: Runtime, request: Request, error: GatelodgeError) -> Response:
    """Answer with a page that needs nothing of what may have failed: no database, no cookie, no brand."""
    settings = runtime.settings
    language = choose_among("", request.headers.get("accept-language", ""), default=settings.default_locale)
    values = {"again": None, "code": error.code, "fault": None, "has_scripts": False}
    body = _fill("error", values, language=language, look=Look(name=settings.brand_name))
    told = [header for header in answer_error(error).headers if header[0] == "retry-after"]
    protection = _protect(["'self'"], "", has_scripts=False)
    return Response(status=error.status, headers=[_HTML, *protection, *told], body=body)


def _fill(template: str, values: Mapping[str, object], *, language: str, look: Look) -> bytes:
    shown = {
        "address_of": address_of,
        "brand": look,
        "direction": direction_of(language),
        "language": language,
        **values,
    }
    text = _templates(language).get_template(f"{template}.html").render(shown)
    return ("\n".join(line for line in text.splitlines() if line.strip()) + "\n").encode()


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


def _protect(form_targets: Sequence[str], image_source: str, *, has_scripts: bool) -> list[tuple[str, str]]:
    policy = {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": " ".join(form_targets),
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
