"""What whoever means harm may try on the pages: any order, any body, many at once, somebody else's links and names."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote, urlencode

import pyotp
import pytest

from gatelodge.doors.hosted.pages import PAGES
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, House
from tests.hosted.browser import Browser, last_code

ADA, EVE, PASSWORD = "ada@example.com", "eve@example.com", "correct horse 17"
NUMBER = "+442079460958"
FORMS = sorted(page.path for page in PAGES if page.method == "POST")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=y>"
RACERS = 24


def _totp(house: House, user_id: str) -> pyotp.TOTP:
    enrolled = house.post(f"/user_management/users/{user_id}/auth_factors", {"type": "totp"}).json
    clock = pyotp.TOTP(enrolled["authentication_factor"]["totp"]["secret"])
    challenge = enrolled["authentication_challenge"]["id"]
    assert house.post(f"/auth/challenges/{challenge}/verify", {"code": _now(house, clock)}).json["valid"]
    house.clock.advance(seconds=30)
    return clock


def _now(house: House, clock: pyotp.TOTP) -> str:
    return clock.at(house.clock.now() // 1000)


def _join(house: House, user_id: str, *names: str) -> list[str]:
    made: list[str] = [house.post("/organizations", {"name": name}).json["id"] for name in names]
    for organization_id in made:
        membership = {"user_id": user_id, "organization_id": organization_id}
        assert house.post("/user_management/organization_memberships", membership).status == 201
    return made


def _location(answer: Response) -> str:
    return dict(answer.headers).get("location", "")


class Thief:
    """Eve, who knows Ada's password, reads her own mail and telephone, and sends every form in any order."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        self.chance = random.Random(seed)  # noqa: S311  # walks repeat, nothing is guessed
        self.victim = house.create_user()["id"]
        _totp(house, self.victim)
        self.organizations = _join(house, self.victim, "One", "Two")
        self.organizations += _join(house, house.create_user(EVE)["id"], "Three", "Four")
        factors = house.get(f"/user_management/users/{self.victim}/auth_factors").json["data"]
        self.factors = [each["id"] for each in factors]
        self.browser = Browser(house)
        self.browser.authorize()
        self.entered: set[str] = set()

    def _read(self, to: str) -> str:
        try:
            return last_code(self.house, to)
        except (IndexError, StopIteration):
            return "000000"

    def _fill(self) -> dict[str, str]:
        pool: dict[str, list[str]] = {
            "email": [ADA, EVE, ""],
            "password": [PASSWORD, PASSWORD, "another horse 18", ""],
            "current": [PASSWORD],
            "code": ["000000", "", self._read(EVE), self._read(NUMBER)],
            "recovery_code": ["", "aaaa-aaaa-aaaa-aaaa"],
            "method": ["totp", "sms", "start", ""],
            "phone_number": [NUMBER],
            "factor_id": self.factors,
            "organization_id": self.organizations,
            "client_id": [CLIENT],
            "user_code": ["BBBB-BBBB"],
            "answer": ["allow"],
            "account": ["new", "old"],
            "token": [""],
        }
        return {name: self.chance.choice(values) for name, values in pool.items()}

    def step(self) -> None:
        """Send a form: mostly one that the page offers, so as to come far, and then what it does not."""
        browser, chance = self.browser, self.chance
        offered = [form.action for form in browser.visit("/sign-in").forms if form.action != "/sign-in/cancel"]
        path = chance.choice(offered if offered and chance.random() < 0.8 else FORMS)
        answer = browser.send("POST", path, form={"form_token": _token_of(browser), **self._fill()})
        assert answer.status < 500, (path, answer.body)
        if "code=" in _location(answer):
            code = _location(answer).split("code=")[1].split("&")[0]
            traded = self.house.authenticate("authorization_code", secret=KEY, code=code)
            self.entered.add(traded.json["user"]["email"])
        if answer.status == 410 or "callback" in _location(answer) or chance.random() < 0.02:
            browser.authorize(**chance.choice([{}, {"prompt": "login"}, {"login_hint": ADA}, {"max_age": "0"}]))


@pytest.mark.parametrize("seed", [0, *(pytest.param(more, marks=pytest.mark.long) for more in range(1, 4))])
def test_no_walk_over_the_forms_signs_in_as_somebody_whose_password_alone_is_known(house: House, seed: int) -> None:
    thief = Thief(house, seed)

    for _ in range(500):
        thief.step()

    assert thief.entered == {EVE}
    # She came as far as Ada's second factor, and no further.
    assert house.events("authentication.mfa_failed")
    assert house.get(f"/user_management/users/{thief.victim}/sessions").json["data"] == []
    assert house.get(f"/user_management/users/{thief.victim}").json["email"] == ADA


BODIES: list[tuple[str, bytes]] = [
    ("application/x-www-form-urlencoded", b"\xff\xfe=%ff"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(99))),
    ("application/x-www-form-urlencoded", b"form_token=%00&email=%00&code=%00&password=%00"),
    ("application/json", b'{"form_token": "x"}'),
    (
        "multipart/form-data; boundary=x",
        b'--x\r\ncontent-disposition: form-data; name="form_token"\r\n\r\nx\r\n--x--\r\n',
    ),
    ("text/plain", b"form_token=x"),
    ("", b""),
]


def test_no_form_breaks_on_a_body_that_is_none(house: House, browser: Browser) -> None:
    browser.authorize()

    for path in FORMS:
        for kind, body in BODIES:
            answer = house.call(
                "POST",
                path,
                key=None,
                body=body,
                headers={"content-type": kind, "cookie": f"gatelodge_flow={browser.cookies['gatelodge_flow']}"},
            )
            assert answer.status in (400, 403), (path, body, answer)


def test_values_of_any_kind_are_taken_for_what_they_are(house: House) -> None:
    house.create_user()
    odd = ["\0", "\r\nset-cookie: x=1", "\u202e", "\ud7ff\U0001f600", "x" * 5000, "%", "[]", HOSTILE, "१२३४५६"]

    for path in FORMS:
        browser = Browser(house)
        browser.authorize()
        names = ("account", "answer", "client_id", "code", "current", "email", "factor_id", "first_name", "last_name")
        more = ("method", "organization_id", "password", "phone_number", "place", "recovery_code", "token", "user_code")
        for value in odd:
            assert browser.send("GET", f"/pages/brand.css?environment={quote(value)}").status == 200
            query = urlencode(dict.fromkeys((*names, *more, "done", "environment", "challenge_id"), value))
            assert browser.send("GET", f"{path}?{query}").status < 500
            form = {"form_token": _token_of(browser), **dict.fromkeys((*names, *more), value)}
            answer = browser.send("POST", path, form=form)
            assert answer.status < 500, (path, value)
            assert b"<script>" not in answer.body
            assert "\n" not in _location(answer)


def _token_of(browser: Browser) -> str:
    return browser.visit("/device").form("/device").fields["form_token"]


def test_the_address_of_a_form_leads_back_to_the_page_that_the_form_is_on(browser: Browser) -> None:
    for path in FORMS:
        answer = browser.send("GET", path)
        assert answer.status != 405, path
    browser.authorize()
    browser.submit("/sign-in", email=ADA)
    wrong = browser.submit("/sign-in/password", password="wrong horse 99")
    again = browser.visit(wrong.path)
    assert (wrong.path, again.path, "Enter your password" in again.text) == ("/sign-in/password", "/sign-in", True)


def test_what_sets_a_cookie_is_kept_by_nobody_on_the_way(house: House, browser: Browser) -> None:
    house.create_user()
    seen: list[Response] = []

    def send(method: str, path: str, **form: str) -> None:
        seen.append(browser.send(method, path, form=form or None))

    link = "client_id=client_dev&redirect_uri=http://localhost:3000/callback&response_type=code&provider=authkit"
    send("GET", f"/user_management/authorize?{link}")
    token = browser.visit("/sign-in").form("/sign-in").fields["form_token"]
    send("POST", "/sign-in", form_token=token, email=ADA)
    send("POST", "/sign-in/password", form_token=token, password=PASSWORD)
    send("GET", "/account")
    signed_in = browser.visit("/account").form("/account/sign-out").fields["form_token"]
    send("POST", "/account/sign-out", form_token=signed_in)
    send("GET", "/signed-out")

    assert sum("set-cookie" in dict(answer.headers) for answer in seen) >= 3
    for answer in seen:
        headers = dict(answer.headers)
        assert headers["cache-control"] == "no-store, private"
        assert "Cookie" in headers["vary"]
        assert headers["referrer-policy"] == "no-referrer"


def test_a_scanner_that_asks_for_the_head_of_links_spends_nothing(house: House, browser: Browser) -> None:
    organization_id = house.post("/organizations", {"name": "Analytical Engines"}).json["id"]
    house.create_user()
    invited = {"email": EVE, "organization_id": organization_id}
    invitation = house.post("/user_management/invitations", invited).json["token"]
    reset = house.post("/user_management/password_reset", {"email": ADA}).json["password_reset_token"]
    links = [f"/invitation?invitation_token={invitation}", f"/reset-password?token={reset}"]

    for link in links * 3:
        answer = house.call("HEAD", link.partition("?")[0], key=None, query=dict([link.partition("?")[2].split("=")]))
        assert answer.status == 200
    browser.visit(links[1])

    assert browser.submit("/reset-password", password="another horse 18").status == 200
    assert house.sign_in(password="another horse 18").status == 200
    assert browser.visit(links[0]).status == 200


@pytest.mark.parametrize("path", ["/account/factors/remove", "/account/factors/send", "/account/password/link"])
def test_a_form_of_the_account_counts_only_after_a_sign_in_of_the_last_ten_minutes(
    house: House, browser: Browser, path: str
) -> None:
    user_id = house.create_user()["id"]
    browser.visit("/account")
    browser.sign_in()
    _totp(house, user_id)
    [factor] = house.get(f"/user_management/users/{user_id}/auth_factors").json["data"]
    house.clock.advance(minutes=11)
    mails = len(house.call("GET", "/_dev/inbox", key=None).json["data"])

    form = browser.visit("/account").form("/account/profile").fields
    answer = browser.send("POST", path, form={**form, "factor_id": factor["id"]})

    assert (answer.status, _location(answer)) == (302, "/sign-in")
    assert len(house.get(f"/user_management/users/{user_id}/auth_factors").json["data"]) == 1
    assert len(house.call("GET", "/_dev/inbox", key=None).json["data"]) == mails


def test_a_sign_in_lasts_an_hour_and_what_was_proved_a_quarter_of_one(house: House, browser: Browser) -> None:
    _join(house, house.create_user()["id"], "One", "Two")
    browser.authorize()
    choice = browser.sign_in()
    house.clock.advance(minutes=16)

    late = browser.submit("/sign-in/organization", organization_id=choice.form("/sign-in/organization").buttons[0][1])
    assert (late.status, "too long" in late.text) == (400, True)
    assert browser.visit("/sign-in").form("/sign-in").fields["email"] == ADA

    house.clock.advance(minutes=45)
    assert browser.visit("/sign-in").status == 410


Race = Callable[[House, Browser], tuple[str, dict[str, str]]]


def _by_password(house: House, browser: Browser) -> tuple[str, dict[str, str]]:
    house.create_user()
    browser.authorize()
    browser.submit("/sign-in", email=ADA)
    return "/sign-in/password", {"password": PASSWORD}


def _by_mailed_code(house: House, browser: Browser) -> tuple[str, dict[str, str]]:
    _by_password(house, browser)
    browser.submit("/sign-in/code/send")
    return "/sign-in/code", {"code": last_code(house, ADA)}


def _by_proved_address(house: House, browser: Browser) -> tuple[str, dict[str, str]]:
    browser.authorize(screen_hint="sign-up")
    browser.submit("/sign-up", email=ADA, password=PASSWORD)
    return "/sign-in/email", {"code": last_code(house, ADA)}


def _by_factor(house: House, browser: Browser) -> tuple[str, dict[str, str]]:
    clock = _totp(house, house.create_user()["id"])
    browser.authorize()
    browser.sign_in()
    return "/sign-in/factor", {"code": _now(house, clock)}


def _by_organization(house: House, browser: Browser) -> tuple[str, dict[str, str]]:
    made = _join(house, house.create_user()["id"], "One", "Two")
    browser.authorize()
    browser.sign_in()
    return "/sign-in/organization", {"organization_id": made[0]}


@pytest.mark.parametrize("prepare", [_by_password, _by_mailed_code, _by_proved_address, _by_factor, _by_organization])
def test_of_many_posts_of_one_step_one_brings_a_code(house: House, browser: Browser, prepare: Race) -> None:
    path, filled = prepare(house, browser)
    form = {**browser.page.form(path).fields, **filled}

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(lambda _: browser.send("POST", path, form=form), range(RACERS)))

    assert sum("code=" in _location(answer) for answer in answers) == 1
    assert {answer.status for answer in answers} <= {303, 400, 403, 410}, {answer.status for answer in answers}


def test_of_many_sign_ups_with_one_address_one_makes_an_account(house: House) -> None:
    browsers = [Browser(house) for _ in range(8)]
    for browser in browsers:
        browser.authorize(screen_hint="sign-up")

    def sign_up(browser: Browser) -> tuple[int, str]:
        seen = browser.submit("/sign-up", email=ADA, password="a fresh horse 9")
        return seen.status, re.sub(r'name="form_token" value="\w+"', "", seen.text)

    with ThreadPoolExecutor(len(browsers)) as pool:
        seen = set(pool.map(sign_up, browsers))

    assert len(seen) == 1
    assert len(house.get("/user_management/users").json["data"]) == 1


def test_names_of_organizations_apps_and_devices_are_shown_as_text(house: House, browser: Browser) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(brand_name=HOSTILE))
    user_id = house.create_user(first_name=HOSTILE, last_name=HOSTILE)["id"]
    first, _ = _join(house, user_id, HOSTILE, f"{HOSTILE} two")
    house.post("/user_management/invitations", {"email": EVE, "organization_id": first})
    invitation = house.post("/user_management/invitations", {"email": "x@example.com", "organization_id": first}).json
    house.sign_in(user_agent=f"{HOSTILE}\r\nset-cookie: x=1", ip_address="198.51.100.7")
    begun = house.post("/user_management/authorize/device", {"client_id": CLIENT}, key=None).json

    seen = [Browser(house).visit(f"/invitation?invitation_token={invitation['token']}")]
    browser.authorize()
    seen.append(browser.sign_in())
    seen.append(browser.submit("/sign-in/organization", organization_id=first))
    seen += [browser.visit(path) for path in ("/account", "/account/sessions")]
    seen.append(browser.visit(f"/device?user_code={begun['user_code']}"))
    seen.append(browser.visit(f"/device?user_code={HOSTILE}"))
    seen.append(browser.visit(f"/user_management/authorize?client_id={HOSTILE}&redirect_uri={HOSTILE}"))
    mails: list[dict[str, Any]] = house.call("GET", "/_dev/inbox", key=None).json["data"]

    assert any("&lt;script" in each.text for each in seen)
    for each in seen:
        assert "<script" not in each.text
        assert "<img" not in each.text
        assert "x=1" not in each.headers.get("set-cookie", "")
    assert mails
    for mail in mails:
        assert "<script" not in mail["html"]
        assert "\n" not in mail["subject"]
