"""The style sheets of the pages."""

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


@functools.cache
def _read(name: str) -> tuple[bytes, str]:
    body = resources.files("gatelodge").joinpath("templates", "pages", name).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def show_style(runtime: Runtime, request: Request) -> Response:  # noqa: ARG001  # every page is given the runtime
    """Give the style sheet of all pages."""
    body, tag = _read("style.css")
    headers = [("cache-control", _HOUR), ("etag", tag), ("x-content-type-options", "nosniff")]
    if request.headers.get("if-none-match") == tag:
        return Response(status=304, headers=headers)
    return Response(status=200, headers=[_CSS, *headers], body=body)


def show_brand(runtime: Runtime, request: Request) -> Response:
    """Give the colours of an environment's brand; of one that does not exist, none."""
    visit = Visit(runtime, request)
    policy = applications.find_policy(visit.unit, visit.ask("environment")[:64] or None)
    headers = [_CSS, ("cache-control", _HOUR), ("x-content-type-options", "nosniff")]
    return Response(status=200, headers=headers, body=write_style(policy).encode())


PAGES = (
    Page("GET", "/pages/brand.css", show_brand),
    Page("GET", "/pages/style.css", show_style),
)
