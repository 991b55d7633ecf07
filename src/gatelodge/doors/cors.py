"""Let the browsers of configured origins call the API (contract page 00 §11)."""

from __future__ import annotations

from gatelodge.doors.http import Request, Response
from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor, Runtime

_ANY_ORIGIN_PATHS = ("/sso/jwks/",)
_ONE_DAY = "86400"


def cors_headers(runtime: Runtime, request: Request) -> list[tuple[str, str]]:
    """Give the headers that let the request's origin read the answer, if it may.

    The origin is echoed and credentials are allowed, for a cookie may travel; a wildcard
    would not do there. Public keys may be read from anywhere, without credentials.
    """
    origin = request.headers.get("origin", "")
    if request.path.startswith(_ANY_ORIGIN_PATHS):
        return [("access-control-allow-origin", "*")]
    vary = [("vary", "Origin")]
    if not origin or not applications.is_origin_allowed(runtime.open_unit(Actor()), origin):
        return vary
    return [
        *vary,
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "X-Request-ID, Retry-After"),
    ]


def answer_preflight(runtime: Runtime, request: Request) -> Response:
    """Answer a browser's question whether it may send the request proper."""
    headers = cors_headers(runtime, request)
    if any(name == "access-control-allow-origin" for name, _ in headers):
        headers += [
            ("access-control-allow-methods", "GET, POST, PUT, DELETE"),
            ("access-control-allow-headers", "content-type, accept, authorization, x-request-id"),
            ("access-control-max-age", _ONE_DAY),
        ]
    return Response(status=204, headers=headers)
