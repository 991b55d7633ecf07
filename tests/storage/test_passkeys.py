"""A passkey's answer between two server processes on one database: good once, whichever is asked."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx2

from tests.harness.authenticator import Authenticator
from tests.harness.servers import PLAIN

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine
    from tests.harness.servers import Server

RACERS = 32
ADA, PASSWORD = "ada@example.com", "correct horse 17"
BASE_URL = "http://localhost:4100"
CALLBACK = "http://localhost:3000/callback"
ADD, SIGN_IN = "/account/passkeys", "/sign-in/passkey"

_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]*)"')


def browse() -> httpx2.Client:
    """Open a browser that keeps cookies, for whichever port of this machine."""
    return httpx2.Client(timeout=30, trust_env=False, verify=PLAIN, headers={"sec-fetch-site": "same-origin"})


def fill(page: httpx2.Response, **filled: str) -> dict[str, str]:
    """Fill a form of a page."""
    token = _FORM_TOKEN.search(page.text)
    assert token is not None, page.text
    return {"form_token": token[1], **filled}


def ask(browser: httpx2.Client, house: Server, page: httpx2.Response, action: str) -> dict[str, Any]:
    """Ask for the options of a form, as the page's script does."""
    asked: dict[str, Any] = browser.post(f"{house.base_url}{action}/options", data=fill(page)).json()
    return asked


def register(house: Server, device: Authenticator) -> None:
    """Make a user who adds a passkey on the page of the account."""
    user = {"email": ADA, "password": PASSWORD, "email_verified": True}
    house.http().post("/user_management/users", json=user).raise_for_status()
    with browse() as browser:
        browser.follow_redirects = True
        page = browser.get(f"{house.base_url}{ADD}")
        page = browser.post(f"{house.base_url}/sign-in", data=fill(page, email=ADA))
        page = browser.post(f"{house.base_url}/sign-in/password", data=fill(page, password=PASSWORD))
        made = device.make(ask(browser, house, page, ADD))
        assert "It is added" in browser.post(f"{house.base_url}{ADD}", data=fill(page, credential=made)).text


def test_an_answer_gives_one_code_on_two_servers(
    server: StartServer, engine: Engine, fresh_database: FreshDatabase
) -> None:
    url = fresh_database(engine)
    settings = {"GATELODGE_BASE_URL": BASE_URL} | ({"GATELODGE_SHARE_DATA": "true"} if engine == "sqlite" else {})
    houses = [server(database_url=url, settings=settings) for _ in range(2)]
    device = Authenticator()
    register(houses[0], device)
    link = {"client_id": houses[0].client_id, "redirect_uri": CALLBACK, "response_type": "code", "provider": "authkit"}
    with browse() as browser:
        page = browser.get(f"{houses[0].base_url}/user_management/authorize", params=link, follow_redirects=True)
        form = fill(page, credential=device.sign(ask(browser, houses[1], page, SIGN_IN)))

        with ThreadPoolExecutor(16) as pool:
            answers = list(
                pool.map(
                    lambda number: browser.post(f"{houses[number % 2].base_url}{SIGN_IN}", data=form), range(RACERS)
                )
            )

    locations = [answer.headers.get("location", "") for answer in answers]
    assert sum("code=" in location for location in locations) == 1
    assert {answer.status_code for answer in answers} <= {303, 400, 403, 410}
    told = houses[0].http().get("/events", params={"events": "authentication.passkey_succeeded"}).json()["data"]
    assert len(told) == 1
