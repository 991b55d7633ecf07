"""Who may send the pages' forms, and what protects them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from gatelodge.doors.known import REDIRECT_URI
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, House
from tests.hosted.browser import Browser, read_pairs

FORMS = [
    "/account/email",
    "/account/factors",
    "/account/factors/confirm",
    "/account/factors/remove",
    "/account/factors/send",
    "/account/passkeys",
    "/account/passkeys/options",
    "/account/passkeys/remove",
    "/account/passkeys/rename",
    "/account/password",
    "/account/password/link",
    "/account/profile",
    "/account/recovery-codes",
    "/account/sessions/elsewhere",
    "/account/sessions/end",
    "/account/sign-out",
    "/confirm-email-change",
    "/device",
    "/device/answer",
    "/forgot-password",
    "/invitation",
    "/reset-password",
    "/sign-in",
    "/sign-in/cancel",
    "/sign-in/code",
    "/sign-in/code/send",
    "/sign-in/email",
    "/sign-in/email/send",
    "/sign-in/enroll",
    "/sign-in/factor",
    "/sign-in/factor/choose",
    "/sign-in/organization",
    "/sign-in/passkey",
    "/sign-in/passkey/options",
    "/sign-in/password",
    "/sign-in/recover",
    "/sign-in/restart",
    "/sign-up",
    "/undo-email-change",
]


def test_no_form_counts_from_another_site_without_its_token_or_in_another_browser(house: House) -> None:
    browser, stranger = Browser(house), Browser(house)
    form = {**browser.authorize().form("/sign-in").fields, "email": "ada@example.com"}
    stranger.authorize()

    for path in FORMS:
        for site in ("cross-site", "same-site", "none"):
            assert browser.send("POST", path, form=form, headers={"sec-fetch-site": site}).status == 403
        assert browser.send("POST", path, form={**form, "form_token": ""}).status == 403
        assert stranger.send("POST", path, form=form).status == 403
    evil = {"sec-fetch-site": "", "origin": "https://evil.example"}
    assert browser.send("POST", "/sign-in", form=form, headers=evil).status == 403
    assert browser.submit("/sign-in", email="ada@example.com").status == 200


def test_a_tab_goes_on_though_another_has_begun_a_sign_in_since(house: House, browser: Browser) -> None:
    house.create_user()
    browser.authorize(state="first")
    first = browser.page.form("/sign-in")
    browser.submit("/sign-in", email="ada@example.com")
    password = browser.page.form("/sign-in/password")

    browser.authorize(state="second", login_hint="grace@example.com")
    begun = browser.send("POST", "/sign-in", form={**first.fields, "email": "ada@example.com"})
    browser.authorize(state="third", login_hint="grace@example.com")
    arrived = browser.send("POST", "/sign-in/password", form={**password.fields, "password": "correct horse 17"})

    assert (begun.status, dict(begun.headers)["location"]) == (303, "/sign-in")
    told = dict(read_pairs(dict(arrived.headers)["location"]))
    assert told["state"] == "third"
    assert house.authenticate("authorization_code", secret=KEY, code=told["code"]).json["user"]["id"]


def test_a_form_never_signs_in_to_another_app_than_the_one_it_showed(house: House, browser: Browser) -> None:
    other = applications.create_environment(house.unit(), name="other", client_id="client_other")
    assert other is not None
    applications.allow_redirect(house.unit(), other[0].id, REDIRECT_URI)
    house.create_user()
    shown = browser.authorize().form("/sign-in").fields

    browser.authorize(client_id="client_other")
    refused = [
        browser.send("POST", "/sign-in", form={**shown, "email": "ada@example.com"}),
        browser.send("POST", "/sign-up", form={**shown, "email": "ada@example.com", "password": "correct horse 17"}),
        browser.send("POST", "/sign-in/cancel", form=shown),
    ]

    assert [answer.status for answer in refused] == [403] * 3
    assert b"Another window has gone on" in refused[0].body


def test_a_form_of_one_account_is_refused_once_another_is_signed_in(house: House, browser: Browser) -> None:
    house.create_user()
    house.create_user(email="grace@example.com")
    browser.visit(f"/account?client_id={CLIENT}")
    browser.sign_in()
    shown = browser.page.form("/account/profile").fields

    browser.authorize(prompt="login")
    browser.sign_in(email="grace@example.com")

    assert browser.send("POST", "/account/profile", form={**shown, "first_name": "Ada"}).status == 403
    assert browser.send("POST", "/account/sign-out", form=shown).status == 403


def test_every_page_forbids_frames_scripts_referrers_and_keeping(browser: Browser) -> None:
    browser.authorize()
    # The few with scripts, for passkeys, are in test_passkeys.
    pages = [
        "/sign-up",
        "/forgot-password",
        "/device",
        "/signed-out",
        "/reset-password?token=x",
        "/invitation",
    ]

    for path in pages:
        headers = browser.visit(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert (headers["referrer-policy"], headers["x-frame-options"]) == ("no-referrer", "DENY")
        assert headers["cache-control"] == "no-store, private"
        assert "Cookie" in headers["vary"]
        text = browser.page.text
        assert "<script" not in text
        assert "style=" not in text
        assert " on" not in "".join(part.partition(">")[0] for part in text.split("<")[1:] if part.startswith("body"))


def test_cookies_are_bound_to_the_host_on_https(furnished_database: str) -> None:
    house = House(furnished_database, limits=False, base_url="https://auth.example.com")
    try:
        house.create_user()
        browser = Browser(house)
        browser.authorize()
        arrived = browser.sign_in()
    finally:
        house.close()

    assert {cookie.partition("=")[0] for cookie in browser.set_cookies} == {
        "__Host-gatelodge_browser",
        "__Host-gatelodge_flow",
        "__Host-gatelodge_session",
    }
    for cookie in browser.set_cookies:
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} <= set(cookie.split("; ")[1:])
        assert "Domain" not in cookie
    assert "no-store" in arrived.headers["cache-control"]


def test_names_of_any_kind_are_shown_as_text(house: House, browser: Browser) -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x>"
    policy = EnvironmentPolicy(brand_name=hostile, brand_colour="#ff0000", support_url="https://help.example/a?b=c")
    applications.set_policy(house.unit(), ENVIRONMENT, policy)
    browser.authorize(login_hint="a@b.example")

    seen = browser.visit("/sign-in?ui_locales=%3Cscript%3E")

    assert "<script>" not in seen.text
    assert "<img" not in seen.text
    assert "&lt;script&gt;" in seen.text
    typed = browser.submit("/sign-in", email='"><script>x</script>')
    assert (typed.status, "<script>" in typed.text) == (400, False)


def test_the_pages_weigh_less_than_thirty_kilobytes(browser: Browser) -> None:
    browser.authorize()

    page = browser.visit("/sign-up")
    address = page.text.split('<link rel="stylesheet" href="')[1].split('"')[0]
    style = browser.send("GET", address)

    assert (address.partition("=")[0], len(style.body) > 0) == ("/pages/style.css?v", True)
    assert len(style.body) + len(page.text) < 30_000


def test_a_form_sent_many_times_at_once_gives_one_code(house: House, browser: Browser) -> None:
    house.create_user()
    browser.authorize()
    browser.submit("/sign-in", email="ada@example.com")
    form = {**browser.page.form("/sign-in/password").fields, "password": "correct horse 17"}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: browser.send("POST", "/sign-in/password", form=form), range(16)))

    locations = [dict(answer.headers).get("location", "") for answer in answers]
    assert sum("code=" in location for location in locations) == 1
    # Whoever comes after the session has another cookie, and so a page that is too old.
    assert {answer.status for answer in answers} <= {303, 403, 410}
