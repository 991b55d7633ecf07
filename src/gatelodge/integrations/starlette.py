"""Sign-ins for Starlette and FastAPI.

sign_in = SignIn(AsyncUserManagement(), redirect_uri="https://app.example.com/callback")
sign_in.install(app)

@app.get("/")
async def home(session: Annotated[AuthenticatedSession, Depends(sign_in.require())]): ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Unpack

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gatelodge.integrations.exchanges import Asked, Held, Needed, Reply, Visit
from gatelodge.integrations.sign_in import NEVER_CACHED, SignInOptions, SignInPlan, find_passwords, make_plan
from gatelodge.sdk.errors import ConfigurationInvalid, GatelodgeError, SessionCookieInvalid
from gatelodge.sdk.retry import SystemTiming
from gatelodge.sdk.verdicts import AuthenticatedSession, SessionFailureReason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.applications import Starlette
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk._async.client import AsyncUserManagement

_HELD = "gatelodge.sign_in"


class SignIn:
    """Signs the users of an app in and out, and tells who they are."""

    def __init__(self, client: AsyncUserManagement, *, redirect_uri: str, **options: Unpack[SignInOptions]) -> None:
        """Settle how users sign in; nothing is sent. `SignInOptions` describes the options.

        `redirect_uri` is the address of the callback, and must be among the environment's
        redirects. On https, cookies are `Secure` and bound to this host.

        Raises:
            ConfigurationInvalid: There is no cookie password, or an option cannot be used.
        """
        passwords = find_passwords(client, options, awaits=True)
        self._client = client
        self._plan = make_plan(redirect_uri, passwords=passwords, options=options)

    @property
    def routes(self) -> list[Route]:
        """Give the routes of login, callback and logout."""
        return [
            Route(self._plan.login_path, self._log_in, methods=["GET"], name="gatelodge-login"),
            Route(self._plan.callback_path, self._come_back, methods=["GET"], name="gatelodge-callback"),
            Route(self._plan.logout_path, self._log_out, methods=["POST"], name="gatelodge-logout"),
        ]

    def install(self, app: Starlette) -> None:
        """Add the routes, and the middleware that sends the cookies, to an app of Starlette or FastAPI."""
        app.router.routes.extend(self.routes)
        app.add_middleware(SignInMiddleware, plan=self._plan)

    async def load(self, request: Request) -> AuthenticatedSession | None:
        """Tell who is signed in, or None; a dependency, and to be awaited anywhere else.

        An access token that has expired is renewed on the way, and the new cookie sent with
        the answer. A cookie that is no good is taken away, and nothing raises for it.
        """
        return (await self._look(request)).session

    def require(
        self, *, role: str | None = None, permission: str | None = None, organization: str | Literal[True] | None = None
    ) -> Callable[[Request], Coroutine[Any, Any, AuthenticatedSession]]:
        """Make a dependency that gives the session of whoever has all of this, and stops others.

        `organization` is an id, or True for any. Who is not signed in is sent to the login
        route and comes back, or is told 401 where no page was asked for; who lacks something,
        403; and 503 when an expired token could not be renewed just now.
        """
        needed = Needed(role=role, permission=permission, organization=organization)

        async def dependency(request: Request) -> AuthenticatedSession:
            visit = await self._look(request)
            reply = self._plan.need(_ask(request), visit, needed=needed)
            if reply is not None or visit.session is None:
                refused = reply or Reply(status=401)
                raise HTTPException(refused.status, detail=refused.text, headers=dict(refused.headers))
            return visit.session

        return dependency

    def keep(self, request: Request, response: AuthenticationResponse) -> None:
        """Sign a user in with the answer of any `authenticate_with_…`, as after a form of your own.

        Raises:
            SessionTooLarge: The session does not fit into a cookie.
        """
        _hold(request).keep(self._plan.seal(response))

    async def _look(self, request: Request) -> Visit:
        held = _hold(request)
        name = self._plan.cookie_name
        return held.visits.get(name) or held.note(name, await self._find_visit(request.cookies.get(name)))

    async def _find_visit(self, session_data: str | None) -> Visit:
        session = self._client.load_sealed_session(session_data, cookie_password=self._plan.passwords)
        try:
            verdict = await session.authenticate()
            if not verdict.authenticated and verdict.reason is SessionFailureReason.INVALID_JWT:
                return self._plan.judge(await session.refresh())
        except GatelodgeError as error:
            return self._plan.excuse(error)
        return self._plan.judge(verdict)

    async def _log_in(self, request: Request) -> Response:
        asked = _ask(request)
        link = self._client.get_authorization_url_with_pkce(self._plan.redirect_uri, **self._plan.choose_link(asked))
        return _answer(request, self._plan.begin(asked, link=link, now=SystemTiming().now()))

    async def _come_back(self, request: Request) -> Response:
        asked = _ask(request)
        found = self._plan.take_up(asked, now=SystemTiming().now())
        if isinstance(found, Reply):
            return _answer(request, found)
        try:
            answer = await self._client.authenticate_with_code(
                asked.query["code"],
                code_verifier=found.code_verifier,
                ip_address=asked.address,
                user_agent=asked.headers.get("user-agent"),
            )
        except GatelodgeError as error:
            return _answer(request, self._plan.explain(found, error))
        return _answer(request, self._plan.finish(found, answer))

    async def _log_out(self, request: Request) -> Response:
        asked = _ask(request)
        if not self._plan.may_sign_out(asked):
            return _answer(request, Reply(status=403, text="Sign out on a page of this app."))
        session_data = asked.cookies.get(self._plan.cookie_name)
        session = self._client.load_sealed_session(session_data, cookie_password=self._plan.passwords)
        try:
            url = await session.get_logout_url(return_to=self._plan.signed_out_uri)
        except SessionCookieInvalid:
            url = None
        return _answer(request, self._plan.sign_out(asked, url=url))


class SignInMiddleware:
    """Sends the cookies of a sign-in with whatever answers, and keeps such answers out of caches."""

    def __init__(self, app: ASGIApp, *, plan: SignInPlan) -> None:
        """Wrap an app; `SignIn.install` does it."""
        self._app = app
        self._plan = plan

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Carry one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held = Held()
        scope[_HELD] = held

        async def send_with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                _dress(MutableHeaders(scope=message), held, plan=self._plan)
            await send(message)

        await self._app(scope, receive, send_with_cookies)


def _dress(headers: MutableHeaders, held: Held, *, plan: SignInPlan) -> None:
    if held.was_read:
        headers.add_vary_header("Cookie")
    if held.cookies:
        headers["Cache-Control"] = NEVER_CACHED
    for cookie in held.cookies.values():
        headers.append("Set-Cookie", plan.write_cookie(cookie))


def _hold(request: Request) -> Held:
    held = request.scope.get(_HELD)
    if not isinstance(held, Held):
        raise ConfigurationInvalid("The app has no SignInMiddleware: call sign_in.install(app).")
    return held


def _ask(request: Request) -> Asked:
    return Asked(
        method=request.method,
        target=str(request.url.replace(scheme="", netloc="")),
        query=request.query_params,
        cookies=request.cookies,
        headers=request.headers,
        address=request.client.host if request.client else None,
    )


def _answer(request: Request, reply: Reply) -> Response:
    _hold(request).keep(*reply.cookies)
    return Response(reply.text, reply.status, headers={"Cache-Control": NEVER_CACHED, **dict(reply.headers)})
