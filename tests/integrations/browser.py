"""A browser without scripts that walks between an app and Gatelodge's pages, both real processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx2

from tests.harness.servers import PLAIN
from tests.hosted.browser import Seen

APP = "http://localhost:3000"
_MOST_REDIRECTS = 12
_HEADERS = {"accept": "text/html", "user-agent": "Mozilla/5.0 Firefox/140.0", "sec-fetch-site": "same-origin"}


@dataclass
class Browser:
    """One browser with its own cookies; `app` is where the app really listens."""

    app: str
    walked: list[httpx2.Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.http = httpx2.Client(trust_env=False, verify=PLAIN, timeout=30, headers=_HEADERS)
        self.address, self.answer = APP, httpx2.Response(204)

    def ask(self, method: str, address: str, **given: object) -> httpx2.Response:
        """Send one request, without following where it leads; addresses are relative to the page."""
        self.address = urljoin(self.address, address)
        real = self.app + self.address.removeprefix(APP) if self.address.startswith(APP) else self.address
        self.answer = self.http.request(method, real, **given)  # type: ignore[arg-type]
        self.walked.append(self.answer)
        return self.answer

    def go(self, address: str, *, method: str = "GET", form: dict[str, str] | None = None) -> httpx2.Response:
        """Send a request and follow where it leads."""
        self.ask(method, address, data=form)
        for _ in range(_MOST_REDIRECTS):
            if "location" not in self.answer.headers:
                return self.answer
            self.ask("GET", self.answer.headers["location"])
        raise AssertionError(f"too many redirects, last to {self.address}")

    def submit(self, action: str, **filled: str) -> httpx2.Response:
        """Fill the form of the page that goes to `action`, and send it."""
        page = Seen(self.answer.status_code, self.address, dict(self.answer.headers), self.answer.text)
        return self.go(action, method="POST", form={**page.form(action).fields, **filled})

    def sign_in(self, email: str, password: str = "correct horse 17") -> httpx2.Response:
        """Sign in by password, from the sign-in page on."""
        self.submit("/sign-in", email=email)
        return self.submit("/sign-in/password", password=password)

    def forget(self, *names: str) -> None:
        """Lose cookies."""
        for cookie in list(self.http.cookies.jar):
            if cookie.name.startswith(names):
                self.http.cookies.jar.clear(cookie.domain, cookie.path, cookie.name)

    def cookie(self, start: str) -> str:
        """Give the value of the cookie whose name starts so, or nothing."""
        return next((each.value or "" for each in self.http.cookies.jar if each.name.startswith(start)), "")

    def close(self) -> None:
        """Let go of connections."""
        self.http.close()
