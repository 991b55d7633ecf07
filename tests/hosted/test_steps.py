"""What the pages ask for beyond the first proof, and that none of it can be skipped."""

from __future__ import annotations

from typing import Any

import pyotp

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import ENVIRONMENT, KEY, House
from tests.hosted.browser import Browser, last_code


def _set(house: House, **policy: Any) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(**policy))


def _trade(house: House, browser: Browser) -> dict[str, Any]:
    answer = house.authenticate("authorization_code", secret=KEY, code=browser.page.query["code"])
    assert answer.status == 200, answer.json
    traded: dict[str, Any] = answer.json
    return traded


def _totp(house: House, user_id: str) -> str:
    path = f"/user_management/users/{user_id}/auth_factors"
    enrolled = house.post(path, {"type": "totp"}).json
    secret: str = enrolled["authentication_factor"]["totp"]["secret"]
    challenge = enrolled["authentication_challenge"]["id"]
    assert house.post(f"/auth/challenges/{challenge}/verify", {"code": _now(house, secret)}).json["valid"]
    house.clock.advance(seconds=30)
    return secret


def _now(house: House, secret: str) -> str:
    return pyotp.TOTP(secret).at(house.clock.now() // 1000)


def _organizations(house: House, user_id: str, *names: str) -> list[str]:
    made = [house.post("/organizations", {"name": name}).json["id"] for name in names]
    for organization_id in made:
        membership = {"user_id": user_id, "organization_id": organization_id}
        assert house.post("/user_management/organization_memberships", membership).status == 201
    return made


def test_a_second_factor_is_asked_for_and_a_wrong_code_changes_nothing(house: House, browser: Browser) -> None:
    secret = _totp(house, house.create_user()["id"])
    browser.authorize()
    browser.sign_in()

    wrong = browser.submit("/sign-in/factor", code="000000")
    browser.submit("/sign-in/factor", code=_now(house, secret))

    assert (wrong.status, 'role="alert"' in wrong.text) == (400, True)
    assert _trade(house, browser)["user"]["email"] == "ada@example.com"


def test_no_step_can_be_left_out_or_taken_before_its_turn(house: House, browser: Browser) -> None:
    user = house.create_user()
    _totp(house, user["id"])
    organization_id = _organizations(house, user["id"], "One", "Two")[0]
    browser.authorize()
    token = dict(browser.page.form("/sign-in").fields)
    tries = {
        "/sign-in/password": {"password": "correct horse 17"},
        "/sign-in/code": {"code": "123456"},
        "/sign-in/email": {"code": "123456"},
        "/sign-in/factor": {"code": ""},
        "/sign-in/organization": {"organization_id": organization_id},
        "/sign-in/enroll": {"method": "totp"},
    }

    for path, form in tries.items():
        answer = browser.send("POST", path, form={**token, **form})
        assert (answer.status, dict(answer.headers)["location"]) == (303, "/sign-in"), path
    browser.sign_in()
    for path, form in list(tries.items()):
        answer = browser.send("POST", path, form={**token, **form})
        assert "callback" not in dict(answer.headers).get("location", ""), path
    browser.visit("/sign-in")
    assert "/sign-in/factor" in {form.action for form in browser.page.forms}
    assert house.events("session.created") == []


def test_an_app_is_enrolled_where_a_second_factor_is_required(house: House, browser: Browser) -> None:
    _set(house, mfa_required=True)
    house.create_user()
    browser.authorize()
    browser.sign_in()
    page = browser.submit("/sign-in/enroll", method="totp")
    secret = page.text.split("<code>")[1].split("</code>")[0].replace(" ", "")

    browser.submit("/sign-in/factor", code=_now(house, secret))

    assert _trade(house, browser)["authentication_method"] == "Password"


def test_a_telephone_is_enrolled_and_asked_again_the_next_time(house: House, browser: Browser) -> None:
    _set(house, mfa_required=True)
    house.create_user()
    browser.authorize()
    browser.sign_in()
    bad = _enroll_sms(browser, "12")
    _enroll_sms(browser, "+44 20 7946 0958")
    browser.submit("/sign-in/factor", code=last_code(house, "+442079460958"))
    assert "code" in browser.page.query

    browser.authorize(prompt="login")
    asked = browser.sign_in()
    browser.submit("/sign-in/factor", code=last_code(house, "+442079460958"))

    assert (bad.status, "ends in 58" in asked.text) == (400, True)
    assert "code" in browser.page.query


def _enroll_sms(browser: Browser, number: str) -> Any:
    form = next(form for form in browser.page.forms if form.fields.get("method") == "sms")
    return browser._follow(browser.send("POST", form.action, form={**form.fields, "phone_number": number}), form.action)


def test_one_of_several_organizations_is_chosen(house: House, browser: Browser) -> None:
    _, second = _organizations(house, house.create_user()["id"], "One", "Two")
    browser.authorize()
    browser.sign_in()

    foreign = browser.submit("/sign-in/organization", organization_id="org_01KF0JQ6G0X4HT7K6SSMBV18BY")
    browser.submit("/sign-in/organization", organization_id=second)

    assert foreign.path == "/sign-in"
    assert _trade(house, browser)["organization_id"] == second


def test_an_organization_that_the_link_names_needs_no_choice_but_a_membership(house: House, browser: Browser) -> None:
    first, _ = _organizations(house, house.create_user()["id"], "One", "Two")
    house.create_user("bob@example.com")

    browser.authorize(organization_id=first)
    browser.sign_in()
    assert _trade(house, browser)["organization_id"] == first

    browser.authorize(organization_id=first, prompt="login")
    refused = browser.sign_in("bob@example.com")
    assert (refused.status, "not a member" in refused.text) == (400, True)


def test_an_invitation_leads_from_its_mail_through_sign_up_into_the_organization(
    house: House, browser: Browser
) -> None:
    _set(house, sign_up="invitation")
    organization = house.post("/organizations", {"name": "Analytical Engines"}).json
    invited = {"email": "new@example.com", "organization_id": organization["id"]}
    link = house.post("/user_management/invitations", invited).json["accept_invitation_url"]
    pages = [browser.visit(link.removeprefix("http://localhost:4100")) for _ in range(3)]
    assert "Analytical Engines" in pages[-1].text

    browser.submit("/invitation", account="new")
    other = browser.submit("/sign-up", email="other@example.com", password="a fresh horse 9")
    browser.submit("/sign-up", email="new@example.com", password="a fresh horse 9")
    browser.submit("/sign-in/email", code=last_code(house, "new@example.com"))

    assert (other.status, "another address" in other.text) == (400, True)
    assert _trade(house, browser)["organization_id"] == organization["id"]
    spent = Browser(house).visit(link.removeprefix("http://localhost:4100"))
    assert (spent.status, "can no longer be used" in spent.text) == (400, True)


def test_nobody_signs_up_without_an_invitation_where_one_is_needed(house: House, browser: Browser) -> None:
    _set(house, sign_up="invitation")
    page = browser.authorize()
    assert "/sign-up" not in page.text

    refused = browser.visit("/sign-up")
    posted = browser.send("POST", "/sign-up", form={**page.form("/sign-in").fields, "email": "x@example.com"})

    assert (refused.status, posted.status) == (403, 403)
    assert house.get("/user_management/users").json["data"] == []


def test_a_reset_link_sets_a_password_once_and_passes_no_second_factor(house: House, browser: Browser) -> None:
    secret = _totp(house, house.create_user()["id"])
    browser.authorize()
    browser.submit("/sign-in", email="ada@example.com")
    browser.visit("/forgot-password")
    browser.submit("/forgot-password", email="ada@example.com")
    mail = house.call("GET", "/_dev/inbox", query={"to": "ada@example.com"}, key=None).json["data"][0]
    link = next(word for word in mail["text"].split() if "/reset-password?" in word)
    path = link.removeprefix("http://localhost:4100")
    for _ in range(3):
        browser.visit(path)

    weak = browser.submit("/reset-password", password="short")
    done = browser.submit("/reset-password", password="another horse 18")

    assert (weak.status, done.status, 'href="/sign-in"' in done.text) == (400, 200, True)
    assert browser.visit(path).status == 400
    browser.visit("/sign-in")
    browser.submit("/sign-in/password", password="another horse 18")
    assert "callback" not in browser.page.path
    browser.submit("/sign-in/factor", code=_now(house, secret))
    assert "code" in browser.page.query


def test_a_device_is_let_in_by_whoever_is_signed_in_and_says_so(house: House, browser: Browser) -> None:
    house.create_user()
    begun = house.post("/user_management/authorize/device", {"client_id": "client_dev"}, key=None).json
    poll = {"secret": None, "device_code": begun["device_code"]}
    device = "urn:ietf:params:oauth:grant-type:device_code"
    browser.visit(begun["verification_uri_complete"].removeprefix("http://localhost:4100"))

    wrong = browser.submit("/device", user_code="AAAA-AAAA")
    browser.submit("/device", user_code=begun["user_code"].lower().replace("-", ""))
    asked = browser.sign_in()
    assert house.authenticate(device, **poll).json["error"] == "authorization_pending"
    house.clock.advance(seconds=6)
    browser.submit("/device/answer", answer="allow")

    assert (wrong.status, "ada@example.com" in asked.text) == (400, True)
    assert house.authenticate(device, **poll).json["user"]["email"] == "ada@example.com"


def test_a_change_of_address_is_confirmed_by_whoever_is_signed_in(house: House, browser: Browser) -> None:
    user = house.create_user()
    house.post(f"/user_management/users/{user['id']}/email_change/send", {"new_email": "ada@new.example"})
    browser.visit("/confirm-email-change?client_id=client_dev")
    browser.sign_in()

    wrong = browser.submit("/confirm-email-change", code="000000")
    browser.submit("/confirm-email-change", code=last_code(house, "ada@new.example"))

    assert wrong.status == 400
    assert house.get(f"/user_management/users/{user['id']}").json["email"] == "ada@new.example"
