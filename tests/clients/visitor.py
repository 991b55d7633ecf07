"""A person who signs in on the server's own pages, in a browser that was never there before."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, urljoin, urlsplit

import httpx2

from tests.harness.servers import PLAIN

_MOST_REDIRECTS = 8
FORM_TOKEN = re.compile(r'name="form_token" value="([^"]*)"')


def approve(address: str, *, email: str, password: str) -> None:
    """Open the address that a device shows, sign in by password, and let the device in."""
    with httpx2.Client(timeout=30, trust_env=False, verify=PLAIN) as browser:
        page = _arrive(browser, browser.get(address))
        code = parse_qs(urlsplit(address).query)["user_code"][0]
        page = _submit(browser, page, "/device", user_code=code)
        page = _submit(browser, page, "/sign-in", email=email)
        page = _submit(browser, page, "/sign-in/password", password=password)
        page = _submit(browser, page, "/device/answer", user_code=code, answer="allow")
        assert page.status_code == 200, page.text


def sign_in(address: str, *, email: str, password: str) -> dict[str, str]:
    """Follow an app's link, sign in by password, and give what the browser brings back to the app."""
    with httpx2.Client(timeout=30, trust_env=False, verify=PLAIN) as browser:
        page = _arrive(browser, browser.get(address))
        page = _submit(browser, page, "/sign-in", email=email)
        page = _submit(browser, page, "/sign-in/password", password=password)
        assert page.next_request is not None, page.text
        return dict(parse_qsl(urlsplit(str(page.next_request.url)).query))


def _submit(browser: httpx2.Client, page: httpx2.Response, action: str, **filled: str) -> httpx2.Response:
    """Fill the form of a page and send it."""
    token = FORM_TOKEN.search(page.text)
    assert token is not None, page.text
    address = urljoin(str(page.url), action)
    fields = {"form_token": token[1], **filled}
    return _arrive(browser, browser.post(address, data=fields, headers={"sec-fetch-site": "same-origin"}))


def _arrive(browser: httpx2.Client, answer: httpx2.Response) -> httpx2.Response:
    """Follow redirects as far as this server."""
    for _ in range(_MOST_REDIRECTS):
        if answer.next_request is None or answer.next_request.url.netloc != answer.url.netloc:
            break
        answer = browser.send(answer.next_request)
    return answer
