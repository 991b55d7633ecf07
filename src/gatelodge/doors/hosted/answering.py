"""What all pages have in common: who may send their forms, and what is shown when something goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gatelodge.contract.errors import GatelodgeError, RateLimited
from gatelodge.doors.hosted.rendering import apologize, go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Request, Response
from gatelodge.doors.inbox import prefers_html
from gatelodge.doors.routing import Page
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.authorization.requests import RequestGone
from gatelodge.features.authorization.rules import AuthorizationRequest
from gatelodge.kit.route import Lane
from gatelodge.kit.throttle import read_allowance
from gatelodge.kit.unit import Runtime

Handler: TypeAlias = Callable[[Visit], Response]

SIGN_IN = "/sign-in"
SIGN_UP = "/sign-up"
_ELSEWHERE = 307
_GONE = 410
_MANY = 429
_BY_NAME = "http://localhost:"
_NUMBERS = ("127.0.0.1", "[::1]")


def shown(path: str, handler: Handler, *, lane: Lane = Lane.PAGE) -> Page:
    """Serve a page to look at; looking changes nothing that a user would miss."""

    def handle(runtime: Runtime, request: Request) -> Response:
        home = _find_home(runtime, request)
        if home is not None:
            return Response(status=_ELSEWHERE, headers=[("location", home), ("cache-control", "no-store")])
        return _carry(handler, Visit(runtime, request))

    return Page("GET", path, handle, lane=lane, apologize=apologize)


def _find_home(runtime: Runtime, request: Request) -> str | None:
    """Give the same page under its proper name to a browser that came to 127.0.0.1; None in production.

    There browsers make no passkeys, and would keep cookies apart from those of `localhost`.
    """
    base_url = runtime.settings.base_url
    if not (runtime.settings.development and base_url.startswith(_BY_NAME)):
        return None
    by_number = {f"{number}:{base_url.removeprefix(_BY_NAME)}" for number in _NUMBERS}
    if request.headers.get("host") not in by_number or not prefers_html(request.headers.get("accept", "")):
        return None
    return f"{base_url}{request.path}?{request.query}" if request.query else f"{base_url}{request.path}"


def posted(path: str, handler: Handler, *, lane: Lane = Lane.WRITE) -> Page:
    """Take a form of ours, from our own page in the same browser."""

    def handle(runtime: Runtime, request: Request) -> Response:
        visit = Visit(runtime, request)

        def guarded(visit: Visit) -> Response:
            visit.require_own_form()
            return handler(visit)

        return _carry(guarded, visit)

    return Page("POST", path, handle, lane=lane, apologize=apologize)


def _carry(handler: Handler, visit: Visit) -> Response:
    try:
        _charge(visit)
        return handler(visit)
    except RequestGone:
        return show(visit, "error", status=_GONE, code="sign_in_gone", again=None)
    except GatelodgeError as error:
        again = SIGN_IN if visit.sign_in is not None else None
        response = show(visit, "error", status=error.status, code=error.code, again=again)
        if error.retry_after is not None:
            response.headers.append(("retry-after", str(error.retry_after)))
        return response


def _charge(visit: Visit) -> None:
    """Count the request where addresses are limited: anybody may make our database hold a sign-in."""
    allowance = read_allowance(visit.settings.limit_per_address) if visit.settings.limits else None
    address = visit.unit.actor.ip_address
    if allowance is None or address is None:
        return
    wait = visit.runtime.floods.charge(f"address:{address}", allowance, visit.unit.now)
    if wait is not None:
        raise RateLimited(retry_after=wait)


def refuse_app(visit: Visit, request: AuthorizationRequest, *, error: str, message: str) -> Response:
    """Send the browser back to the app with an error (contract page 12 §2)."""
    address = request.asked.redirect_uri
    if address is None:
        return go_to(visit, _way_out(visit, request.asked.returns_to or "/signed-out"))
    members = {"error": error, "error_description": message, "state": request.asked.state}
    return go_to(visit, write_redirect(address, **members))


def _way_out(visit: Visit, returns_to: str) -> str:
    """Tell where whoever gives up goes: a page of the account would only ask again."""
    if not returns_to.startswith("/account"):
        return returns_to
    return "/account" if visit.find_session() is not None else "/signed-out"


def status_of(error: GatelodgeError) -> int:
    """Give the status of a page that shows a form again."""
    return _MANY if error.status == _MANY else 400
