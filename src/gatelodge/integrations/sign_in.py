"""What all frameworks share: the settings, the addresses, the cookies, and who may pass.

Nothing here does I/O or knows a framework. A framework says what was asked (`Asked`), makes
the one or two calls of the client, and sends what comes out (`Reply`).
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import re
from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING, Any, TypedDict
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.integrations.exchanges import Asked, Cookie, Needed, Reply, Visit
from gatelodge.sdk.errors import ClientError, ConfigurationInvalid, GatelodgeError
from gatelodge.sdk.retry import draw_bytes
from gatelodge.sdk.sealing import gcm
from gatelodge.sdk.sealing.cookies import CookiePassword, SealFormat, check_format, seal_session
from gatelodge.sdk.verdicts import AuthenticatedSession, RefreshedSession, RefusedSession, SessionFailureReason

if TYPE_CHECKING:
    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk._async.client import AsyncUserManagement
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk.urls import AuthorizationUrl

SESSION_COOKIE = "gatelodge_app"
SIGN_IN_COOKIE = "gatelodge_sign_in_"
"""The start of the name; the first characters of the state follow, so that two tabs can sign in at once."""

SIGN_IN_SECONDS = 1_800
"""How long a sign-in may take from the login route to the callback."""

SESSION_SECONDS = 34_560_000
"""400 days, the longest that browsers keep a cookie; the server ends the session long before."""

_MOST_SIGN_INS = 4
_LONGEST_RETURN = 1_000
_STATE_IN_NAME = 8
_TOO_MANY, _OWN_FAULT = 429, 500
_REST_OF_NAME = re.compile(r"[A-Za-z0-9_-]{0,8}")
_PASSED_ON = ("invitation_token", "login_hint", "organization_id", "screen_hint")
_SCREENS = ("sign-in", "sign-up")
NEVER_CACHED = "no-store, private"
_PURPOSE = b"gatelodge: a sign-in under way"
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign-in</title>'
    "<p>{message}</p><p><a href={login}>Sign in again</a></p></html>"
)


class UnderWay(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that has begun: what is kept for its return; `ends_at` in seconds since the epoch."""

    state: str
    code_verifier: str
    return_to: str
    ends_at: float


class SignInPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How an app signs users in; made by the class of each framework, which describes its members."""

    redirect_uri: str
    login_path: str
    logout_path: str
    signed_out_uri: str | None
    cookie_name: str
    passwords: tuple[str, ...]
    seal_format: SealFormat
    provider: str

    @property
    def is_secure(self) -> bool:
        """Tell whether browsers reach the app by https."""
        return self.redirect_uri.startswith("https://")

    @property
    def callback_path(self) -> str:
        """Give the path that the browser comes back to."""
        return urlsplit(self.redirect_uri).path

    def begin(self, asked: Asked, *, link: AuthorizationUrl, now: float) -> Reply:
        """Send the browser to the sign-in pages, and keep what its return is measured by."""
        under_way = UnderWay(
            state=link.state,
            code_verifier=link.code_verifier,
            return_to=take_return_to(asked.query.get("return_to"), plan=self),
            ends_at=now + SIGN_IN_SECONDS,
        )
        start = self._sign_in_prefix
        kept = [
            name for name in asked.cookies if name.startswith(start) and _REST_OF_NAME.fullmatch(name[len(start) :])
        ]
        # A browser that begins again and again would at last send more than a server reads.
        dropped = [Cookie(name, "", 0) for name in kept] if len(kept) >= _MOST_SIGN_INS else []
        cookie = Cookie(self._name_sign_in(link.state), _seal(under_way, self.passwords[0]), SIGN_IN_SECONDS)
        return self.send_to(link.url, cookies=(*dropped, cookie))

    def choose_link(self, asked: Asked) -> dict[str, Any]:
        """Give what the address of the sign-in pages says of this one, from the login route's query."""
        chosen = {name: asked.query[name] for name in _PASSED_ON if asked.query.get(name)}
        if chosen.get("screen_hint", "sign-in") not in _SCREENS or self.provider != "authkit":
            chosen.pop("screen_hint", None)
        return {"provider": self.provider, **chosen}

    def take_up(self, asked: Asked, *, now: float) -> UnderWay | Reply:
        """Find the sign-in that the browser comes back from, or refuse what it brings.

        The state must be that of a cookie of this very browser, so that nobody can sign
        somebody else in as themselves; an error of the pages is believed after that only.
        """
        state = asked.query.get("state", "")
        sealed = asked.cookies.get(self._name_sign_in(state), "")
        under_way = _open(sealed, self.passwords)
        if under_way is None or now >= under_way.ends_at or not _is_same(state, under_way.state):
            return self.refuse("This sign-in was not begun in this browser, or it took too long.")
        if asked.query.get("error") or not asked.query.get("code"):
            return self.refuse("The sign-in was not completed.", state=state)
        return under_way

    def finish(self, under_way: UnderWay, response: AuthenticationResponse) -> Reply:
        """Send the browser on, signed in.

        Raises:
            SessionTooLarge: The session does not fit into a cookie.
        """
        return self.send_to(under_way.return_to, cookies=(self.seal(response), self._drop_sign_in(under_way.state)))

    def explain(self, under_way: UnderWay, error: GatelodgeError) -> Reply:
        """Say that a code could not be traded; what is wrong with the app's own set-up is raised.

        Raises:
            ClientError: The client is not configured for this.
        """
        if is_passing(error):
            return self.refuse("Signing in is not possible just now.", state=under_way.state, status=503)
        if isinstance(error, ClientError):
            raise error
        return self.refuse("The sign-in was not completed.", state=under_way.state)

    def refuse(self, message: str, *, state: str | None = None, status: int = 400) -> Reply:
        """Show why there is no sign-in, and the way to a new one."""
        text = _PAGE.format(message=escape(message), login=f'"{escape(quote(self.login_path))}"')
        headers = (("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", "default-src 'none'"))
        cookies = () if state is None else (self._drop_sign_in(state),)
        return Reply(status=status, text=text, headers=headers, cookies=cookies)

    def may_sign_out(self, asked: Asked) -> bool:
        """Tell whether the user asked to leave, rather than another site in the user's browser."""
        return asked.method == "POST" and asked.headers.get("sec-fetch-site", "none") in ("none", "same-origin")

    def sign_out(self, asked: Asked, *, url: str | None) -> Reply:
        """Forget the session here, and send the browser to where it is ended."""
        has_cookie = self.cookie_name in asked.cookies
        return self.send_to(url or self.signed_out_uri or "/", cookies=(self.drop_session(),) if has_cookie else ())

    def need(self, asked: Asked, visit: Visit, *, needed: Needed) -> Reply | None:
        """Give None to whoever may pass, and what to send to whoever may not.

        A person who is not signed in is sent to the login route, a program is told 401.
        """
        if visit.session is not None:
            return None if needed.is_met(visit.session) else Reply(status=403, text="You may not do this.")
        if visit.failed:
            wait = str(visit.retry_after or 1)
            return Reply(status=503, text="Try again in a moment.", headers=(("Retry-After", wait),))
        if asked.method in ("GET", "HEAD") and "text/html" in asked.headers.get("accept", ""):
            return self.send_to(f"{self.login_path}?{urlencode({'return_to': asked.target})}")
        return Reply(status=401, text="Sign in first.")

    def judge(self, verdict: AuthenticatedSession | RefusedSession) -> Visit:
        """Say who is there by what the client said last, and what becomes of the cookie."""
        if isinstance(verdict, RefreshedSession):
            return Visit(session=verdict, cookies=(self.keep_session(verdict.sealed_session),))
        if isinstance(verdict, AuthenticatedSession):
            return Visit(session=verdict)
        if verdict.retryable:
            return Visit(failed=True, retry_after=verdict.retry_after)
        is_absent = verdict.reason is SessionFailureReason.NO_SESSION_COOKIE_PROVIDED
        return Visit(cookies=() if is_absent else (self.drop_session(),))

    def excuse(self, error: GatelodgeError) -> Visit:
        """Say that nobody can tell who is there; what is wrong with the app's own set-up is raised.

        Raises:
            GatelodgeError: It will not pass by itself.
        """
        if not is_passing(error):
            raise error
        return Visit(failed=True, retry_after=error.retry_after)

    def seal(self, response: AuthenticationResponse) -> Cookie:
        """Give the cookie of a session that began elsewhere, as on a form of the app's own."""
        return self.keep_session(seal_session(response, cookie_password=self.passwords, seal_format=self.seal_format))

    def keep_session(self, sealed_session: str) -> Cookie:
        """Give the cookie of a session."""
        return Cookie(self.cookie_name, sealed_session, SESSION_SECONDS)

    def drop_session(self) -> Cookie:
        """Give the cookie that takes a session away."""
        return Cookie(self.cookie_name, "", 0)

    def send_to(self, url: str, *, cookies: tuple[Cookie, ...] = ()) -> Reply:
        """Send the browser elsewhere."""
        return Reply(status=303, headers=(("Location", url),), cookies=cookies)

    def write_cookie(self, cookie: Cookie) -> str:
        """Write the value of a `Set-Cookie` header, as it is: no seal has a sign that needs quotes."""
        parts = [f"{cookie.name}={cookie.value}", "Path=/", f"Max-Age={cookie.seconds}", "HttpOnly", "SameSite=Lax"]
        return "; ".join([*parts, "Secure"] if self.is_secure else parts)

    @property
    def _sign_in_prefix(self) -> str:
        return name_cookie(SIGN_IN_COOKIE, is_secure=self.is_secure)

    def _name_sign_in(self, state: str) -> str:
        return self._sign_in_prefix + state[:_STATE_IN_NAME]

    def _drop_sign_in(self, state: str) -> Cookie:
        return Cookie(self._name_sign_in(state), "", 0)


class SignInOptions(TypedDict, total=False):
    """What an app may say of its sign-in.

    `login_path` and `logout_path` are `/login` and `/logout` by default; the callback's path is
    that of the redirect URI. `signed_out_uri` is where the browser goes after signing out, and
    must be among the environment's sign-out redirects. `cookie_name` is taken as it is given;
    the default has the prefix `__Host-` on https. Of several cookie passwords the first seals
    and each opens; without any the client's are used. `seal_format` is the one of the other
    programs that read the cookie. `provider` is `authkit`, the hosted pages, by default.
    """

    login_path: str
    logout_path: str
    signed_out_uri: str
    cookie_name: str
    cookie_password: CookiePassword
    seal_format: SealFormat
    provider: str


def make_plan(redirect_uri: str, *, passwords: tuple[str, ...], options: Mapping[str, Any]) -> SignInPlan:
    """Check what an app says of its sign-in, before the first browser comes.

    Raises:
        ConfigurationInvalid: The redirect URI is no address, a path is none, or the cookie
            password does not suit the format.
    """
    parts = urlsplit(redirect_uri)
    if parts.scheme not in ("http", "https") or not parts.netloc or len(parts.path) < len("/x"):
        raise ConfigurationInvalid(f"redirect_uri {redirect_uri!r} must look like https://app.example.com/callback.")
    plan = SignInPlan(
        redirect_uri=redirect_uri,
        login_path=options.get("login_path", "/login"),
        logout_path=options.get("logout_path", "/logout"),
        signed_out_uri=options.get("signed_out_uri"),
        cookie_name=options.get("cookie_name") or name_cookie(SESSION_COOKIE, is_secure=parts.scheme == "https"),
        passwords=passwords,
        seal_format=options.get("seal_format", "iron"),
        provider=options.get("provider", "authkit"),
    )
    paths = {plan.callback_path, plan.login_path, plan.logout_path}
    if not all(path.startswith("/") for path in paths) or len(paths) != len(("login", "logout", "callback")):
        raise ConfigurationInvalid("The paths of login, logout and callback must be three and begin with a slash.")
    check_format(plan.seal_format, passwords[0])
    return plan


def find_passwords(
    client: UserManagement | AsyncUserManagement, options: Mapping[str, Any], *, awaits: bool
) -> tuple[str, ...]:
    """Give the cookie passwords of an app; its client must be of the kind that the framework calls.

    Raises:
        ConfigurationInvalid: There is no cookie password, or the client is of the other kind.
    """
    if inspect.iscoroutinefunction(client.close) is not awaits:
        kind = "AsyncUserManagement" if awaits else "UserManagement"
        raise ConfigurationInvalid(f"SignIn of this framework takes {kind}, not {type(client).__name__}.")
    return client._configuration.need_cookie_passwords(options.get("cookie_password"))  # noqa: SLF001  # the client shows its password to nobody else


def name_cookie(name: str, *, is_secure: bool) -> str:
    """Give a cookie's full name: with `__Host-` no other host, path or plain connection can have set it."""
    return f"__Host-{name}" if is_secure else name


def take_return_to(text: str | None, *, plan: SignInPlan) -> str:
    r"""Give the path to go to after a sign-in, or `/` for whatever could lead away or in a circle.

    A browser takes `//host` and `/\host` as another site, and skips tabs and line ends.
    """
    if not text or not text.startswith("/") or text.startswith("//") or len(text) > _LONGEST_RETURN:
        return "/"
    if "\\" in text or not text.isascii() or not text.isprintable() or " " in text:
        return "/"
    path = text.partition("?")[0].partition("#")[0]
    return "/" if path in (plan.login_path, plan.logout_path, plan.callback_path) else text


def is_passing(error: GatelodgeError) -> bool:
    """Tell whether the same may go well a moment later."""
    code = error.code if isinstance(error, ClientError) else ""
    passing = code in ("answer_unreadable", "connection_failed", "request_timed_out")
    return passing or error.status == _TOO_MANY or error.status >= _OWN_FAULT


def _derive(password: str) -> bytes:
    # Another key than any seal of a session has, so that the one is never taken for the other.
    return hmac.digest(password.encode(), _PURPOSE, hashlib.sha256)


def _seal(under_way: UnderWay, password: str) -> str:
    nonce = draw_bytes(gcm.NONCE_BYTES)
    return gcm.write_text(nonce + gcm.encrypt(msgspec.json.encode(under_way), key=_derive(password), nonce=nonce))


def _open(sealed: str, passwords: tuple[str, ...]) -> UnderWay | None:
    content = gcm.read_text(sealed)
    if not content:
        return None
    nonce, ciphertext = content[: gcm.NONCE_BYTES], content[gcm.NONCE_BYTES :]
    for password in passwords:
        plain = gcm.decrypt(ciphertext, key=_derive(password), nonce=nonce)
        if plain is not None:
            return msgspec.json.decode(plain, type=ready(UnderWay))
    return None


def _is_same(state: str, kept: str) -> bool:
    return hmac.compare_digest(state.encode("utf-8", "surrogatepass"), kept.encode())
