"""The first minutes in development mode: a start page, and an app that signs in through our pages.

The app is what a developer would write, but for the HTTP between it and us. It exists in
development mode only, for the development environment, whose key everybody knows.
"""

from __future__ import annotations

import base64
import functools
import hmac
from importlib import resources
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined

from gatelodge.contract.authentication import AuthenticationResponse, AuthorizationCodeGrant
from gatelodge.contract.errors import GatelodgeError, RouteNotFound
from gatelodge.doors import inbox
from gatelodge.doors.hosted.cookies import is_secure, name_cookie, read_cookies, write_cookie
from gatelodge.doors.http import Response
from gatelodge.doors.known import API_KEY, CLIENT_ID, ENVIRONMENT, REDIRECT_URI
from gatelodge.doors.routing import Page
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.actions import authenticate
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.route import Lane
from gatelodge.kit.unit import Actor

if TYPE_CHECKING:
    from jinja2 import Template

    from gatelodge.doors.http import Request
    from gatelodge.kit.unit import Runtime, Unit

_SIGN_IN = "/_dev/app/sign-in"
_CALLBACK = "/_dev/app/callback"
_STATE = "sample_app_state"
_STATE_SECONDS = 600
_LATEST = 5


def show_start(runtime: Runtime, request: Request) -> Response:
    """Show a browser what there is to try; anybody else is told that there is nothing here.

    Raises:
        RouteNotFound: The caller does not prefer HTML.
    """
    if not inbox.prefers_html(request.headers.get("accept", "")):
        raise RouteNotFound("There is no route '/'.")
    own = urlsplit(runtime.settings.base_url)
    is_https = own.scheme == "https"
    return _show(
        runtime,
        "start",
        messages=inbox.list_latest(runtime, _LATEST),
        host=own.hostname,
        port=own.port or (443 if is_https else 80),
        https="true" if is_https else "false",
        api_key=API_KEY,
        client_id=CLIENT_ID,
        redirect_uri=REDIRECT_URI,
        sign_in=_SIGN_IN,
    )


def begin_sign_in(runtime: Runtime, request: Request) -> Response:  # noqa: ARG001  # a page is given the request
    """Send the browser to the pages, as an app does: with a state that comes back."""
    unit = _open_unit(runtime)
    callback = runtime.settings.base_url + _CALLBACK
    applications.allow_redirect(unit, ENVIRONMENT, callback)
    applications.allow_redirect(unit, ENVIRONMENT, runtime.settings.base_url, sign_out=True)
    state = issue_token(unit.random)
    asked = {"client_id": CLIENT_ID, "redirect_uri": callback, "response_type": "code", "provider": "authkit"}
    address = write_redirect("/user_management/authorize", **asked, state=state)
    cookie = write_cookie(_STATE, state, secure=is_secure(runtime.settings), seconds=_STATE_SECONDS)
    return Response(status=303, headers=[("location", address), cookie])


def end_sign_in(runtime: Runtime, request: Request) -> Response:
    """Trade the code for a session, and show what an app gets."""
    asked = {name: values[-1] for name, values in parse_qs(request.query).items()}
    secure = is_secure(runtime.settings)
    expected = read_cookies(request.headers.get("cookie", "")).get(name_cookie(_STATE, secure=secure), "")
    if not expected or not hmac.compare_digest(expected.encode(), asked.get("state", "").encode()):
        return _show(runtime, "app_error", status=400, why="This answer belongs to no sign-in of this browser.")
    if "code" not in asked:
        why = asked.get("error_description") or asked.get("error") or "No code came back."
        return _show(runtime, "app_error", status=400, why=why)
    try:
        answer = authenticate(_open_unit(runtime), AuthorizationCodeGrant(client_id=CLIENT_ID, code=asked["code"]))
    except GatelodgeError as error:
        return _show(runtime, "app_error", status=error.status, why=str(error))
    response = _show_signed_in(runtime, answer)
    response.headers.append(write_cookie(_STATE, "", secure=secure, seconds=0))
    return response


def _show_signed_in(runtime: Runtime, answer: AuthenticationResponse) -> Response:
    claims = _read_claims(answer.access_token)
    base_url = runtime.settings.base_url
    sign_out = urlencode({"session_id": str(claims.get("sid", "")), "return_to": base_url})
    return _show(
        runtime,
        "app",
        user=answer.user,
        method=answer.authentication_method,
        claims=msgspec.json.format(msgspec.json.encode(claims), indent=2).decode(),
        whole=msgspec.json.format(msgspec.json.encode(answer), indent=2).decode(),
        sign_out=f"{base_url}/user_management/sessions/logout?{sign_out}",
    )


def _read_claims(access_token: str) -> dict[str, object]:
    """Read what a token of our own, made a moment ago, says."""
    payload = access_token.split(".")[1]
    return msgspec.json.decode(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)), type=dict[str, object])


def _open_unit(runtime: Runtime) -> Unit:
    return runtime.open_unit(Actor(environment_id=ENVIRONMENT, client_id=CLIENT_ID, believed=True))


def _show(runtime: Runtime, template: str, *, status: int = 200, **values: object) -> Response:
    base_url = runtime.settings.base_url
    body = _template(template).render(base_url=base_url, **values)
    # The page may be looked at by another name of this machine than the one that it links to.
    policy = (
        f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self' {base_url}; frame-ancestors 'none'"
    )
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", policy),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ]
    return Response(status=status, headers=headers, body=body.encode())


@functools.cache
def _template(name: str) -> Template:
    loader = PackageLoader("gatelodge", "templates/development")
    templates = Environment(
        loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    return templates.get_template(f"{name}.html")


def show_style(runtime: Runtime, request: Request) -> Response:  # noqa: ARG001  # a page is given both
    """Give the style sheet of the start page."""
    body = resources.files("gatelodge").joinpath("templates", "development", "start.css").read_bytes()
    return Response(status=200, headers=[("content-type", "text/css; charset=utf-8")], body=body)


PAGES = (
    Page("GET", "/", show_start),
    Page("GET", "/_dev/start.css", show_style),
    Page("GET", _CALLBACK, end_sign_in, lane=Lane.WRITE),
    Page("POST", _SIGN_IN, begin_sign_in, lane=Lane.WRITE),
)
