"""The account page: who sees it, what may be changed there, and what needs a new proof first."""

from __future__ import annotations

import pytest

from gatelodge.doors.hosted.account.agents import read_agent
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, House
from tests.harness.mails import mails
from tests.hosted.browser import Browser, last_code

ADA, BOB, NEW = "ada@example.com", "bob@example.com", "ada@new.example.com"
SURE = [
    "/account/email",
    "/account/factors",
    "/account/factors/confirm",
    "/account/passkeys",
    "/account/password",
    "/account/recovery-codes",
]


def _enter(browser: Browser, email: str = ADA) -> None:
    browser.visit("/account")
    browser.sign_in(email)
    assert browser.page.path == "/account", browser.page


def _open(house: House, browser: Browser) -> str:
    """Give a browser that stands on the account page of a user, who is given back."""
    user_id: str = house.create_user()["id"]
    _enter(browser)
    return user_id


def _trade(house: House, browser: Browser) -> str:
    answer = house.authenticate("authorization_code", secret=KEY, code=browser.page.query["code"])
    token: str = answer.json["refresh_token"]
    return token


def _refresh(house: House, token: str) -> int:
    return house.authenticate("refresh_token", secret=None, refresh_token=token).status


def test_whoever_is_not_signed_in_signs_in_first_and_comes_back(house: House, browser: Browser) -> None:
    house.create_user(first_name="Ada")

    assert browser.visit("/account").path == "/sign-in"
    browser.sign_in()

    assert browser.page.path == "/account"
    assert 'value="Ada"' in browser.page.text
    assert browser.visit(f"/account?client_id={CLIENT}").path == f"/account?client_id={CLIENT}"
    for path in ("/account/sessions", *SURE):
        assert Browser(house).visit(path).path == "/sign-in"
    again = Browser(house)
    again.visit("/account/email")
    assert again.sign_in().path == "/account/email"


def test_giving_up_leads_out_and_not_round_in_a_circle(house: House, browser: Browser) -> None:
    browser.visit("/account")
    assert browser.submit("/sign-in/cancel").path == "/signed-out"

    _open(house, browser)
    house.clock.advance(minutes=11)
    browser.visit("/account/password")

    assert browser.submit("/sign-in/cancel").path == "/account"


def test_with_several_environments_the_link_says_which_and_the_session_is_of_one(
    house: House, browser: Browser
) -> None:
    _open(house, browser)
    made = applications.create_environment(house.unit(), name="other")
    assert made is not None

    assert browser.visit("/account").path == "/account"
    assert browser.visit(f"/account?client_id={made[1].id}").path == "/sign-in"
    told = Browser(house).visit("/account")

    assert (told.status, "Whose account is it?" in told.text) == (400, True)
    assert Browser(house).visit("/account?client_id=client_none").status == 400


def test_the_name_is_changed_and_shown_as_text(house: House, browser: Browser) -> None:
    user_id = _open(house, browser)

    said = browser.submit("/account/profile", first_name='<b>"Ada', last_name="")

    user = house.get(f"/user_management/users/{user_id}").json
    assert (user["first_name"], user["last_name"]) == ('<b>"Ada', None)
    assert 'role="status"' in said.text
    assert "<b>" not in said.text


@pytest.mark.parametrize("path", SURE)
def test_what_protects_the_account_needs_a_sign_in_of_the_last_ten_minutes(
    house: House, browser: Browser, path: str
) -> None:
    _open(house, browser)
    house.clock.advance(minutes=9)
    assert browser.visit(path).path != "/sign-in"
    house.clock.advance(minutes=2)

    form = {"form_token": browser.visit("/account").form("/account/profile").fields["form_token"]}
    posted = browser.send("POST", path, form=form)
    assert browser.visit(path).path == "/sign-in"
    assert "Show once more that it is you" in browser.page.text
    browser.submit("/sign-in/password", password="correct horse 17")

    assert dict(posted.headers)["location"] == "/sign-in"
    assert browser.page.path in (path, "/account/factors")


def test_a_new_password_needs_the_old_one_and_ends_all_other_sessions(house: House, browser: Browser) -> None:
    _open(house, browser)
    browser.authorize()
    here = _trade(house, browser)
    elsewhere = Browser(house)
    _enter(elsewhere)
    app = house.sign_in().json["refresh_token"]
    browser.visit("/account/password")

    wrong = browser.submit("/account/password", current="wrong horse 99", password="another horse 18")
    weak = browser.submit("/account/password", current="correct horse 17", password="short")
    done = browser.submit("/account/password", current="correct horse 17", password="another horse 18")

    assert (wrong.status, "another one" in wrong.text) == (400, True)
    assert (weak.status, "too short" in weak.text) == (400, True)
    assert (done.path, "Your password is changed" in done.text) == ("/account?done=password", True)
    assert (_refresh(house, here), _refresh(house, app)) == (200, 400)
    assert elsewhere.visit("/account").path == "/sign-in"
    assert "code" in browser.authorize().query
    assert house.sign_in().status >= 400
    assert house.sign_in(password="another horse 18").status == 200
    assert mails(house, to=ADA) == [("password_changed", {})]


def test_whoever_does_not_know_the_old_password_gets_a_link(house: House, browser: Browser) -> None:
    _open(house, browser)
    browser.visit("/account/password")

    said = browser.submit("/account/password/link")

    assert "is in your mail" in said.text
    assert [template for template, _ in mails(house, to=ADA)] == ["password_reset"]


def test_the_tries_of_the_old_password_are_limited_as_in_a_sign_in(limited_house: House) -> None:
    browser = Browser(limited_house)
    _open(limited_house, browser)
    browser.visit("/account/password")

    tries = [
        browser.submit("/account/password", current="wrong horse 99", password="another horse 18").status
        for _ in range(12)
    ]

    assert (tries[0], tries[-1]) == (400, 429)
    assert limited_house.events("authentication.password_failed")


def test_a_user_without_a_password_sets_one(house: House, browser: Browser) -> None:
    house.create_user(password=None)
    browser.visit("/account")
    browser.submit("/sign-in", email=ADA)
    browser.submit("/sign-in/code/send")
    browser.submit("/sign-in/code", code=last_code(house, ADA))

    assert 'name="current"' not in browser.visit("/account/password").text
    browser.submit("/account/password", password="another horse 18")

    assert house.sign_in(password="another horse 18").status == 200


def test_the_address_moves_by_a_code_sent_to_the_new_one(house: House, browser: Browser) -> None:
    user_id = _open(house, browser)
    browser.visit("/account/email")

    assert browser.submit("/account/email", email="nothing").status == 400
    assert "your address already" in browser.submit("/account/email", email="ADA@example.com").text
    browser.submit("/account/email", email=NEW)
    browser.submit("/confirm-email-change", code=last_code(house, NEW))

    assert house.get(f"/user_management/users/{user_id}").json["email"] == NEW
    assert browser.visit("/account").path == "/account"


def test_an_address_that_somebody_has_looks_free_and_only_its_owner_is_told(house: House, browser: Browser) -> None:
    _open(house, browser)
    house.create_user(BOB)

    def walk(email: str) -> list[tuple[int, str]]:
        browser.visit("/account/email")
        seen = [browser.submit("/account/email", email=email)]
        seen += [browser.submit("/confirm-email-change", code="000000") for _ in range(6)]
        return [(each.status, each.text.replace(email, "…")) for each in seen]

    assert walk(BOB) == walk("nobody@example.com")
    assert [template for template, _ in mails(house, to=BOB)] == ["account_exists"]


def test_what_the_environment_does_not_allow_is_not_offered(house: House, browser: Browser) -> None:
    _open(house, browser)
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(email_change=False, password=False))

    text = browser.visit("/account").text

    assert "/account/email" not in text
    assert "/account/password" not in text
    browser.visit("/account/email")
    assert browser.submit("/account/email", email=NEW).status == 400
    browser.visit("/account/password")
    assert browser.submit("/account/password", current="correct horse 17", password="another horse 18").status == 400
    assert mails(house) == []


def test_places_are_listed_with_device_address_and_time_and_signed_out(house: House, browser: Browser) -> None:
    user_id = _open(house, browser)
    browser.authorize()
    here = _trade(house, browser)
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0"
    app = house.sign_in(ip_address="198.51.100.7", user_agent=agent).json["refresh_token"]
    house.create_user(BOB)
    stranger = house.sign_in(BOB).json
    other = Browser(house)
    _enter(other)

    text = browser.visit("/account/sessions").text
    assert text.count("This browser") == 1
    assert "Firefox on Linux" in text
    assert "Edge on Windows" in text
    assert "198.51.100.7" in text
    assert "2026-01-15 12:00 UTC" in text
    [bobs] = house.get(f"/user_management/users/{stranger['user']['id']}/sessions").json["data"]
    browser.submit("/account/sessions/end", place=bobs["id"])
    assert _refresh(house, stranger["refresh_token"]) == 200

    sessions = house.get(f"/user_management/users/{user_id}/sessions").json["data"]
    theirs = next(session["id"] for session in sessions if session["ip_address"] == "198.51.100.7")
    browser.submit("/account/sessions/end", place=theirs)
    assert _refresh(house, app) == 400
    assert other.visit("/account").path == "/account"

    said = browser.submit("/account/sessions/elsewhere")

    assert "signed out everywhere else" in said.text
    assert other.visit("/account").path == "/sign-in"
    assert _refresh(house, here) == 200


def test_to_sign_out_here_ends_this_browser_and_the_apps_in_it(house: House, browser: Browser) -> None:
    _open(house, browser)
    browser.authorize()
    here = _trade(house, browser)
    app = house.sign_in().json["refresh_token"]
    browser.visit("/account")

    gone = browser.submit("/account/sign-out")

    assert gone.path == "/signed-out"
    assert (_refresh(house, here), _refresh(house, app)) == (400, 200)
    assert browser.visit("/account").path == "/sign-in"
    assert "gatelodge_session" not in browser.cookies


def test_a_page_of_the_account_is_protected_as_all_pages_are_and_weighs_little(house: House, browser: Browser) -> None:
    _open(house, browser)
    style = len(browser.send("GET", "/pages/style.css").body)

    for path in ("/account", "/account/sessions", "/account/factors", "/account/password", "/account/email"):
        seen = browser.visit(path)
        assert "frame-ancestors 'none'" in seen.headers["content-security-policy"]
        assert seen.headers["cache-control"] == "no-store, private"
        assert "<script" not in seen.text
        assert style + len(seen.text) < 30_000


@pytest.mark.parametrize(
    ("agent", "named"),
    [
        ("", ("", "")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", ("Firefox", "Linux")),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/150.0 Mobile Safari/537.36", ("Chrome", "Android")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1",
            ("Safari", "iPhone"),
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Safari/605", ("Safari", "macOS")),
        ("python-httpx/0.28", ("python-httpx", "")),
        ("<script>alert(1)</script>", ("", "")),
    ],
)
def test_a_device_is_named_as_a_person_would(agent: str, named: tuple[str, str]) -> None:
    assert read_agent(agent) == named
