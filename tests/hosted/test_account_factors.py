"""Second factors and recovery codes, as their owner sees and uses them."""

from __future__ import annotations

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pyotp

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import ENVIRONMENT, KEY, House
from tests.harness.mails import mails
from tests.hosted.browser import Browser, last_code

ADA = "ada@example.com"


def _open(house: House, browser: Browser, email: str = ADA) -> str:
    user_id: str = house.create_user(email)["id"]
    browser.visit("/account")
    browser.sign_in(email)
    return user_id


def _now(house: House, secret: str) -> str:
    return pyotp.TOTP(secret).at(house.clock.now() // 1000)


def _read_secret(browser: Browser) -> str:
    found = re.search(r'class="key" dir="ltr"><code>([A-Z2-7 ]+)</code>', browser.page.text)
    assert found, browser.page.text
    return found[1].replace(" ", "")


def _read_codes(browser: Browser) -> list[str]:
    return re.findall(r"<li><code>([0-9a-z-]{19})</code>", browser.page.text)


def _add_app(house: House, browser: Browser) -> tuple[str, list[str]]:
    """Enrol an app from the page of factors on; give its secret and the codes that are shown."""
    browser.visit("/account/factors")
    browser.submit("/account/factors")
    secret = _read_secret(browser)
    browser.submit("/account/factors/confirm", code=_now(house, secret))
    house.clock.advance(seconds=30)
    return secret, _read_codes(browser)


def _recover(house: House, code: str, email: str = ADA) -> Browser:
    browser = Browser(house)
    browser.authorize()
    browser.sign_in(email)
    browser.visit("/sign-in/recover")
    browser.submit("/sign-in/recover", recovery_code=code)
    return browser


def test_an_app_is_added_by_its_first_code_and_ten_codes_are_shown_once(house: House, browser: Browser) -> None:
    user_id = _open(house, browser)
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(brand_name="Acme & Sons"))
    browser.visit("/account/factors")
    browser.submit("/account/factors")
    secret = _read_secret(browser)
    assert "issuer=Acme%20%26%20Sons" in html.unescape(browser.page.text)

    wrong = browser.submit("/account/factors/confirm", code="000000")
    assert (wrong.status, _read_secret(browser)) == (400, secret)
    browser.submit("/account/factors/confirm", code=_now(house, secret))
    codes = _read_codes(browser)

    assert (len(codes), len(set(codes))) == (10, 10)
    assert house.get(f"/user_management/users/{user_id}/auth_factors").json["data"][0]["type"] == "totp"
    assert mails(house, to=ADA) == [("mfa_enrolled", {"factor": "totp"})]
    assert _read_codes(browser) == codes
    browser.visit("/account/recovery-codes")
    assert (_read_codes(browser), "Codes that are left: 10" in browser.page.text) == ([], True)
    assert secret not in browser.visit("/account/factors").text
    for row in house.runtime.database.reads.all("select code_hash, user_id from recovery_codes"):
        assert not any(code.replace("-", "").encode() in bytes(row[0]) for code in codes)


def test_a_telephone_is_added_by_the_code_that_it_gets(house: House, browser: Browser) -> None:
    _open(house, browser)
    browser.visit("/account/factors")

    assert browser.submit("/account/factors", method="sms", phone_number="nothing").status == 400
    browser.submit("/account/factors", method="sms", phone_number="+15005550006")
    assert "ends in 06" in browser.page.text
    browser.submit("/account/factors/confirm", code=last_code(house, "+15005550006"))

    assert len(_read_codes(browser)) == 10


def test_messages_to_telephones_are_limited(limited_house: House) -> None:
    browser = Browser(limited_house)
    _open(limited_house, browser)
    browser.visit("/account/factors")
    form = {**browser.page.form("/account/factors").fields, "method": "sms"}

    sent = [
        browser.send("POST", "/account/factors", form={**form, "phone_number": f"+1500555000{number}"}).status
        for number in range(5)
    ]

    assert sent == [303, 303, 303, 429, 429]


def test_a_factor_of_another_user_can_be_neither_confirmed_nor_removed(house: House, browser: Browser) -> None:
    _open(house, browser)
    other = house.create_user("bob@example.com")
    path = f"/user_management/users/{other['id']}/auth_factors"
    theirs = house.post(path, {"type": "totp"}).json
    challenge_id, factor_id = theirs["authentication_challenge"]["id"], theirs["authentication_factor"]["id"]
    secret = theirs["authentication_factor"]["totp"]["secret"]
    token = {"form_token": browser.visit("/account").form("/account/profile").fields["form_token"]}

    assert secret not in browser.visit(f"/account/factors/confirm?challenge_id={challenge_id}").text
    for path_, form in (
        ("/account/factors/confirm", {"challenge_id": challenge_id, "code": _now(house, secret)}),
        ("/account/factors/send", {"challenge_id": challenge_id}),
        ("/account/factors/remove", {"factor_id": factor_id}),
    ):
        browser.send("POST", path_, form={**token, **form})

    assert house.get(f"/auth/factors/{factor_id}").status == 200
    assert house.post(f"/auth/challenges/{challenge_id}/verify", {"code": _now(house, secret)}).json["valid"]
    assert house.get(path).json["data"][0]["id"] == factor_id


def test_with_the_last_factor_its_recovery_codes_go(house: House, browser: Browser) -> None:
    _open(house, browser)
    _, codes = _add_app(house, browser)
    browser.visit("/account/factors")

    browser.submit("/account/factors/remove")
    assert "It is removed" in browser.page.text
    assert mails(house, to=ADA)[-1] == ("mfa_removed", {"factor": "totp"})
    assert browser.visit("/account/recovery-codes").path == "/account/factors"
    _add_app(house, browser)

    assert _recover(house, codes[0]).page.status == 400


def test_a_recovery_code_stands_in_for_the_factor_once_and_its_owner_is_told(house: House, browser: Browser) -> None:
    _open(house, browser)
    _, codes = _add_app(house, browser)
    typed = codes[0].upper().replace("-", " ").replace("0", "O").replace("1", "l")

    arrived = _recover(house, typed)
    again = _recover(house, codes[0])

    answer = house.authenticate("authorization_code", secret=KEY, code=arrived.page.query["code"])
    assert answer.json["user"]["email"] == ADA
    assert (again.page.status, "used before" in again.page.text) == (400, True)
    assert mails(house, to=ADA)[-1] == ("recovery_code_used", {"left": 9})
    outcomes = house.events("authentication.mfa_succeeded", "authentication.mfa_failed")
    assert [event["event"] for event in outcomes][-2:] == [
        "authentication.mfa_succeeded",
        "authentication.mfa_failed",
    ]


def test_new_codes_void_the_old_ones_and_mail_tells_of_them(house: House, browser: Browser) -> None:
    _open(house, browser)
    _, old = _add_app(house, browser)
    browser.visit("/account/recovery-codes")

    browser.submit("/account/recovery-codes")
    new = _read_codes(browser)

    assert not set(old) & set(new)
    assert mails(house, to=ADA)[-1] == ("recovery_codes_made", {})
    assert _recover(house, old[0]).page.status == 400
    assert "code" in _recover(house, new[0]).page.query


def test_of_racing_tries_with_one_code_one_goes_through(house: House, browser: Browser) -> None:
    _open(house, browser)
    _, codes = _add_app(house, browser)
    racers = []
    for _ in range(6):
        racer = Browser(house)
        racer.authorize()
        racer.sign_in()
        racer.visit("/sign-in/recover")
        racers.append(racer)

    with ThreadPoolExecutor(6) as pool:
        pages = list(pool.map(lambda racer: racer.submit("/sign-in/recover", recovery_code=codes[0]), racers))

    assert sum("code" in page.query for page in pages) == 1
    assert [template for template, _ in mails(house, to=ADA)].count("recovery_code_used") == 1


def test_recovery_codes_are_tried_against_a_limit_and_never_those_of_another_user(limited_house: House) -> None:
    browser = Browser(limited_house)
    _open(limited_house, browser)
    _, codes = _add_app(limited_house, browser)
    other = Browser(limited_house)
    _open(limited_house, other, "bob@example.com")
    _add_app(limited_house, other)

    assert _recover(limited_house, codes[0], "bob@example.com").page.status == 400
    attacker = _recover(limited_house, "0000-0000-0000-0000")
    tries = [attacker.submit("/sign-in/recover", recovery_code="0").status for _ in range(12)]

    assert (tries[0], tries[-1]) == (400, 429)


def test_a_recovery_code_is_no_factor_where_one_has_yet_to_be_enrolled(house: House, browser: Browser) -> None:
    _open(house, browser)
    _, codes = _add_app(house, browser)
    browser.visit("/account/factors")
    factor_id = browser.page.form("/account/factors/remove").fields["factor_id"]
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(mfa_required=True))
    assert house.delete(f"/auth/factors/{factor_id}").status == 204

    again = Browser(house)
    token = dict(again.authorize().form("/sign-in").fields)
    again.sign_in()
    answer = again.send("POST", "/sign-in/recover", form={**token, "recovery_code": codes[0]})

    assert "Protect your account" in again.page.text
    assert (answer.status, dict(answer.headers)["location"]) == (303, "/sign-in")


def test_the_way_to_a_recovery_code_is_shown_to_whoever_has_one(house: House, browser: Browser) -> None:
    user_id = house.create_user()["id"]
    enrolled = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    secret = enrolled["authentication_factor"]["totp"]["secret"]
    challenge_id = enrolled["authentication_challenge"]["id"]
    house.post(f"/auth/challenges/{challenge_id}/verify", {"code": _now(house, secret)})
    house.clock.advance(seconds=30)
    browser.authorize()
    browser.sign_in()
    assert "/sign-in/recover" not in browser.page.text

    browser.submit("/sign-in/factor", code=_now(house, secret))
    browser.visit("/account/recovery-codes")
    browser.submit("/account/recovery-codes")
    again = Browser(house)
    again.authorize()
    again.sign_in()

    assert 'href="/sign-in/recover"' in again.page.text
