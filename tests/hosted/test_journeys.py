"""Journeys through the pages in a real browser, with scripts switched off; pictures are kept in var/pictures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.harness.chromium import open_chromium, take_pictures
from tests.harness.servers import start_server
from tests.harness.unavailable import bring

if TYPE_CHECKING:
    from tests.harness.databases import Databases
    from tests.harness.guard import Guard
    from tests.harness.servers import Server

CALLBACK = "http://localhost:3000/callback"
EMAIL, OTHER, PASSWORD = "ada@example.com", "bob@example.com", "correct horse 17"

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture
def page() -> Iterator[Page]:
    with ExitStack() as opened:
        context = bring(lambda: opened.enter_context(open_chromium(CALLBACK)))
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


def _authorize(running: Server, page: Page, **asked: str) -> None:
    link = {"client_id": running.client_id, "redirect_uri": CALLBACK, "response_type": "code", "provider": "authkit"}
    page.goto(f"{running.base_url}/user_management/authorize?{urlencode({**link, 'state': 's', **asked})}")


def _look(page: Page, name: str, heading: str) -> None:
    """Wait until the page is there, and keep pictures of it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    take_pictures(page, name)


def _traded(running: Server, page: Page) -> dict[str, object]:
    page.wait_for_url(f"{CALLBACK}?**")
    carried = {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}
    grant = {"client_id": running.client_id, "client_secret": running.api_key, "grant_type": "authorization_code"}
    answer = running.http().post("/user_management/authenticate", json={**grant, "code": carried["code"]})
    assert (answer.status_code, carried["state"]) == (200, "s"), answer.text
    traded: dict[str, object] = answer.json()
    return traded


def _mail(running: Server, to: str) -> str:
    kept = running.http().get("/_dev/inbox", params={"to": to}).json()["data"]
    return str(kept[0]["text"])


def _code(running: Server, to: str) -> str:
    return next(word for word in _mail(running, to).replace(".", " ").split() if word.isdigit() and len(word) == 6)


def _create_user(running: Server, email: str) -> str:
    body = {"email": email, "password": PASSWORD, "email_verified": True}
    return str(running.http().post("/user_management/users", json=body).json()["id"])


def _join(running: Server, user_id: str, *names: str) -> list[str]:
    api = running.http()
    made = [str(api.post("/organizations", json={"name": name}).json()["id"]) for name in names]
    for organization_id in made:
        membership = {"user_id": user_id, "organization_id": organization_id}
        api.post("/user_management/organization_memberships", json=membership)
    return made


def _enrol(running: Server, user_id: str) -> pyotp.TOTP:
    api = running.http()
    enrolled = api.post(f"/user_management/users/{user_id}/auth_factors", json={"type": "totp"}).json()
    clock = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge = enrolled["authentication_challenge"]["id"]
    api.post(f"/auth/challenges/{challenge}/verify", json={"code": clock.at(int(time.time()) - 30)})
    return clock


def test_sign_up_factor_organization_and_back(running: Server, page: Page) -> None:
    _authorize(running, page)
    page.get_by_role("link", name="Create one").click()
    _look(page, "sign-up", "Create an account")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading")).to_have_text("Confirm your address")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    _look(page, "verify-email-wrong", "Confirm your address")
    page.get_by_label("Code").fill(_code(running, EMAIL))
    page.get_by_role("button", name="Confirm").click()
    user = _traded(running, page)["user"]
    assert isinstance(user, dict)

    made = _join(running, str(user["id"]), "Analytical Engines", "Difference & Sons")
    clock = _enrol(running, str(user["id"]))
    _authorize(running, page, prompt="login")
    _look(page, "sign-in", "Sign in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.keyboard.press("Enter")
    _look(page, "password", "Enter your password")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    _look(page, "factor", "One more step")
    page.get_by_label("Code").fill(clock.at(int(time.time())))
    page.keyboard.press("Enter")
    _look(page, "organization", "Choose an organization")
    page.get_by_role("button", name="Difference & Sons").click()

    assert _traded(running, page)["organization_id"] == made[1]


def test_password_forgotten_code_mailed_and_device_let_in(running: Server, page: Page) -> None:
    _create_user(running, OTHER)
    _authorize(running, page, login_hint=OTHER)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password").fill("wrong horse 99")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    _look(page, "password-wrong", "Enter your password")
    page.get_by_role("link", name="Forgot it?").click()
    _look(page, "forgot-password", "Set a new password")
    page.get_by_role("button", name="Mail me a link").click()
    _look(page, "link-sent", "Look at your mail")
    link = next(word for word in _mail(running, OTHER).split() if "/reset-password?" in word)
    page.goto(f"{running.base_url}/reset-password?{urlsplit(link).query}")
    _look(page, "reset-password", "Choose a new password")
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    _look(page, "password-set", "Your password is set")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Mail me a code").click()
    _look(page, "code", "Look at your mail")
    page.get_by_label("Code").fill(_code(running, OTHER))
    page.get_by_role("button", name="Sign in").first.click()
    assert _traded(running, page)["authentication_method"] == "MagicAuth"

    begun = running.http().post("/user_management/authorize/device", json={"client_id": running.client_id}).json()
    page.goto(f"{running.base_url}/device")
    _look(page, "device", "Connect a device")
    page.get_by_label("Code").fill(begun["user_code"])
    page.get_by_role("button", name="Continue").click()
    _look(page, "device-confirm", "Let this device in?")
    page.get_by_role("button", name="Let it in").click()
    _look(page, "device-done", "Your device is connected")


def _enter_account(running: Server, page: Page, email: str) -> None:
    page.goto(f"{running.base_url}/account?client_id={running.client_id}")
    page.get_by_label("E-mail address").fill(email)
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def test_a_second_step_and_its_recovery_codes_are_looked_after_by_their_owner(running: Server, page: Page) -> None:
    owner = "mary@example.com"
    _create_user(running, owner)
    _enter_account(running, page, owner)
    page.get_by_label("First name").fill("Mary")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your name is saved.")
    _look(page, "account", "Your account")
    page.get_by_role("link", name="Second step").click()
    _look(page, "account-factors", "Second step")
    page.get_by_role("button", name="Add an authenticator app").click()
    page.get_by_text("Cannot scan it?").click()
    _look(page, "account-factor", "Add your authenticator app")
    clock = pyotp.TOTP((page.locator(".key code").text_content() or "").replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(clock.at(int(time.time())))
    page.get_by_role("button", name="Continue").click()
    _look(page, "account-codes", "Keep these codes")
    code = page.locator(".codes code").first.text_content() or ""
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Second step").click()
    _look(page, "account-factors-on", "Second step")
    page.get_by_role("link", name="Recovery codes").click()
    _look(page, "account-recovery", "Recovery codes")
    page.get_by_role("link", name="Back to your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")

    _enter_account(running, page, owner)
    _look(page, "factor-or-recovery", "One more step")
    page.get_by_role("link", name="Use a recovery code").click()
    _look(page, "recover", "Use a recovery code")
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_a_password_and_a_session_are_looked_after_by_their_owner(running: Server, page: Page) -> None:
    owner = "jane@example.com"
    _create_user(running, owner)
    grant = {"client_id": running.client_id, "client_secret": running.api_key, "grant_type": "password"}
    running.http().post("/user_management/authenticate", json={**grant, "email": owner, "password": PASSWORD})
    _enter_account(running, page, owner)
    page.get_by_role("link", name="Where you are signed in").click()
    _look(page, "account-sessions", "Where you are signed in")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out everywhere else.")
    page.get_by_role("link", name="Back to your account").click()
    page.get_by_role("link", name="Password").click()
    page.get_by_label("Current password").fill("wrong horse 99")
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("another one")
    _look(page, "account-password", "Change your password")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")


def test_an_old_address_takes_its_account_back(running: Server, page: Page) -> None:
    owner, thief = "joan@example.com", "eve@example.com"
    path = f"/user_management/users/{_create_user(running, owner)}/email_change"
    running.http().post(f"{path}/send", json={"new_email": thief})
    running.http().post(f"{path}/confirm", json={"code": _code(running, thief)})

    link = next(word for word in _mail(running, owner).split() if "/undo-email-change?" in word)
    page.goto(f"{running.base_url}/undo-email-change?{urlsplit(link).query}")
    _look(page, "undo-email-change", "Take your account back?")
    page.get_by_role("button", name="Undo the change").click()
    _look(page, "email-change-undone", "Your account is yours again")

    assert "/reset-password?" in _mail(running, owner)


def test_errors_say_what_to_do_next(running: Server, page: Page) -> None:
    page.goto(f"{running.base_url}/sign-in")
    _look(page, "error-gone", "There is nothing to sign in to")
    _authorize(running, page, redirect_uri="https://evil.example/callback")
    _look(page, "error-redirect", "This link leads somewhere it must not")
    page.goto(f"{running.base_url}/signed-out")
    _look(page, "signed-out", "You are signed out")


def test_a_mail_is_read_in_the_inbox_as_its_reader_would_see_it(running: Server, page: Page) -> None:
    reader = "grace@example.com"
    code = running.http().post("/user_management/magic_auth", json={"email": reader}).json()["code"]

    page.goto(f"{running.base_url}/_dev/inbox?{urlencode({'to': reader})}")
    take_pictures(page, "inbox")
    page.get_by_role("link").filter(has_text=code).or_(page.get_by_role("link").filter(has_text=reader)).first.click()
    letter = page.frame_locator("iframe")
    expect(letter.get_by_text(code).first).to_be_visible()
    take_pictures(page, "inbox-mail")


def test_the_first_minutes(running: Server, page: Page) -> None:
    page.goto(running.base_url.replace("127.0.0.1", "localhost") + "/")
    _look(page, "start", "Development mode")
    page.get_by_role("button", name="Sign in with the sample app").click()
    page.get_by_role("link", name="Create one").click()
    page.get_by_label("E-mail address").fill("first@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading")).to_have_text("Confirm your address")
    page.get_by_label("Code").fill(_code(running, "first@example.com"))
    page.get_by_role("button", name="Confirm").click()
    _look(page, "sample-app", "Signed in")
    expect(page.get_by_text("first@example.com").first).to_be_visible()
    page.get_by_role("link", name="Sign out").click()
    _look(page, "start-with-mail", "Development mode")
    expect(page.get_by_text("first@example.com").first).to_be_visible()
    page.get_by_role("button", name="Sign in with the sample app").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
