"""Journeys through the pages in a real browser, with scripts switched off; pictures are kept in var/pictures."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.harness.chromium import take_pictures
from tests.hosted.journeying import (
    PASSWORD,
    authorize,
    create_user,
    enrol,
    enter_account,
    follow_link,
    join,
    look,
    read_code,
    read_mail,
    trade,
)

if TYPE_CHECKING:
    from tests.harness.servers import Server

EMAIL, OTHER = "ada@example.com", "bob@example.com"

# A busy machine takes its time over so many pictures.
pytestmark = [pytest.mark.xdist_group("chromium"), pytest.mark.timeout(400)]


def test_sign_up_factor_organization_and_back(running: Server, page: Page) -> None:
    authorize(running, page)
    page.get_by_role("link", name="Create one").click()
    look(page, "sign-up", "Create an account")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading")).to_have_text("Confirm your address")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "verify-email-wrong", "Confirm your address")
    page.get_by_label("Code").fill(read_code(running, EMAIL))
    page.get_by_role("button", name="Confirm").click()
    user = trade(running, page)["user"]
    assert isinstance(user, dict)

    made = join(running, str(user["id"]), "Analytical Engines", "Difference & Sons")
    clock = enrol(running, str(user["id"]))
    authorize(running, page, prompt="login")
    look(page, "sign-in", "Sign in")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.keyboard.press("Enter")
    look(page, "password", "Enter your password")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    look(page, "factor", "One more step")
    page.get_by_label("Code").fill(clock.at(int(time.time())))
    page.keyboard.press("Enter")
    look(page, "organization", "Choose an organization")
    page.get_by_role("button", name="Difference & Sons").click()

    assert trade(running, page)["organization_id"] == made[1]


def test_password_forgotten_code_mailed_and_device_let_in(running: Server, page: Page) -> None:
    create_user(running, OTHER)
    authorize(running, page, login_hint=OTHER)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password").fill("wrong horse 99")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("does not fit")
    look(page, "password-wrong", "Enter your password")
    page.get_by_role("link", name="Forgot it?").click()
    look(page, "forgot-password", "Set a new password")
    page.get_by_role("button", name="Mail me a link").click()
    look(page, "link-sent", "Look at your mail")
    follow_link(running, page, OTHER, path="/reset-password")
    look(page, "reset-password", "Choose a new password")
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    look(page, "password-set", "Your password is set")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Mail me a code").click()
    look(page, "code", "Look at your mail")
    page.get_by_label("Code").fill(read_code(running, OTHER))
    page.get_by_role("button", name="Sign in").first.click()
    assert trade(running, page)["authentication_method"] == "MagicAuth"

    begun = running.http().post("/user_management/authorize/device", json={"client_id": running.client_id}).json()
    page.goto(f"{running.base_url}/device")
    look(page, "device", "Connect a device")
    page.get_by_label("Code").fill(begun["user_code"])
    page.get_by_role("button", name="Continue").click()
    look(page, "device-confirm", "Let this device in?")
    page.get_by_role("button", name="Let it in").click()
    look(page, "device-done", "Your device is connected")


def test_a_second_step_and_its_recovery_codes_are_looked_after_by_their_owner(running: Server, page: Page) -> None:
    owner = "mary@example.com"
    create_user(running, owner)
    enter_account(running, page, owner)
    page.get_by_label("First name").fill("Mary")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text("Your name is saved.")
    look(page, "account", "Your account")
    page.get_by_role("link", name="Second step").click()
    look(page, "account-factors", "Second step")
    page.get_by_role("button", name="Add an authenticator app").click()
    page.get_by_text("Cannot scan it?").click()
    look(page, "account-factor", "Add your authenticator app")
    clock = pyotp.TOTP((page.locator(".key code").text_content() or "").replace(" ", ""))
    page.get_by_label("Code", exact=True).fill(clock.at(int(time.time())))
    page.get_by_role("button", name="Continue").click()
    look(page, "account-codes", "Keep these codes")
    code = page.locator(".codes code").first.text_content() or ""
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Second step").click()
    look(page, "account-factors-on", "Second step")
    page.get_by_role("link", name="Recovery codes").click()
    look(page, "account-recovery", "Recovery codes")
    page.get_by_role("link", name="Back to your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")

    enter_account(running, page, owner)
    look(page, "factor-or-recovery", "One more step")
    page.get_by_role("link", name="Use a recovery code").click()
    look(page, "recover", "Use a recovery code")
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account")


def test_a_password_and_a_session_are_looked_after_by_their_owner(running: Server, page: Page) -> None:
    owner = "jane@example.com"
    create_user(running, owner)
    grant = {"client_id": running.client_id, "client_secret": running.api_key, "grant_type": "password"}
    running.http().post("/user_management/authenticate", json={**grant, "email": owner, "password": PASSWORD})
    enter_account(running, page, owner)
    page.get_by_role("link", name="Where you are signed in").click()
    look(page, "account-sessions", "Where you are signed in")
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("status")).to_have_text("You are signed out everywhere else.")
    page.get_by_role("link", name="Back to your account").click()
    page.get_by_role("link", name="Password").click()
    page.get_by_label("Current password").fill("wrong horse 99")
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("alert")).to_contain_text("another one")
    look(page, "account-password", "Change your password")
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill("another horse 18")
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")


def test_an_old_address_takes_its_account_back(running: Server, page: Page) -> None:
    owner, thief = "joan@example.com", "eve@example.com"
    path = f"/user_management/users/{create_user(running, owner)}/email_change"
    running.http().post(f"{path}/send", json={"new_email": thief})
    running.http().post(f"{path}/confirm", json={"code": read_code(running, thief)})

    follow_link(running, page, owner, path="/undo-email-change")
    look(page, "undo-email-change", "Take your account back?")
    page.get_by_role("button", name="Undo the change").click()
    look(page, "email-change-undone", "Your account is yours again")

    assert "/reset-password?" in read_mail(running, owner)


def test_errors_say_what_to_do_next(running: Server, page: Page) -> None:
    page.goto(f"{running.base_url}/sign-in")
    look(page, "error-gone", "There is nothing to sign in to")
    authorize(running, page, redirect_uri="https://evil.example/callback")
    look(page, "error-redirect", "This link leads somewhere it must not")
    page.goto(f"{running.base_url}/signed-out")
    look(page, "signed-out", "You are signed out")


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
    look(page, "start", "Development mode")
    page.get_by_role("button", name="Sign in with the sample app").click()
    page.get_by_role("link", name="Create one").click()
    page.get_by_label("E-mail address").fill("first@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading")).to_have_text("Confirm your address")
    page.get_by_label("Code").fill(read_code(running, "first@example.com"))
    page.get_by_role("button", name="Confirm").click()
    look(page, "sample-app", "Signed in")
    expect(page.get_by_text("first@example.com").first).to_be_visible()
    page.get_by_role("link", name="Sign out").click()
    look(page, "start-with-mail", "Development mode")
    expect(page.get_by_text("first@example.com").first).to_be_visible()
    page.get_by_role("button", name="Sign in with the sample app").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
