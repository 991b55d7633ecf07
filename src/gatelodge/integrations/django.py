"""Sign-ins for Django.

sign_in = SignIn(UserManagement(), redirect_uri="https://app.example.com/callback")

GATELODGE_SIGN_IN = "mysite.accounts.sign_in"             # in the settings
MIDDLEWARE = ["gatelodge.integrations.django.SignInMiddleware", ...]
urlpatterns = [path("", include(sign_in.urls)), ...]      # in the URLs

@sign_in.require()
def home(request): return HttpResponse(sign_in.get_session(request).user.email)

Views of coroutines are guarded likewise; the calls of the client, which is one of plain
functions, then run on threads, so that no server that is slow to answer holds up the loop.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal, TypeVar, Unpack, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction, sync_to_async
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.cache import patch_vary_headers
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_POST

from gatelodge.integrations.exchanges import Asked, Held, Needed, Reply, Visit
from gatelodge.integrations.sign_in import NEVER_CACHED, SignInOptions, SignInPlan
from gatelodge.integrations.visits import Visits
from gatelodge.sdk.errors import ConfigurationInvalid

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from django.http.response import HttpResponseBase

    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk.verdicts import AuthenticatedSession

V = TypeVar("V", bound="Callable[..., Any]")

_HELD = "_gatelodge_sign_in"


class SignIn:
    """Signs the users of a site in and out, and tells who they are."""

    def __init__(self, client: UserManagement, *, redirect_uri: str, **options: Unpack[SignInOptions]) -> None:
        """Settle how users sign in; nothing is sent. `SignInOptions` describes the options.

        `redirect_uri` is the address of the callback, and must be among the environment's
        redirects. On https, cookies are `Secure` and bound to this host.

        Raises:
            ConfigurationInvalid: There is no cookie password, or an option cannot be used.
        """
        self._visits = Visits(client, redirect_uri=redirect_uri, options=options)

    @property
    def plan(self) -> SignInPlan:
        """Give what was settled."""
        return self._visits.plan

    @property
    def urls(self) -> list[Any]:
        """Give the URLs of login, callback and logout, to be included at the root of the site."""
        routes = [
            (self.plan.login_path, require_GET(self._log_in), "login"),
            (self.plan.callback_path, require_GET(self._come_back), "callback"),
            (self.plan.logout_path, require_POST(self._log_out), "logout"),
        ]
        return [path(route.removeprefix("/"), view, name=f"gatelodge-{name}") for route, view, name in routes]

    def load(self, request: HttpRequest) -> AuthenticatedSession | None:
        """Tell who is signed in, or None.

        An access token that has expired is renewed on the way, and the new cookie sent with
        the answer. A cookie that is no good is taken away, and nothing raises for it.
        """
        return self._visits.look(_hold(request), _ask(request)).session

    async def aload(self, request: HttpRequest) -> AuthenticatedSession | None:
        """Tell who is signed in, or None, in a view of coroutines; as `load` does."""
        return (await self._alook(request, _ask(request))).session

    def get_session(self, request: HttpRequest) -> AuthenticatedSession:
        """Give the session of whoever `require` let in, in any view.

        Raises:
            PermissionDenied: Nobody is signed in; Django answers 403.
        """
        session = self.load(request)
        if session is None:
            raise PermissionDenied
        return session

    def require(
        self, *, role: str | None = None, permission: str | None = None, organization: str | Literal[True] | None = None
    ) -> Callable[[V], V]:
        """Make a decorator that lets in whoever has all of this, and stops others.

        `organization` is an id, or True for any. Who is not signed in is sent to the login
        route and comes back, or is told 401 where no page was asked for; who lacks something,
        403; and 503 when an expired token could not be renewed just now. The view may be a
        function or a coroutine, and keeps its kind.
        """
        needed = Needed(role=role, permission=permission, organization=organization)

        def stop(request: HttpRequest, asked: Asked, *, visit: Visit) -> HttpResponse | None:
            reply = self.plan.need(asked, visit, needed=needed)
            return None if reply is None else _answer(request, reply)

        def decorate(view: V) -> V:
            @functools.wraps(view)
            def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
                asked = _ask(request)
                stopped = stop(request, asked, visit=self._visits.look(_hold(request), asked))
                return view(request, *args, **kwargs) if stopped is None else stopped

            @functools.wraps(view)
            async def guarded_coroutine(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
                asked = _ask(request)
                stopped = stop(request, asked, visit=await self._alook(request, asked))
                return await view(request, *args, **kwargs) if stopped is None else stopped

            return cast("V", guarded_coroutine if iscoroutinefunction(view) else guarded)

        return decorate

    def keep(self, request: HttpRequest, response: AuthenticationResponse) -> None:
        """Sign a user in with the answer of any `authenticate_with_…`, as after a form of your own.

        Raises:
            SessionTooLarge: The session does not fit into a cookie.
        """
        _hold(request).keep(self.plan.seal(response))

    async def _alook(self, request: HttpRequest, asked: Asked) -> Visit:
        held = _hold(request)
        known = held.visits.get(self.plan.cookie_name)
        if known is not None:
            return known
        # Not on the one thread that Django keeps for what is bound to a thread: nothing here is.
        return await sync_to_async(self._visits.look, thread_sensitive=False)(held, asked)

    def _log_in(self, request: HttpRequest) -> HttpResponse:
        return _answer(request, self._visits.log_in(_ask(request)))

    def _come_back(self, request: HttpRequest) -> HttpResponse:
        return _answer(request, self._visits.come_back(_ask(request)))

    def _log_out(self, request: HttpRequest) -> HttpResponse:
        return _answer(request, self._visits.log_out(_ask(request)))


class SignInMiddleware:
    """Sends the cookies of a sign-in with whatever answers, and keeps such answers out of caches.

    Of the settings it reads `GATELODGE_SIGN_IN`, where the site's `SignIn` is.
    """

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]) -> None:
        """Wrap a site; Django does it, of functions or of coroutines.

        Raises:
            ConfigurationInvalid: The settings name no `SignIn`.
        """
        named = getattr(settings, "GATELODGE_SIGN_IN", None)
        sign_in = import_string(named) if isinstance(named, str) else named
        if not isinstance(sign_in, SignIn):
            raise ConfigurationInvalid('GATELODGE_SIGN_IN must name a SignIn, as in "mysite.accounts.sign_in".')
        self._sign_in = sign_in
        self._get_response = get_response
        self._awaits = iscoroutinefunction(get_response)
        if self._awaits:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Carry one request."""
        held = Held()
        setattr(request, _HELD, held)
        if self._awaits:
            return self._carry(request, held)
        return self._dress(cast("HttpResponseBase", self._get_response(request)), held)

    async def _carry(self, request: HttpRequest, held: Held) -> HttpResponseBase:
        return self._dress(await cast("Awaitable[HttpResponseBase]", self._get_response(request)), held)

    def _dress(self, response: HttpResponseBase, held: Held) -> HttpResponseBase:
        _dress(response, held, plan=self._sign_in.plan)
        return response


def _dress(response: HttpResponseBase, held: Held, *, plan: SignInPlan) -> None:
    if held.was_read:
        patch_vary_headers(response, ["Cookie"])
    if held.cookies:
        response["Cache-Control"] = NEVER_CACHED
    for cookie in held.cookies.values():
        response.set_cookie(
            cookie.name, cookie.value, max_age=cookie.seconds, secure=plan.is_secure, httponly=True, samesite="Lax"
        )
        # As it is: Django would put some seals in quotes, which other programs do not take off.
        response.cookies[cookie.name].set(cookie.name, cookie.value, cookie.value)


def _hold(request: HttpRequest) -> Held:
    held = getattr(request, _HELD, None)
    if not isinstance(held, Held):
        raise ConfigurationInvalid("MIDDLEWARE lacks gatelodge.integrations.django.SignInMiddleware.")
    return held


def _ask(request: HttpRequest) -> Asked:
    return Asked(
        method=request.method or "GET",
        target=request.get_full_path(),
        query=request.GET,
        cookies=request.COOKIES,
        headers={name.lower(): value for name, value in request.headers.items()},
        address=request.META.get("REMOTE_ADDR") or None,
    )


def _answer(request: HttpRequest, reply: Reply) -> HttpResponse:
    _hold(request).keep(*reply.cookies)
    return HttpResponse(reply.text, status=reply.status, headers={"Cache-Control": NEVER_CACHED, **dict(reply.headers)})
