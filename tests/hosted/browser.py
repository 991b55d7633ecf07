"""A browser without scripts: it keeps cookies, follows redirects, and fills the forms it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from gatelodge.doors.http import Request, Response
from gatelodge.doors.known import REDIRECT_URI
from tests.harness.inprocess import CLIENT, House

AUTHORIZE = "/user_management/authorize"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_MOST_REDIRECTS = 8


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, which buttons it has."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given["action"]))
        elif tag in ("input", "button") and given.get("name") and self.forms:
            if tag == "button":
                self.forms[-1].buttons.append((given["name"], given.get("value", "")))
            elif given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.forms[-1].fields[given["name"]] = given.get("value", "")


@dataclass
class Seen:
    """What the browser shows, or the address outside that it was sent to."""

    status: int
    path: str
    headers: dict[str, str]
    text: str

    @property
    def forms(self) -> list[Form]:
        reader = _Forms()
        reader.feed(self.text)
        return reader.forms

    def form(self, action: str) -> Form:
        return next(form for form in self.forms if form.action == action)

    @property
    def query(self) -> dict[str, str]:
        """Give what the address outside carries."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}


class Browser:
    """One browser with its own cookies."""

    def __init__(self, house: House, *, language: str = "en") -> None:
        self.house = house
        self.cookies: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.language = language
        self.page = Seen(0, "", {}, "")

    def send(
        self, method: str, path: str, *, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Response:
        """Send one request and keep the cookies that come back."""
        sent = {"host": "localhost:4100", "user-agent": AGENT, "accept": "text/html", "accept-language": self.language}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            sent |= {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        target, _, query = path.partition("?")
        response = self.house.door.respond(
            Request(
                method=method,
                path=target,
                query=query,
                headers=sent | (headers or {}),
                body=urlencode(form or {}).encode(),
                address="203.0.113.9",
            )
        )
        self._keep(response)
        return response

    def _keep(self, response: Response) -> None:
        for name, value in response.headers:
            if name == "set-cookie":
                self.set_cookies.append(value)
                pair, *attributes = value.split("; ")
                cookie, _, content = pair.partition("=")
                if "Max-Age=0" in attributes:
                    self.cookies.pop(cookie, None)
                else:
                    self.cookies[cookie] = content

    def _follow(self, response: Response, path: str) -> Seen:
        for _ in range(_MOST_REDIRECTS):
            headers = dict(response.headers)
            location = headers.get("location")
            if location is None:
                break
            path = location
            if not location.startswith("/") or location.startswith("//"):
                self.page = Seen(response.status, location, headers, "")
                return self.page
            response = self.send("GET", location)
        self.page = Seen(response.status, path, dict(response.headers), response.body.decode())
        return self.page

    def visit(self, path: str, **headers: str) -> Seen:
        """Go to an address of ours."""
        return self._follow(self.send("GET", path, headers=headers), path)

    def submit(self, action: str, *, headers: dict[str, str] | None = None, **filled: str) -> Seen:
        """Fill the form of the page that goes to `action`, and send it."""
        fields = {**self.page.form(action).fields, **filled}
        return self._follow(self.send("POST", action, form=fields, headers=headers), action)

    def authorize(self, **parameters: Any) -> Seen:
        """Follow an app's link."""
        return self.visit(f"{AUTHORIZE}?{urlencode(_link(parameters))}")

    def sign_in(self, email: str = "ada@example.com", password: str = "correct horse 17") -> Seen:
        """Sign in by password, from the sign-in page on."""
        self.submit("/sign-in", email=email)
        return self.submit("/sign-in/password", password=password)


def _link(parameters: dict[str, Any]) -> dict[str, Any]:
    link = {"client_id": CLIENT, "redirect_uri": REDIRECT_URI, "response_type": "code", "provider": "authkit"}
    return {name: value for name, value in {**link, **parameters}.items() if value is not None}


def read_pairs(address: str) -> list[tuple[str, str]]:
    """Give what an address carries, in its order."""
    return parse_qsl(urlsplit(address).query, keep_blank_values=True)


def last_code(house: House, to: str) -> str:
    """Give the code of the newest mail or SMS to somebody."""
    kept = house.call("GET", "/_dev/inbox", query={"to": to}, key=None).json["data"]
    digits: list[str] = [word.strip(".:,") for word in kept[0]["text"].split()]
    return next(word for word in digits if word.isdigit() and len(word) == 6)
