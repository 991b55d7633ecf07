"""Sign-ins for Flask.

sign_in = SignIn(UserManagement(), redirect_uri="https://app.example.com/callback")
sign_in.init_app(app)

@app.get("/")
@sign_in.require()
def home(): return f"Hello, {sign_in.session.user.email}"
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal, ParamSpec, Unpack, cast

from flask import Response, abort, current_app, request

from gatelodge.integrations.exchanges import Asked, Held, Needed, Reply
from gatelodge.integrations.sign_in import NEVER_CACHED, SignInOptions
from gatelodge.integrations.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask
    from flask.typing import ResponseReturnValue

    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk.verdicts import AuthenticatedSession

    P = ParamSpec("P")

_HELD = "gatelodge.sign_in"


class SignIn:
    """Signs the users of an app in and out, and tells who they are."""

    def __init__(
        self, client: UserManagement, *, redirect_uri: str, app: Flask | None = None, **options: Unpack[SignInOptions]
    ) -> None:
        """Settle how users sign in; nothing is sent. `SignInOptions` describes the options.

        `redirect_uri` is the address of the callback, and must be among the environment's
        redirects. On https, cookies are `Secure` and bound to this host. Without `app`, call
        `init_app`.

        Raises:
            ConfigurationInvalid: There is no cookie password, or an option cannot be used.
        """
        self._visits = Visits(client, redirect_uri=redirect_uri, options=options)
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the routes of login, callback and logout to an app, and what sends the cookies."""
        plan = self._visits.plan
        app.add_url_rule(plan.login_path, "gatelodge_login", self._log_in, methods=["GET"])
        app.add_url_rule(plan.callback_path, "gatelodge_callback", self._come_back, methods=["GET"])
        app.add_url_rule(plan.logout_path, "gatelodge_logout", self._log_out, methods=["POST"])
        app.after_request(self._dress)

    @property
    def session(self) -> AuthenticatedSession | None:
        """Tell who is signed in, or None, during a request.

        An access token that has expired is renewed on the way, and the new cookie sent with
        the answer. A cookie that is no good is taken away, and nothing raises for it.
        """
        return self._visits.look(_hold(), _ask()).session

    def need_session(
        self, *, role: str | None = None, permission: str | None = None, organization: str | Literal[True] | None = None
    ) -> AuthenticatedSession:
        """Give the session of whoever has all of this, and stop others.

        `organization` is an id, or True for any. Who is not signed in is sent to the login
        route and comes back, or is told 401 where no page was asked for; who lacks something,
        403; and 503 when an expired token could not be renewed just now.
        """
        asked, needed = _ask(), Needed(role=role, permission=permission, organization=organization)
        visit = self._visits.look(_hold(), asked)
        reply = self._visits.plan.need(asked, visit, needed=needed)
        if reply is not None and reply.headers:
            abort(_answer(reply))
        if reply is not None or visit.session is None:
            # So that the app's own error pages show it.
            abort(reply.status if reply else 401, reply.text if reply else None)
        return visit.session

    def require(
        self, *, role: str | None = None, permission: str | None = None, organization: str | Literal[True] | None = None
    ) -> Callable[[Callable[P, ResponseReturnValue]], Callable[P, ResponseReturnValue]]:
        """Make a decorator that stands below the route's, and stops whomever `need_session` stops."""

        def decorate(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
            @functools.wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
                self.need_session(role=role, permission=permission, organization=organization)
                return cast("ResponseReturnValue", current_app.ensure_sync(view)(*args, **kwargs))

            return guarded

        return decorate

    def keep(self, response: AuthenticationResponse) -> None:
        """Sign a user in with the answer of any `authenticate_with_…`, as after a form of your own.

        Raises:
            SessionTooLarge: The session does not fit into a cookie.
        """
        _hold().keep(self._visits.plan.seal(response))

    def _log_in(self) -> Response:
        return _answer(self._visits.log_in(_ask()))

    def _come_back(self) -> Response:
        return _answer(self._visits.come_back(_ask()))

    def _log_out(self) -> Response:
        return _answer(self._visits.log_out(_ask()))

    def _dress(self, response: Response) -> Response:
        held = _hold()
        if held.was_read:
            response.vary.add("Cookie")
        if held.cookies:
            response.headers["Cache-Control"] = NEVER_CACHED
        for cookie in held.cookies.values():
            response.headers.add("Set-Cookie", self._visits.plan.write_cookie(cookie))
        return response


def _hold() -> Held:
    # Not in `g`, which is the app context's: where one is open around, requests would share who is there.
    held: Held = request.environ.setdefault(_HELD, Held())
    return held


def _ask() -> Asked:
    return Asked(
        method=request.method,
        target=request.full_path if request.query_string else request.path,
        query=request.args,
        cookies=request.cookies,
        headers={name.lower(): value for name, value in request.headers.items()},
        address=request.remote_addr,
    )


def _answer(reply: Reply) -> Response:
    _hold().keep(*reply.cookies)
    return Response(reply.text, reply.status, headers={"Cache-Control": NEVER_CACHED, **dict(reply.headers)})
