"""The switches of development mode: a clock that moves, a database that starts anew.

These paths exist in development mode only, and development mode listens on the loopback
interface only.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from gatelodge.contract.errors import Fault, Forbidden, RequestInvalid
from gatelodge.contract.reading import read_request
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.doors import inbox, start
from gatelodge.doors.http import Request, Response, answer_json
from gatelodge.doors.known import API_KEY, CLIENT_ID, ENVIRONMENT, REDIRECT_URI, SIGN_OUT_URI
from gatelodge.doors.reading import read_object
from gatelodge.doors.routing import Page
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.addresses import is_loopback
from gatelodge.features.tokens import actions as tokens
from gatelodge.kit import idempotency, throttle, travel
from gatelodge.kit.database import Queries
from gatelodge.kit.route import Lane
from gatelodge.kit.unit import Actor, Runtime

_OURS = frozenset({"same-origin", "same-site", "none"})
_CENTURY = 100 * 366 * 86_400


class MoveClock(msgspec.Struct, frozen=True, kw_only=True):
    """Move the clock on by seconds, or bring it back to the wall."""

    advance_seconds: Annotated[float, msgspec.Meta(ge=0, le=_CENTURY)] = 0
    reset: bool = False


def prepare(runtime: Runtime) -> None:
    """Make the environment, client, key and redirects that newcomers and test set-ups expect."""
    unit = runtime.open_unit(Actor(environment_id=ENVIRONMENT))
    applications.create_environment(unit, name="Development", client_id=CLIENT_ID, environment_id=ENVIRONMENT)
    applications.create_api_key(unit, ENVIRONMENT, name="Development key", token=API_KEY)
    applications.allow_redirect(unit, ENVIRONMENT, REDIRECT_URI)
    applications.allow_redirect(unit, ENVIRONMENT, SIGN_OUT_URI, sign_out=True)
    applications.allow_origin(unit, ENVIRONMENT, SIGN_OUT_URI)
    if not tokens.list_keys(unit, ENVIRONMENT):
        tokens.create_first_key(unit, ENVIRONMENT)


def show_clock(runtime: Runtime, request: Request) -> Response:
    """Tell the travelled instant and how far it is from the wall clock, in seconds."""
    offset = travel.find_offset(runtime.database)
    return answer_json(200, {"now": write_timestamp(runtime.clock.now()), "offset_seconds": offset / 1000})


def move_clock(runtime: Runtime, request: Request) -> Response:
    """Move the clock for every process on this database."""
    asked = read_request(MoveClock, read_object(request.body), textual=False)
    moved = 0 if asked.reset else travel.find_offset(runtime.database)
    if moved / 1000 + asked.advance_seconds > _CENTURY:
        # Far enough off there is no date to write, and nothing would work until the clock is reset.
        message = f"advance_seconds: the clock is never more than {_CENTURY} seconds ahead."
        raise RequestInvalid(errors=[Fault(code="invalid", field="advance_seconds", message=message)])
    if asked.reset:
        travel.reset(runtime.database)
    if asked.advance_seconds:
        travel.advance(runtime.database, round(asked.advance_seconds * 1000))
    return show_clock(runtime, request)


def start_anew(runtime: Runtime, request: Request) -> Response:
    """Remove everything, and prepare the environment as at the first start."""
    unit = runtime.open_unit(Actor())
    for environment, _ in applications.list_environments(unit):
        applications.delete_environment(unit, environment.id)

    def clear(queries: Queries) -> None:
        idempotency.clear(queries)
        throttle.clear_all(queries)

    runtime.database.write(clear)
    travel.reset(runtime.database)
    runtime.memory.clear()
    prepare(runtime)
    return answer_json(200, {"reset": True})


def _keep_off(page: Page) -> Page:
    """Let no page of another site, open in the developer's browser, press a switch or read the mail.

    Such a post needs no leave from us and no key: whoever lures a developer to a page could
    empty their database. And a name of that site's can lead to this machine (DNS rebinding):
    the browser then takes our pages for the site's own. Programs say nothing of where they
    come from.
    """

    def handle(runtime: Runtime, request: Request) -> Response:
        if _is_named_otherwise(runtime, request):
            raise Forbidden("Development mode is asked for under a name of this machine, such as localhost.")
        if page.method != "GET" and _is_foreign(request):
            raise Forbidden("The switches of development mode are for this machine's own pages.")
        return page.handler(runtime, request)

    return Page(page.method, page.path, handle, lane=page.lane)


def _is_named_otherwise(runtime: Runtime, request: Request) -> bool:
    named = request.headers.get("host")
    if named is None:
        return False
    return not _is_of_this_machine(f"//{named}") and _host_of(f"//{named}") != _host_of(runtime.settings.base_url)


def _is_foreign(request: Request) -> bool:
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if (origin is None and site is None) or (origin is not None and _is_of_this_machine(origin)):
        return False
    # A page that hides where it is, as ours do, has the origin `null`, and the browser vouches for it.
    return site not in _OURS


def _is_of_this_machine(origin: str) -> bool:
    host = _host_of(origin)
    return is_loopback(host) or host.endswith(".localhost")


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


PAGES = tuple(
    _keep_off(page)
    for page in (
        Page("GET", "/_dev/clock", show_clock),
        Page("POST", "/_dev/clock", move_clock, lane=Lane.WRITE),
        Page("POST", "/_dev/reset", start_anew, lane=Lane.WRITE),
        *inbox.PAGES,
        *start.PAGES,
    )
)
