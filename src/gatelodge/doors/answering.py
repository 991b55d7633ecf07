"""Turn what an action answers into bytes, once, the same behind every door."""

from __future__ import annotations

import hashlib

import msgspec

from gatelodge.contract.errors import GatelodgeError
from gatelodge.contract.operation import Nothing, Operation
from gatelodge.doors.http import JSON, Request, Response, answer_error
from gatelodge.kit.clock import Clock
from gatelodge.kit.idempotency import Kept

_ENCODER = msgspec.json.Encoder()
_OK = 200
_FOUND = 302
_TOO_MANY = 429
_SIGNED_OUT = "/signed-out"


def answer(operation: Operation, value: object) -> Response:
    """Write the answer of an operation: a JSON body, an empty one, or a redirect."""
    if isinstance(value, GatelodgeError):
        return answer_error(value)
    if operation.redirects:
        return _redirect(value)
    if isinstance(value, Nothing):
        # An empty success must not be labelled JSON: clients would parse it (page 00 §1).
        return Response(status=operation.status, headers=[])
    return Response(status=operation.status, headers=[JSON], body=_ENCODER.encode(value))


def let_keep(response: Response, request: Request, *, seconds: int) -> Response:
    """Let everybody keep a good answer for so long, and ask again whether it changed (RFC 9110 §13.1.2)."""
    if response.status != _OK:
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = [("cache-control", f"public, max-age={seconds}"), ("etag", tag)]
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status=304, headers=headers)
    response.headers.extend(headers)
    return response


def tell_limit(response: Response, clock: Clock) -> None:
    """Tell whoever was limited, besides `Retry-After`, from which second of Unix time on to try again.

    How much is allowed differs by what was limited, so no figure of it is told.
    """
    if response.status != _TOO_MANY:
        return
    wait = next((int(value) for name, value in response.headers if name == "retry-after"), 0)
    response.headers.append(("x-ratelimit-remaining", "0"))
    response.headers.append(("x-ratelimit-reset", str(-(-clock.now() // 1000) + wait)))


def forbid_keeping(response: Response) -> None:
    """Tell browsers and proxies to keep no answer that does not say otherwise: many hold tokens or secrets."""
    if all(name != "cache-control" for name, _ in response.headers):
        response.headers.append(("cache-control", "no-store"))


def _redirect(target: object) -> Response:
    # The one operation that redirects is the sign-out. It takes no cookie away, so that a link with
    # any session's id signs nobody out here: whose session it is has ended on the server.
    location = target if isinstance(target, str) else _SIGNED_OUT
    return Response(status=_FOUND, headers=[("location", location), ("cache-control", "no-store, private")])


def keep(response: Response) -> Kept:
    """Take down an answer for a retry of the same request."""
    return Kept(response.status, response.headers, response.body)


def replay(kept: Kept) -> Response:
    """Give an answer that was taken down."""
    headers = [*kept.headers, ("idempotent-replayed", "true")]
    return Response(status=kept.status, headers=headers, body=kept.body)
