"""Journeys without scripts through what not everybody meets: steps, links of mails, faults, brands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pyotp
import pytest
from playwright.sync_api import Page, Route, expect

from tests.hosted.journeying import (
    CALLBACK,
    PASSWORD,
    authorize,
    create_user,
    enter_account,
    follow_link,
    look,
    read_code,
    sign_in,
    trade,
)

if TYPE_CHECKING:
    from tests.harness.servers import Server

NUMBER = "+44 20 7946 0958"
SENT_TO = "+442079460958"

# A busy machine takes its time over so many pictures.
pytestmark = [pytest.mark.xdist_group("chromium"), pytest.mark.timeout(400)]


def _arrive(page: Page) -> None:
    page.wait_for_url(f"{CALLBACK}?code=**")


def test_an_app_is_enrolled_where_a_second_step_is_demanded(running: Server, page: Page) -> None:
    authorize(running, page, client_id="client_strict")
    look(page, "branded-sign-in", "Welcome back")
    sign_in(page, "app@example.com")
    look(page, "enroll", "Protect your account")
    page.get_by_role("button", name="Use an authenticator app").click()
    look(page, "enroll-totp", "Add your authenticator app")
    page.get_by_text("Cannot scan it?").click()
    clock = pyotp.TOTP((page.locator(".key code").text_content() or "").replace(" ", ""))
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Code", exact=True)).to_be_focused()
    expect(page.get_by_label("Code", exact=True)).to_have_accessible_description(
        "That code is not right. Check it and type it again."
    )
    look(page, "enroll-totp-wrong", "Add your authenticator app")
    page.get_by_label("Code", exact=True).fill(clock.at(int(time.time())))
    page.get_by_role("button", name="Continue").click()

    _arrive(page)


def test_a_telephone_is_enrolled_where_a_second_step_is_demanded_and_asked_later(running: Server, page: Page) -> None:
    authorize(running, page, client_id="client_strict")
    sign_in(page, "telephone@example.com")
    page.get_by_label("Telephone number").fill("12")
    page.get_by_role("button", name="Send me codes by SMS").click()
    look(page, "enroll-wrong", "Protect your account")
    page.get_by_label("Telephone number").fill(NUMBER)
    page.get_by_role("button", name="Send me codes by SMS").click()
    look(page, "enroll-sms", "One more step")
    page.get_by_label("Code").fill(read_code(running, SENT_TO))
    page.get_by_role("button", name="Continue").click()
    _arrive(page)

    authorize(running, page, client_id="client_strict", prompt="login")
    sign_in(page, "telephone@example.com")
    look(page, "factor-sms", "One more step")
    page.get_by_role("button", name="Send another code").click()
    page.get_by_label("Code").fill(read_code(running, SENT_TO))
    page.get_by_role("button", name="Continue").click()

    _arrive(page)


def test_an_invitation_is_accepted_by_making_an_account(running: Server, page: Page) -> None:
    invited = "invited@example.com"
    organization = running.http().post("/organizations", json={"name": "Analytical Engines"}).json()
    running.http().post("/user_management/invitations", json={"email": invited, "organization_id": organization["id"]})
    follow_link(running, page, invited, path="/invitation")
    invitation = page.url
    look(page, "invitation", "Join Analytical Engines")
    page.get_by_role("button", name="Create an account").click()
    expect(page.get_by_label("E-mail address")).to_have_value(invited)
    page.get_by_label("Password").fill("short")
    page.keyboard.press("Enter")
    page.get_by_label("Password").fill("password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "sign-up-weak", "Create an account")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm your address")
    page.get_by_label("Code").fill(read_code(running, invited))
    page.get_by_role("button", name="Confirm").click()

    assert trade(running, page, state=None)["organization_id"] == organization["id"]
    page.goto(invitation)
    look(page, "error-invitation", "This invitation can no longer be used")


def test_an_address_is_changed_by_the_code_that_the_new_one_got(running: Server, page: Page) -> None:
    owner, new = "old@example.com", "new@example.com"
    create_user(running, owner)
    enter_account(running, page, owner)
    page.get_by_role("link", name="E-mail address").click()
    look(page, "account-email", "Change your address")
    page.get_by_label("New e-mail address").fill(owner)
    page.get_by_role("button", name="Mail me a code").click()
    look(page, "account-email-wrong", "Change your address")
    page.get_by_label("New e-mail address").fill(new)
    page.get_by_role("button", name="Mail me a code").click()
    look(page, "email-change", "Confirm your new address")
    page.get_by_label("Code").fill(read_code(running, new))
    page.get_by_role("button").first.click()
    look(page, "email-changed", "Your address is changed")


def test_a_telephone_is_added_and_removed_on_the_account_page(running: Server, page: Page) -> None:
    owner = "caller@example.com"
    create_user(running, owner)
    enter_account(running, page, owner)
    page.get_by_role("link", name="Second step").click()
    page.get_by_label("Telephone number").fill(NUMBER)
    page.get_by_role("button", name="Send me codes by SMS").click()
    look(page, "account-factor-sms", "Add your telephone")
    page.get_by_label("Code").fill(read_code(running, SENT_TO))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("link", name="Second step").click()
    page.get_by_role("button", name="Remove the telephone that ends in 58").click()
    expect(page.get_by_role("status")).to_have_text("It is removed.")


def test_a_device_is_refused(running: Server, page: Page) -> None:
    create_user(running, "careful@example.com")
    begun = running.http().post("/user_management/authorize/device", json={"client_id": running.client_id}).json()
    page.goto(f"{running.base_url}/device")
    page.get_by_label("Code").fill("BBBB-BBBB")
    page.get_by_role("button", name="Continue").click()
    look(page, "device-unknown", "Connect a device")
    page.get_by_label("Code").fill(begun["user_code"])
    page.get_by_role("button", name="Continue").click()
    sign_in(page, "careful@example.com")
    page.get_by_role("button", name="Refuse").click()
    look(page, "device-refused", "The device was refused")


def test_pages_that_lead_no_further_say_what_to_do(running: Server, page: Page) -> None:
    create_user(running, "lost@example.com")
    authorize(running, page, client_id="client_unknown")
    look(page, "error-client", "This application is not known")
    page.goto(f"{running.base_url}/reset-password?token=spent")
    look(page, "error-link", "This link can no longer be used")
    authorize(running, page, client_id="client_strict")
    page.goto(f"{running.base_url}/sign-up")
    look(page, "error-by-invitation", "Accounts are by invitation")

    authorize(running, page)
    other = page.context.new_page()
    authorize(running, other, client_id="client_strict")
    page.get_by_label("E-mail address").fill("lost@example.com")
    page.get_by_role("button", name="Continue").click()
    look(page, "error-other-window", "This page was too old")
    page.get_by_role("link", name="Go on").click()
    look(page, "sign-in-other-window", "Welcome back")


def test_tabs_that_all_began_a_sign_in_do_not_stand_in_each_others_way(running: Server, page: Page) -> None:
    create_user(running, "tabs@example.com")
    authorize(running, page)
    for _ in range(2):
        authorize(running, page.context.new_page())
    sign_in(page, "tabs@example.com")
    assert trade(running, page)["user"]


def test_the_pages_are_branded_and_speak_the_language_asked_for(running: Server, page: Page) -> None:
    def draw(route: Route) -> None:
        ink = "#fff" if "night" in route.request.url else "#000"
        shape = f'<rect width="120" height="32" fill="{ink}"/>'
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="32">{shape}</svg>'
        route.fulfill(content_type="image/svg+xml", body=picture)

    page.context.route("https://logo.example/**", draw)
    authorize(running, page, client_id="client_plain", ui_locales="fr")
    look(page, "branded-fr", "Se connecter")
    expect(page.get_by_role("img", name="Nachtwerk")).to_be_visible()
    page.get_by_label("Adresse e-mail").fill("nuit@example.com")
    page.keyboard.press("Enter")
    look(page, "branded-code-fr", "Consultez vos e-mails")
    authorize(running, page, client_id="client_strict", ui_locales="de")
    look(page, "branded-de", "Willkommen zurück")
    page.get_by_label("E-Mail-Adresse").fill("app@example.com")
    page.keyboard.press("Enter")
    look(page, "branded-password-de", "Passwort eingeben")


def _type(page: Page, label: str, text: str) -> None:
    """Type into the field that has the focus; what is typed before a page is painted, a browser drops."""
    field = page.get_by_label(label)
    expect(field).to_be_focused()
    for _ in range(50):
        page.keyboard.type(text[0])
        if field.input_value() == text[0]:
            break
        page.wait_for_timeout(100)
    page.keyboard.type(text[1:])
    expect(field).to_have_value(text)


def test_a_sign_in_needs_nothing_but_the_keyboard(running: Server, page: Page) -> None:
    create_user(running, "keys@example.com")
    authorize(running, page)

    def focused() -> str:
        return str(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.name"))

    _type(page, "E-mail address", "keys@example.com")
    walked = [focused()]
    for _ in range(3):
        page.keyboard.press("Tab")
        walked.append(focused())
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert walked == ["email", "Continue", "Create one", "Cancel and go back"]
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Space")
    _type(page, "Password", "wrong horse 99")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    _type(page, "Password", PASSWORD)
    page.keyboard.press("Enter")

    assert trade(running, page)["user"]


def test_going_back_and_sending_again_does_no_harm(running: Server, page: Page) -> None:
    create_user(running, "again@example.com")
    authorize(running, page)
    page.get_by_label("E-mail address").fill("again@example.com")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter your password")
    page.reload()
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    assert trade(running, page)["user"]

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is nothing to sign in to")
