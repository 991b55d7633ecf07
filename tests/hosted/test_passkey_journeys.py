"""Passkeys in a real browser, with an authenticator that the browser plays; pictures are kept in var/pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Error, Page, expect

from tests.harness.chromium import take_pictures, visit_with
from tests.harness.servers import start_server
from tests.hosted.journeying import CALLBACK, PASSWORD, authorize, look

if TYPE_CHECKING:
    from tests.harness.databases import Databases
    from tests.harness.guard import Guard
    from tests.harness.servers import Server

pytestmark = pytest.mark.xdist_group("chromium")


class Device:
    """The authenticator that the browser plays: it holds passkeys and knows its user, who touches it when told."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable", {"enableUI": False})
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        self._id = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]

    def is_touched(self, *, by_user: bool) -> None:
        """Let the user touch the device whenever it asks, or never."""
        asked = {"authenticatorId": self._id, "enabled": by_user}
        self._session.send("WebAuthn.setAutomaticPresenceSimulation", asked)

    def knows_its_user(self, *, is_verified: bool) -> None:
        """Let the user be verified, or not."""
        asked = {"authenticatorId": self._id, "isUserVerified": is_verified}
        self._session.send("WebAuthn.setUserVerified", asked)

    def held(self) -> list[dict[str, Any]]:
        """List the passkeys that it holds."""
        found: list[dict[str, Any]] = self._session.send("WebAuthn.getCredentials", {"authenticatorId": self._id})[
            "credentials"
        ]
        return found


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with visit_with(chromium, scripts=True) as context:
        yield context.new_page()


@pytest.fixture(scope="module")
def running(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that all journeys share; none looks at what another left."""
    started = start_server(
        guard,
        tmp_path_factory.mktemp("journeys"),
        database_url=databases.fresh("sqlite"),
        settings={"GATELODGE_LIMITS": "false"},
    )
    yield started
    started.end()


def _trade(running: Server, page: Page, act: Callable[[], None]) -> dict[str, Any]:
    """Do what sends the browser back to the app, and trade the code that it goes with."""
    with page.expect_request(f"{CALLBACK}?**") as sent:
        act()
    page.wait_for_url(f"{CALLBACK}?**")
    carried = {name: values[0] for name, values in parse_qs(urlsplit(sent.value.url).query).items()}
    grant = {"client_id": running.client_id, "client_secret": running.api_key, "grant_type": "authorization_code"}
    answer = running.http().post("/user_management/authenticate", json={**grant, "code": carried["code"]})
    assert (answer.status_code, carried["state"]) == (200, "s"), answer.text
    traded: dict[str, Any] = answer.json()
    return traded


def _touch(device: Device, page: Page) -> None:
    """Press the button and touch the device, which may take up what the field suggests before the button is pressed."""
    device.is_touched(by_user=True)
    with suppress(Error):
        page.get_by_role("button", name="Use a passkey").click(timeout=3_000)


def _heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def _enter_account(running: Server, page: Page, email: str) -> None:
    body = {"email": email, "password": PASSWORD, "email_verified": True}
    assert running.http().post("/user_management/users", json=body).status_code == 201
    page.goto(f"{running.base_url}/account?client_id={running.client_id}")
    page.get_by_label("E-mail address").fill(email)
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Passkeys").click()
    _heading(page, "Passkeys")


def _add(page: Page) -> None:
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("status")).to_have_text("It is added. From now on it signs you in.")


def _sign_out(page: Page) -> None:
    page.get_by_role("link", name="Back to your account").click()
    page.get_by_role("button", name="Sign out").click()
    _heading(page, "You are signed out")


def test_a_passkey_is_added_used_by_the_button_named_and_removed(running: Server, page: Page) -> None:
    device, email = Device(page), "ada@example.com"
    _enter_account(running, page, email)
    look(page, "account-passkeys", "Passkeys")
    _add(page)
    assert [bool(held["isResidentCredential"]) for held in device.held()] == [True]
    look(page, "account-passkeys-added", "Passkeys")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("This device has a passkey for your account already.")
    take_pictures(page, "account-passkeys-known")
    page.get_by_text("Rename").click()
    page.get_by_label("Name", exact=True).fill("My telephone")
    take_pictures(page, "account-passkeys-rename")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("My telephone")).to_be_visible()
    _sign_out(page)

    device.is_touched(by_user=False)
    authorize(running, page)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    look(page, "sign-in-passkey", "Sign in")
    traded = _trade(running, page, lambda: _touch(device, page))
    assert (traded["authentication_method"], traded["user"]["email"]) == ("Passkey", email)

    page.goto(f"{running.base_url}/account/passkeys")
    expect(page.get_by_text("Last used")).to_be_visible()
    page.get_by_role("button", name="Remove My telephone").click()
    expect(page.get_by_role("status")).to_contain_text("It is removed.")
    assert len(device.held()) == 1
    _sign_out(page)
    # What the field suggests is taken up at once, and is not suggested again once it has failed.
    authorize(running, page)
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("not known here any more")
    expect(page.get_by_label("E-mail address")).to_have_attribute("autocomplete", "username")
    take_pictures(page, "sign-in-passkey-unknown")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("not known here any more")


def test_a_passkey_is_suggested_in_the_field_for_the_address(running: Server, page: Page) -> None:
    Device(page)
    email = "grace@example.com"
    _enter_account(running, page, email)
    _add(page)
    _sign_out(page)
    mediations: list[str] = []
    page.on("console", lambda message: mediations.append(message.text))
    page.add_init_script(
        """
        const get = navigator.credentials.get.bind(navigator.credentials);
        navigator.credentials.get = (options) => (console.log(options.mediation), get(options));
        """
    )

    # Nothing is clicked: the device takes up what the page offers in the field, as its user would by choosing it there.
    traded = _trade(running, page, lambda: authorize(running, page))

    assert mediations == ["conditional"]
    assert (traded["authentication_method"], traded["user"]["email"]) == ("Passkey", email)


def test_what_the_field_suggests_is_renewed_before_its_challenge_expires(running: Server, page: Page) -> None:
    device, email = Device(page), "mary@example.com"
    _enter_account(running, page, email)
    _add(page)
    device.is_touched(by_user=False)
    _sign_out(page)
    page.clock.install()
    with page.expect_response("**/sign-in/passkey/options"):
        authorize(running, page)

    running.advance_clock(301)
    with page.expect_response("**/sign-in/passkey/options") as renewed:
        page.clock.fast_forward(241_000)
    assert renewed.value.status == 200

    traded = _trade(running, page, lambda: _touch(device, page))
    assert traded["user"]["email"] == email


def test_whoever_adds_a_passkey_after_a_while_signs_in_first_and_comes_back(running: Server, page: Page) -> None:
    Device(page)
    _enter_account(running, page, "jane@example.com")
    running.advance_clock(601)

    page.get_by_role("button", name="Add a passkey").click()
    _heading(page, "Enter your password")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    _heading(page, "Passkeys")

    _add(page)


def test_a_device_that_does_not_know_its_user_signs_nobody_in_and_the_page_says_so(running: Server, page: Page) -> None:
    device, email = Device(page), "joan@example.com"
    _enter_account(running, page, email)
    _add(page)
    _sign_out(page)
    device.knows_its_user(is_verified=False)

    authorize(running, page)
    page.get_by_role("button", name="Use a passkey").click()

    expect(page.get_by_role("alert").filter(visible=True)).to_have_text(
        "No passkey was used. Try again, or choose another way."
    )
    take_pictures(page, "sign-in-passkey-none")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    look(page, "password-passkey", "Enter your password")
    device.knows_its_user(is_verified=True)
    traded = _trade(running, page, page.get_by_role("button", name="Use a passkey").click)
    assert traded["authentication_method"] == "Passkey"


def test_where_the_policy_allows_none_no_page_speaks_of_passkeys(
    guard: Guard, databases: Databases, tmp_path: Path, page: Page
) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("policy:\n  passkey: false\n")
    running = start_server(guard, tmp_path, database_url=databases.fresh("sqlite"), arguments=("--seed", str(seed)))
    try:
        Device(page)
        authorize(running, page)
        _heading(page, "Sign in")
        assert page.locator("script").count() == 0
        assert page.get_by_text("passkey").count() == 0
    finally:
        running.end()
