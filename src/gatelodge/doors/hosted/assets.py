"""The style sheets of the pages, and the scripts of those few that have any."""

from __future__ import annotations

import functools
import hashlib
from importlib import resources
from typing import TYPE_CHECKING

from gatelodge.doors.hosted.branding import write_style
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Request, Response
from gatelodge.doors.routing import Page
from gatelodge.features.applications import actions as applications

if TYPE_CHECKING:
    from gatelodge.kit.unit import Runtime

_HOUR = "public, max-age=3600"
_CSS = ("content-type", "text/css; charset=utf-8")
_JS = ("content-type", "text/javascript; charset=utf-8")
_FOLDERS = {"passkeys.js": "scripts", "simplewebauthn-browser.js": "scripts", "style.css": "pages"}


@functools.cache
def _read(folder: str, name: str) -> tuple[bytes, str]:
    body = resources.files("gatelodge").joinpath("templates", folder, name).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def address_of(name: str) -> str:
    """Give the address of a file, which changes with it: a page of this release never has an older one."""
    return f"/pages/{name}?v={_read(_FOLDERS[name], name)[1][1:13]}"


def _serve(name: str, kind: tuple[str, str]) -> Page:
    """Serve a file as it is, to be kept for an hour."""

    def handle(runtime: Runtime, request: Request) -> Response:  # noqa: ARG001  # every page is given the runtime
        body, tag = _read(_FOLDERS[name], name)
        headers = [("cache-control", _HOUR), ("etag", tag), ("x-content-type-options", "nosniff")]
        if request.headers.get("if-none-match") == tag:
            return Response(status=304, headers=headers)
        return Response(status=200, headers=[kind, *headers], body=body)

    return Page("GET", f"/pages/{name}", handle)


def show_brand(runtime: Runtime, request: Request) -> Response:
    """Give the colours of an environment's brand; of one that does not exist, none."""
    visit = Visit(runtime, request)
    policy = applications.find_policy(visit.unit, visit.ask("environment")[:64] or None)
    headers = [_CSS, ("cache-control", _HOUR), ("x-content-type-options", "nosniff")]
    return Response(status=200, headers=headers, body=write_style(policy).encode())


PAGES = (
    Page("GET", "/pages/brand.css", show_brand),
    _serve("passkeys.js", _JS),
    _serve("simplewebauthn-browser.js", _JS),
    _serve("style.css", _CSS),
)
