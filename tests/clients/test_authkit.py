"""An app that stands on the official authkit-session package signs users in through the pages, in a real browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from tests.clients.telling import MASTER_KEY
from tests.harness.chromium import launch_chromium, visit_with
from tests.harness.clients import LOCKS
from tests.harness.databases import ENGINES
from tests.harness.servers import start_server
from tests.harness.unavailable import bring

if TYPE_CHECKING:
    from tests.harness.clients import Clients
    from tests.harness.databases import ENGINES, Databases
    from tests.harness.guard import Guard
from tests.harness.servers import Server

APP = "http://localhost:3000"
EMAIL, PASSWORD = "ada@example.com", "correct horse 17"

# A busy machine takes its time over so many pictures.
pytestmark = [pytest.mark.xdist_group("chromium"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module", params=ENGINES)
def running(
    request: pytest.FixtureRequest, guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Give a server on each engine in turn; no test looks at what another left."""
    url = bring(lambda: databases.fresh(request.param))
    folder, settings = tmp_path_factory.mktemp("authkit"), {"GATELODGE_MASTER_KEY": MASTER_KEY}
    server = start_server(guard, folder, database_url=url, settings=settings)
    yield server
    server.end()
    databases.drop(url)


@pytest.fixture(scope="module")
def app(running: Server, clients: Clients, guard: Guard) -> Iterator[int]:
    """Run the app; gives its port."""
    client = bring(clients.authkit)
    environment = {
        "PATH": os.environ["PATH"],
        "SDK_FOLDER": str(client.folder),
        "WORKOS_API_HOSTNAME": "127.0.0.1",
        "WORKOS_API_HTTPS": "false",
        "WORKOS_API_PORT": str(running.port),
        "WORKOS_API_KEY": running.api_key,
        "WORKOS_CLIENT_ID": running.client_id,
        "WORKOS_COOKIE_PASSWORD": "a password of the cookies, long enough",
        "WORKOS_REDIRECT_URI": f"{APP}/callback",
    }
    process = subprocess.Popen(
        [client.program, LOCKS / "node" / "authkit.mjs"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    guard.watch(process.pid)
    assert process.stdout is not None
    yield int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    guard.forget(process.pid)


@pytest.fixture(scope="module")
def chromium(app: int) -> Iterator[Browser]:
    with ExitStack() as opened:
        yield bring(lambda: opened.enter_context(launch_chromium(APP, app=app)))


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with visit_with(chromium) as context:
        yield context.new_page()


def _shown(page: Page) -> dict[str, str]:
    expect(page.locator("#email")).to_have_text(EMAIL)
    return {str(each.get_attribute("id")): each.text_content() or "" for each in page.locator("p").all()}


def _furnish(running: Server) -> tuple[str, list[str]]:
    """Make a user who is a member of two organizations; gives their ids."""
    api = running.http()
    user = {"email": EMAIL, "password": PASSWORD, "email_verified": True}
    user_id = str(api.post("/user_management/users", json=user).json()["id"])
    made = [str(api.post("/organizations", json={"name": name}).json()["id"]) for name in ("One", "Two")]
    for organization_id in made:
        membership = {"user_id": user_id, "organization_id": organization_id}
        api.post("/user_management/organization_memberships", json=membership)
    return user_id, made


def test_users_sign_in_refresh_and_sign_out_through_the_official_package(running: Server, page: Page) -> None:
    user_id, made = _furnish(running)
    asked: list[str] = []

    def note(request: Request) -> None:
        if "/user_management/authorize" in request.url:
            asked.append(request.url)

    page.on("request", note)
    page.goto(f"{APP}/private")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Two").click()
    page.wait_for_url(f"{APP}/private")
    first = _shown(page)
    # The package holds the state against a cookie, byte for byte.
    assert len(parse_qs(urlsplit(asked[0]).query)["state"][0]) > 300
    assert (first["organization"], first["role"]) == (made[1], "member")

    page.goto(f"{APP}/refresh")
    page.wait_for_url(f"{APP}/private")
    renewed = _shown(page)
    assert (renewed["session"], renewed["organization"]) == (first["session"], made[1])
    assert renewed["token"] != first["token"]

    page.goto(f"{APP}/login?to=/private&organization={made[0]}")
    page.wait_for_url(f"{APP}/private")
    switched = _shown(page)
    assert (switched["organization"], switched["session"] != first["session"]) == (made[0], True)

    page.goto(f"{APP}/logout")
    page.wait_for_url(f"{APP}/")
    expect(page.locator("#home")).to_have_text("out")
    page.goto(f"{APP}/login?sign-up")
    expect(page.get_by_role("heading", level=1)).to_have_text("Create an account")
    live = running.http().get(f"/user_management/users/{user_id}/sessions").json()["data"]
    assert [each["id"] for each in live] == [first["session"]]


def test_giving_up_comes_back_to_the_app_as_an_error_with_the_state(page: Page) -> None:
    page.goto(f"{APP}/login")
    page.get_by_role("button", name="Cancel and go back").click()

    page.wait_for_url(f"{APP}/callback?error=access_denied&**")
    assert "state" in parse_qs(urlsplit(page.url).query)
