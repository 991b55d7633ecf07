"""What a server tells about itself: alive, ready, and what it serves."""

from __future__ import annotations

import functools
from importlib import resources

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.http import JSON, Request, Response, answer_json
from gatelodge.doors.routing import Page
from gatelodge.kit.migrate import SchemaFault, check_schema
from gatelodge.kit.route import Lane
from gatelodge.kit.unit import Runtime


def show_health(runtime: Runtime, request: Request) -> Response:
    """Tell that the process answers."""
    return answer_json(200, {"status": "ok"})


def show_readiness(runtime: Runtime, request: Request) -> Response:
    """Tell that the database is reachable and migrated, and the keys are loaded."""
    try:
        check_schema(runtime.database)
    except SchemaFault as fault:
        raise ServiceUnavailable(str(fault)) from None
    checks = {"database": "ok", "schema": "ok", "keys": "ok"}
    return answer_json(200, {"status": "ready", "checks": checks})


_KEPT = ("cache-control", "public, max-age=300")


@functools.cache
def _document(name: str) -> bytes:
    return resources.files("gatelodge.documents").joinpath(name).read_bytes()


def show_openapi(runtime: Runtime, request: Request) -> Response:
    """Give the OpenAPI 3.1 document, generated from the operation table."""
    return Response(status=200, headers=[JSON, _KEPT], body=_document("openapi.json"))


def show_reference(runtime: Runtime, request: Request) -> Response:
    """Give the reference page, generated from the same table."""
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'"),
        ("x-content-type-options", "nosniff"),
        _KEPT,
    ]
    return Response(status=200, headers=headers, body=_document("reference.html"))


def show_reference_style(runtime: Runtime, request: Request) -> Response:
    """Give the reference page's style sheet."""
    headers = [("content-type", "text/css; charset=utf-8"), _KEPT]
    return Response(status=200, headers=headers, body=_document("reference.css"))


PAGES = (
    Page("GET", "/docs/api", show_reference),
    Page("GET", "/docs/reference.css", show_reference_style),
    Page("GET", "/health", show_health, lane=Lane.INSTANT),
    Page("GET", "/openapi.json", show_openapi),
    Page("GET", "/ready", show_readiness),
)
