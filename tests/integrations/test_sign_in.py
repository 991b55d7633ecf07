"""A whole sign-in through each framework's example, and what must not get through."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from gatelodge import UserManagement, seal_session, unseal_session
from tests.harness.servers import Server
from tests.integrations.browser import APP, Browser
from tests.integrations.conftest import COOKIE_PASSWORD

pytestmark = pytest.mark.xdist_group("integrations")


def test_a_user_signs_in_is_known_and_signs_out(browser: Browser) -> None:
    assert "stranger" in browser.go(f"{APP}/").text

    browser.go("/login")
    assert "signed in" in browser.sign_in("ada@example.com").text
    assert browser.address == f"{APP}/"
    me = browser.go("/me").json()
    assert (me["email"], me["role"]) == ("ada@example.com", "admin")
    assert me["organization_id"].startswith("org_")

    browser.go("/")
    assert "stranger" in browser.submit("/logout").text
    browser.go("/me")
    assert urlsplit(browser.address).path == "/sign-in"


def test_a_role_and_a_permission_let_their_holders_in_and_no_others(open_browser: Callable[[], Browser]) -> None:
    seen = {}
    for name in ("ada", "bob", "eve"):
        browser = open_browser()
        browser.go(f"{APP}/login")
        browser.sign_in(f"{name}@example.com")
        seen[name] = [browser.go(f"{APP}{path}").status_code for path in ("/me", "/admin", "/invoices")]

    assert seen == {"ada": [200, 200, 200], "bob": [200, 403, 403], "eve": [200, 403, 403]}


def test_who_is_not_signed_in_comes_back_to_the_page_asked_for_and_a_program_is_told(browser: Browser) -> None:
    program = browser.ask("GET", f"{APP}/me?x=1", headers={"accept": "application/json"})

    browser.go(f"{APP}/me?x=1&y=%2F")
    browser.sign_in("bob@example.com")

    assert program.status_code == 401
    assert browser.address == f"{APP}/me?x=1&y=%2F"
    assert browser.answer.json()["email"] == "bob@example.com"


def test_a_sign_in_leads_to_no_other_site(browser: Browser) -> None:
    browser.go(f"{APP}/login?return_to=//evil.example/x")

    browser.sign_in("bob@example.com")

    assert browser.address == f"{APP}/"


def test_cookies_are_kept_from_scripts_and_other_sites_and_answers_with_them_from_caches(browser: Browser) -> None:
    browser.go(f"{APP}/login")
    browser.sign_in("ada@example.com")
    browser.go(f"{APP}/")
    browser.submit("/logout")

    own = [answer for answer in browser.walked if str(answer.url).startswith(browser.app)]
    setting = [answer for answer in own if "gatelodge" in answer.headers.get("set-cookie", "")]
    sent = [cookie for answer in setting for cookie in answer.headers.get_list("set-cookie")]
    cookies = [cookie for cookie in sent if cookie.startswith("gatelodge")]
    assert len(setting) == 3
    assert len(cookies) == 4
    assert all({"Path=/", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; ")) for cookie in cookies)
    assert {answer.headers["cache-control"] for answer in setting} == {"no-store, private"}
    assert all("Cookie" in answer.headers["vary"] for answer in setting)
    assert not browser.cookie("gatelodge_app")
    assert not browser.cookie("gatelodge_sign_in")


@pytest.mark.parametrize("cookie", ["x", "Fe26.2*1*a*b*c**d*e~2", "gAAAAA==", "%00%ff", "A" * 3_900, '"x"', "a=b=c"])
def test_a_bad_cookie_is_signed_out_and_taken_away(browser: Browser, cookie: str) -> None:
    headers = {"cookie": f"gatelodge_app={cookie}"}

    page = browser.ask("GET", f"{APP}/", headers=headers)
    program = browser.ask("GET", f"{APP}/me", headers={**headers, "accept": "*/*"})
    leaving = browser.ask("POST", f"{APP}/logout", headers=headers)

    assert (page.status_code, program.status_code) == (200, 401)
    # Django refuses a form without its own token first.
    assert leaving.status_code in (303, 403)
    assert "stranger" in page.text
    assert "Max-Age=0" in page.headers["set-cookie"]
    assert "Max-Age=0" in program.headers["set-cookie"]


def test_a_callback_counts_in_the_browser_that_began_and_only_once(open_browser: Callable[[], Browser]) -> None:
    victim, attacker = open_browser(), open_browser()
    attacker.go(f"{APP}/login")
    attacker.submit("/sign-in", email="eve@example.com")
    form = {"password": "correct horse 17"}
    attacker.submit("/sign-in/password", **form)
    callback = next(str(answer.url) for answer in attacker.walked if answer.url.path == "/callback")
    callback = APP + callback.removeprefix(attacker.app)
    victim.go(f"{APP}/login")

    elsewhere = victim.ask("GET", callback)
    again = attacker.ask("GET", callback)
    own_state = parse_qs(urlsplit(str(victim.walked[0].headers["location"])).query)["state"][0]
    altered = victim.ask("GET", f"{APP}/callback?state={own_state[:-1]}~&code=invented")
    assert victim.cookie("gatelodge_sign_in")
    no_code = victim.ask("GET", f"{APP}/callback?state={own_state}&code=invented")

    assert [each.status_code for each in (elsewhere, again, altered, no_code)] == [400, 400, 400, 400]
    assert not victim.cookie("gatelodge_sign_in")
    assert not victim.cookie("gatelodge_app")
    assert "/login" in elsewhere.text


def test_two_tabs_sign_in_at_once(open_browser: Callable[[], Browser]) -> None:
    browser = open_browser()
    first = browser.ask("GET", f"{APP}/login?return_to=/me").headers["location"]
    second = browser.ask("GET", f"{APP}/login?return_to=/invoices").headers["location"]

    browser.go(second)
    browser.sign_in("ada@example.com")
    assert browser.address == f"{APP}/invoices"
    browser.go(first)

    assert browser.address == f"{APP}/me"


def test_an_error_of_the_pages_is_told_without_its_words(browser: Browser) -> None:
    link = browser.ask("GET", f"{APP}/login").headers["location"]
    state = parse_qs(urlsplit(link).query)["state"][0]

    told = browser.ask("GET", f"{APP}/callback?state={state}&error=access_denied&error_description=<script>")
    bare = browser.ask("GET", f"{APP}/callback")

    assert (told.status_code, bare.status_code) == (400, 400)
    assert "<script>" not in told.text
    assert "Max-Age=0" in told.headers["set-cookie"]


def test_a_session_counts_in_its_own_cookie_and_nowhere_else(
    open_browser: Callable[[], Browser], gatelodge: Server
) -> None:
    """Security case 58: what some frameworks hand on in a header, a stranger may send as well."""
    browser, stranger = open_browser(), open_browser()
    browser.go(f"{APP}/login")
    browser.sign_in("ada@example.com")
    sealed = browser.cookie("gatelodge_app")
    opened = unseal_session(sealed, cookie_password=COOKIE_PASSWORD)
    assert opened is not None

    elsewhere = [
        {"x-workos-session": sealed},
        {"x-gatelodge-session": sealed},
        {"authorization": f"Bearer {sealed}"},
        {"authorization": f"Bearer {opened.access_token}"},
        {"cookie": f"wos-session={sealed}"},
        {"cookie": f"gatelodge_app2={sealed}"},
        {"cookie": f"gatelodge_sign_in_={sealed}"},
    ]
    answers = [stranger.ask("GET", f"{APP}/me", headers={"accept": "*/*", **headers}) for headers in elsewhere]
    answers += [stranger.ask("GET", f"{APP}/me?gatelodge_app={sealed}", headers={"accept": "*/*"})]
    stranger.ask("GET", f"{APP}/", headers={"x-workos-session": sealed})
    over = end_session(sealed, gatelodge)
    beside = browser.ask("GET", f"{APP}/me", headers={"x-workos-session": over})

    assert [answer.status_code for answer in answers] == [401] * len(answers)
    assert "stranger" in stranger.answer.text
    assert beside.json()["email"] == "ada@example.com"


def test_another_site_signs_nobody_out(browser: Browser) -> None:
    browser.go(f"{APP}/login")
    browser.sign_in("ada@example.com")

    linked = browser.ask("GET", f"{APP}/logout")
    posted = browser.ask("POST", f"{APP}/logout", headers={"sec-fetch-site": "cross-site"})

    assert (linked.status_code, posted.status_code) == (405, 403)
    assert browser.go(f"{APP}/me").json()["email"] == "ada@example.com"


def test_a_token_that_is_no_good_any_more_is_renewed_until_the_session_ends(
    browser: Browser, gatelodge: Server
) -> None:
    browser.go(f"{APP}/login")
    browser.sign_in("ada@example.com")
    spoilt = spoil(browser.cookie("gatelodge_app"))
    browser.forget("gatelodge_app")

    renewed = browser.ask("GET", f"{APP}/me", headers={"cookie": f"gatelodge_app={spoilt}"})
    fresh = browser.cookie("gatelodge_app")
    gone = end_session(fresh, gatelodge)
    over = browser.ask("GET", f"{APP}/me", headers={"cookie": f"gatelodge_app={gone}", "accept": "*/*"})

    assert renewed.json()["email"] == "ada@example.com"
    assert renewed.headers["cache-control"] == "no-store, private"
    assert fresh not in ("", spoilt)
    assert over.status_code == 401
    assert "Max-Age=0" in over.headers["set-cookie"]


def spoil(sealed: str) -> str:
    """Give the same session with an access token that does not count."""
    session = unseal_session(sealed, cookie_password=COOKIE_PASSWORD)
    assert session is not None
    return seal_session(
        msgspec.structs.replace(session, access_token=f"{session.access_token[:-4]}AAAA"),
        cookie_password=COOKIE_PASSWORD,
    )


def end_session(sealed: str, gatelodge: Server) -> str:
    """End a session as an operator does, and give it with an access token that does not count."""
    with UserManagement(gatelodge.api_key, client_id=gatelodge.client_id, base_url=gatelodge.base_url) as client:
        verdict = client.authenticate_with_session_cookie(sealed, cookie_password=COOKIE_PASSWORD)
        assert verdict.authenticated
        client.revoke_session(verdict.session_id)
    return spoil(sealed)
