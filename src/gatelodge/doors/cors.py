"""Let the browsers of configured origins call the API (contract page 00 §11)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatelodge.doors.http import Request, Response
from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor, Runtime

_ONE_DAY = "86400"
_VARY = ("vary", "Origin")
_HEADERS = ("content-type", "accept", "authorization", "idempotency-key")
_OWN_HEADER = re.compile(r"x-[a-z0-9-]{1,62}")
_MOST_OWN_HEADERS = 20
_LET_THROUGH = "origins_let_through"
_MOST_REMEMBERED = 1000


def cors_headers(runtime: Runtime, request: Request, *, public: bool) -> list[tuple[str, str]]:
    """Give the headers that let the request's origin read the answer, if it may.

    The origin is echoed and credentials are allowed, for a cookie may travel; a wildcard
    would not do there. What is `public` may be read from anywhere, without credentials,
    and says so to everybody, since a cache gives one answer to all.
    """
    if public:
        return [("access-control-allow-origin", "*")]
    origin = request.headers.get("origin", "")
    if not origin or not applications.is_origin_allowed(runtime.open_unit(Actor()), origin):
        _remembered(runtime).discard(origin)
        return [_VARY]
    if len(_remembered(runtime)) < _MOST_REMEMBERED:
        _remembered(runtime).add(origin)
    return _let_through(origin)


def recall_cors_headers(runtime: Runtime, request: Request) -> list[tuple[str, str]]:
    """Give the same headers, to an origin that this process has let through, without a look at the database.

    For what is refused on the event loop, which must not wait, or because the database is lost.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return []
    return _let_through(origin) if origin in _remembered(runtime) else [_VARY]


def _remembered(runtime: Runtime) -> set[str]:
    origins: set[str] = runtime.memory.setdefault(_LET_THROUGH, set())
    return origins


def _let_through(origin: str) -> list[tuple[str, str]]:
    return [
        _VARY,
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "X-Request-ID, Retry-After, X-RateLimit-Remaining, X-RateLimit-Reset"),
    ]


def answer_preflight(runtime: Runtime, request: Request, *, methods: Sequence[str], public: bool) -> Response:
    """Answer a browser's question whether it may send the request proper, with the path's methods."""
    headers = cors_headers(runtime, request, public=public)
    if any(name == "access-control-allow-origin" for name, _ in headers):
        headers += [
            ("access-control-allow-methods", ", ".join(methods)),
            ("access-control-allow-headers", ", ".join(_choose_headers(request))),
            ("access-control-max-age", _ONE_DAY),
        ]
    return Response(status=204, headers=headers)


def _choose_headers(request: Request) -> list[str]:
    asked = request.headers.get("access-control-request-headers", "").lower()
    own = [name for one in asked.split(",") if _OWN_HEADER.fullmatch(name := one.strip())]
    return [*_HEADERS, *own[:_MOST_OWN_HEADERS]]
