"""One request of a browser to a page: its cookies, its form, its language, and whom it is for."""

from __future__ import annotations

import hmac
from functools import cached_property
from urllib.parse import parse_qsl

import msgspec

from gatelodge.contract.errors import BodyUnreadable, GatelodgeError
from gatelodge.doors.addresses import find_client_address
from gatelodge.doors.hosted import cookies
from gatelodge.doors.hosted.languages import choose_among, find_among
from gatelodge.doors.http import Request
from gatelodge.features.authorization import requests
from gatelodge.features.authorization.rules import Asked, AuthorizationRequest, Flow
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Actor, Runtime, Unit

_FORM_PURPOSE = "page_form"
_MOST_FIELDS = 50
_LONGEST_AGENT = 1024
_LONGEST_QUERY = 16_384
_SIGN_IN_PAGES = ("/sign-in", "/sign-up")


class FormRefused(GatelodgeError):
    """This form was not sent from our own page, or the page was too old."""

    status = 403
    code = "form_refused"


class Visit:
    """A request to a page. `unit` acts for the environment and the client once they are known."""

    def __init__(self, runtime: Runtime, request: Request) -> None:
        """Read the cookies; a browser without one gets a new one with the answer."""
        self.runtime = runtime
        self.request = request
        self.settings: Settings = runtime.settings
        self.secure: bool = cookies.is_secure(runtime.settings)
        self.headers: list[tuple[str, str]] = []
        self.cookies: dict[str, str] = cookies.read_cookies(request.headers.get("cookie", ""))
        self.unit: Unit = runtime.open_unit(
            Actor(
                request_id=request.headers.get("x-request-id", "")[:128],
                ip_address=find_client_address(request, runtime.settings.trusted_proxies),
                user_agent=request.headers.get("user-agent", "")[:_LONGEST_AGENT] or None,
            )
        )
        self._speak()
        self._browser_token = self._cookie(cookies.BROWSER)
        self._flow_token = self._cookie(cookies.FLOW)

    def _cookie(self, name: str) -> str | None:
        return self.cookies.get(cookies.name_cookie(name, secure=self.secure)) or None

    @cached_property
    def query(self) -> dict[str, list[str]]:
        """The query's members, each with all its values."""
        return _read_pairs(self.request.query[:_LONGEST_QUERY], errors="replace")

    def ask(self, name: str) -> str:
        """Give a member of the query as one line without what cannot be seen, or an empty text."""
        return _write_line(self.query.get(name, [""])[-1])

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of the form."""
        try:
            body = self.request.body.decode("utf-8")
        except UnicodeDecodeError:
            raise BodyUnreadable("The form is not UTF-8.") from None
        return {name: values[-1] for name, values in _read_pairs(body, errors="strict").items()}

    def field(self, name: str, longest: int = 512) -> str:
        """Give a field of the form as one line without what cannot be seen."""
        return _write_line(self.form.get(name, "")[: 4 * longest])[:longest]

    def stand_for(self, environment_id: str, client_id: str | None = None) -> None:
        """Let what follows happen in an environment, for a client of it."""
        actor = msgspec.structs.replace(self.unit.actor, environment_id=environment_id, client_id=client_id)
        self.unit = self.unit.act_as(actor)

    def _speak(self, asked: str | None = None) -> None:
        """Let mails that this visit brings about speak as the pages do, to whoever has no language of their own."""
        language = find_among(self.ask("ui_locales") or asked or "", self._accepted())
        self.unit = self.unit.act_as(msgspec.structs.replace(self.unit.actor, language=language))

    def _accepted(self) -> str:
        return self.request.headers.get("accept-language", "")

    def _renew_flow(self) -> str:
        self._flow_token = token = issue_token(self.unit.random)
        self.headers.append(cookies.write_cookie(cookies.FLOW, token, secure=self.secure))
        return token

    @property
    def form_token(self) -> str:
        """Give what every form carries, so that no other site can make one (it cannot read the cookies).

        It ends with the browser session, so that what a tab still shows of one account never
        happens to the next. It outlives the sign-in under way: browsers open many tabs at
        once that each begin one, and the form of any of them carries on the newest.
        """
        if self._browser_token is None:
            self._browser_token = issue_token(self.unit.random)
            self.headers.append(cookies.write_cookie(cookies.BROWSER, self._browser_token, secure=self.secure))
        bound = f"{self._browser_token}.{self._cookie(cookies.SESSION) or ''}"
        return self.unit.sealer.keyed_hash(bound, purpose=_FORM_PURPOSE).hex()

    def require_own_form(self) -> None:
        """Refuse a form that our own page, in this browser, did not send.

        Raises:
            FormRefused: Another site sent it, its token is missing or of another account's time, or it
                was shown for another app than the newest sign-in of this browser is.
        """
        site = self.request.headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            raise FormRefused
        origin = self.request.headers.get("origin")
        # Our pages send no referrer, for which browsers tell no origin either.
        if site is None and origin not in (None, "null") and origin != self._own_origin():
            raise FormRefused
        token = self.form.get("form_token", "")
        if self._browser_token is None or not hmac.compare_digest(token.encode(), self.form_token.encode()):
            raise FormRefused
        self._require_same_app()

    def _require_same_app(self) -> None:
        """Refuse to let one app have the sign-in that a page showed as another's."""
        if not self.request.path.startswith(_SIGN_IN_PAGES):
            return
        shown, found = self.form.get("form_client"), self.sign_in
        if shown is not None and found is not None and found.asked.client_id != shown:
            raise FormRefused

    def _own_origin(self) -> str:
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.request.headers.get('host', '')}"

    @cached_property
    def sign_in(self) -> AuthorizationRequest | None:
        """The sign-in that this browser is at; from here on the unit acts for its app."""
        if self._flow_token is None:
            return None
        found = requests.find(self.unit, self._flow_token)
        # A page that has found its own environment, by a link or a code, stays in it.
        if found is not None and not self.unit.actor.environment_id:
            self.stand_for(found.environment_id, found.asked.client_id)
        if found is not None:
            self._speak(found.asked.locales)
        return found

    def begin(self, asked: Asked, flow: Flow) -> AuthorizationRequest:
        """Begin a sign-in in this browser, in place of the one that it may be at."""
        begun = requests.begin(self.unit, self._renew_flow(), asked=asked, flow=flow)
        self.__dict__["sign_in"] = begun
        self._speak(asked.locales)
        return begun

    def require_sign_in(self) -> AuthorizationRequest:
        """Give the sign-in that this browser is at.

        Raises:
            RequestGone: It is done, has expired, or never was.
        """
        found = self.sign_in
        if found is None:
            raise requests.RequestGone
        return found

    def move(self, flow: Flow) -> AuthorizationRequest:
        """Store the next screen."""
        moved = requests.carry_on(self.unit, self.require_sign_in(), flow=flow)
        self.__dict__["sign_in"] = moved
        return moved

    def find_session(self) -> BrowserSession | None:
        """Find the browser session, in the environment that the unit acts for."""
        token = self._cookie(cookies.SESSION)
        return browser_sessions.find(self.unit, token) if token else None

    def find_session_anywhere(self) -> BrowserSession | None:
        """Find the browser session whatever environment it is of; from here on the unit acts in that one."""
        token = self._cookie(cookies.SESSION)
        found = browser_sessions.find_anywhere(self.unit, token) if token else None
        if found is None:
            return None
        self.stand_for(found[0])
        return found[1]

    def keep_session(self, token: str) -> None:
        """Give the browser the cookie of its session."""
        seconds = self.settings.session_ttl
        self.headers.append(cookies.write_cookie(cookies.SESSION, token, secure=self.secure, seconds=seconds))

    @property
    def language(self) -> str:
        """Choose the language: as the app or the address asks, else as the browser does."""
        asked = self.sign_in.asked.locales if self.sign_in is not None else None
        return choose_among(
            self.ask("ui_locales") or asked or "",
            self._accepted(),
            default=self.settings.default_locale,
        )


def _write_line(text: str) -> str:
    # PostgreSQL takes no NUL in a text, and nobody else a line break in an address.
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _read_pairs(text: str, *, errors: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors=errors)
    except ValueError:
        if errors == "replace":
            # More members than any page reads: it goes on without them.
            return {}
        raise BodyUnreadable("The members of this form cannot be read.") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
