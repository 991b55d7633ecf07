"""Passkeys on the pages: added by their owner, used in place of everything else, and looked after."""

from __future__ import annotations

import hashlib
import re
from importlib import resources

import pytest

from gatelodge.features.passkeys import challenges
from tests.harness.authenticator import Authenticator, Held, read_bytes
from tests.harness.inprocess import House
from tests.harness.mails import mails
from tests.hosted.browser import Browser
from tests.hosted.passkeys import (
    ADA,
    ADD,
    SIGN_IN,
    add,
    arrive,
    ask,
    furnish,
    open_account,
    trade,
    use,
)
from tests.house.source import ROOT


def test_a_passkey_signs_its_user_in_without_an_address_or_a_password(house: House) -> None:
    user_id, _, device = furnish(house)

    arrived = arrive(house, device, state="s")

    answer = trade(house, arrived)
    assert arrived.query["state"] == "s"
    assert (answer.json["user"]["id"], answer.json["authentication_method"]) == (user_id, "Passkey")
    sessions = house.get(f"/user_management/users/{user_id}/sessions").json["data"]
    assert [session["auth_method"] for session in sessions] == ["passkey"]


def test_events_tell_of_passkeys_that_were_right_and_wrong(house: House) -> None:
    user_id, _, device = furnish(house)
    trade(house, arrive(house, device))
    device.verifies_user = False
    arrive(house, device)
    stranger = Authenticator(held=[Held(user_handle=user_id.encode())])
    arrive(house, stranger)

    told = house.events("authentication.passkey_succeeded", "authentication.passkey_failed", "session.created")

    names = [event["event"] for event in told]
    assert names == [
        "authentication.passkey_succeeded",
        "session.created",
        "authentication.passkey_failed",
        "authentication.passkey_failed",
    ]
    right, _, wrong, unknown = [event["data"] for event in told]
    agent = {"ip_address": "203.0.113.9", "user_agent": right["user_agent"], "type": "passkey"}
    assert right == {**agent, "status": "succeeded", "user_id": user_id, "email": ADA}
    assert (wrong["user_id"], wrong["email"], wrong["error"]["code"]) == (user_id, ADA, "passkey_invalid")
    assert (unknown["user_id"], unknown["email"], unknown["error"]["code"]) == (None, None, "passkey_unknown")


def test_a_passkey_is_named_for_its_device_renamed_and_removed_and_mail_tells_of_it(house: House) -> None:
    browser, device = Browser(house), Authenticator()
    open_account(house, browser)
    added = add(browser, device)
    assert ("Firefox, Linux" in added.text, "Never used" in added.text) == (True, True)
    arrive(house, device)
    assert "Last used" in browser.visit(ADD).text

    renamed = browser.submit(f"{ADD}/rename", name='<b>"My" telephone')
    assert "&lt;b&gt;&#34;My&#34; telephone" in renamed.text
    assert '<b>"' not in renamed.text
    browser.submit(f"{ADD}/rename", name=" ")
    assert "telephone" in browser.page.text
    assert "1</span>" in browser.visit("/account").text.partition('href="/account/passkeys"')[2][:120]
    browser.visit(ADD)
    assert "It is removed" in browser.submit(f"{ADD}/remove").text

    assert "telephone" not in browser.page.text
    assert "not known here any more" in arrive(house, device).text
    assert mails(house, to=ADA) == [("passkey_added", {}), ("passkey_removed", {})]


def test_a_user_has_at_most_twenty_passkeys(house: House) -> None:
    browser, device = Browser(house), Authenticator()
    open_account(house, browser)
    for _ in range(19):
        add(browser, device)
    browser.visit(ADD)
    form = browser.page.form(ADD).fields
    options = [ask(browser, ADD) for _ in range(2)]
    assert len(options[0]["excludeCredentials"]) == 19

    last, over = (
        browser.send("POST", ADD, form={**form, "credential": device.make(options[number])}).status
        for number in range(2)
    )

    assert (last, over) == (303, 400)
    assert ADD not in {found.action for found in browser.visit(ADD).forms}


def test_whoever_signs_in_again_on_the_page_of_the_account_may_do_so_by_passkey(house: House) -> None:
    browser, device = Browser(house), Authenticator()
    open_account(house, browser)
    add(browser, device)
    house.clock.advance(minutes=11)

    assert browser.visit("/account/password").path == "/sign-in"
    assert "Show once more that it is you" in browser.page.text

    assert use(browser, device).path == "/account/password"


def test_challenges_that_nobody_answered_are_swept_away(house: House) -> None:
    browser = Browser(house)
    browser.authorize()
    given = [read_bytes(ask(browser, SIGN_IN)["challenge"]) for _ in range(12)]
    unit = house.unit()
    kept = [bytes(row[0]) for row in unit.read.all("select challenge_hash from passkey_challenges")]
    assert (len(kept), set(kept) & set(given)) == (8, set())
    assert challenges.sweep(unit) == 0

    house.clock.advance(minutes=5)

    assert challenges.sweep(house.unit()) == 8


def test_the_mails_say_what_happened_in_every_language(house: House) -> None:
    for locale in ("en", "de", "fr"):
        email = f"{locale}@example.com"
        browser, device = Browser(house), Authenticator(counts=True)
        user_id = open_account(house, browser, email)
        house.put(f"/user_management/users/{user_id}", {"locale": locale})
        add(browser, device)
        arrive(house, device)
        device.held[0].count = 0
        arrive(house, device)
        browser.visit(ADD)
        browser.submit(f"{ADD}/remove")

        kept = house.call("GET", "/_dev/inbox", query={"to": email}, key=None).json["data"]

        assert len({message["subject"] for message in kept}) == 3
        word = {"en": "passkey", "de": "Passkey", "fr": "clé d"}[locale]
        for message in kept:
            assert word in message["text"]
            assert "%(" not in message["text"]


def test_pages_with_passkeys_run_our_two_scripts_and_no_other(house: House, browser: Browser) -> None:
    pages = [browser.authorize(), browser.submit("/sign-in", email=ADA)]
    owner = Browser(house)
    open_account(house, owner)
    pages.append(owner.visit(ADD))

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert policy.endswith("; connect-src 'self'; script-src 'self'")
        assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)
        found = re.findall(r"<script[^>]*>[^<]*", re.sub(r"[?]v=[0-9a-f]+", "", page.text))
        assert found == [f'<script src="/pages/{name}.js" defer>' for name in ("simplewebauthn-browser", "passkeys")]
    assert "script-src" not in owner.visit("/account").headers["content-security-policy"]


def test_without_scripts_nothing_of_passkeys_is_in_the_way_but_a_word_on_their_own_page(
    house: House, browser: Browser
) -> None:
    owner = Browser(house)
    open_account(house, owner)

    assert 'action="/sign-in/passkey" data-passkey="get" hidden>' in browser.authorize().text
    page = owner.visit(ADD).text
    assert 'data-passkey="create" hidden>' in page
    assert "data-without-passkeys>This browser cannot make passkeys" in page


def test_a_passkey_that_was_wrong_is_not_laid_to_the_field_for_the_address(browser: Browser) -> None:
    browser.authorize()

    refused = use(browser, Authenticator(held=[Held()]))

    assert ('role="alert" id="fault"' in refused.text, "aria-invalid" in refused.text) == (True, False)
    assert "aria-invalid" in browser.submit("/sign-in", email="nothing").text


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_pages_weigh_less_than_thirty_kilobytes_with_their_scripts(house: House, language: str) -> None:
    browser, owner = Browser(house, language=language), Browser(house, language=language)
    parts = ("style.css", "simplewebauthn-browser.js", "passkeys.js")
    weights = [len(browser.send("GET", f"/pages/{part}").body) for part in parts]
    pages = [browser.authorize(login_hint=ADA).text, browser.submit("/sign-in", email=ADA).text]
    open_account(house, owner)
    pages.append(add(owner, Authenticator()).text)

    assert max(len(page.encode()) for page in pages) + sum(weights) < 30_000


def test_the_script_from_elsewhere_is_the_one_whose_licence_and_hash_are_kept(browser: Browser) -> None:
    response = browser.send("GET", "/pages/simplewebauthn-browser.js")

    digest = hashlib.sha256(response.body).hexdigest()
    assert digest == "29bb0699b45bc39a350d992a13bfc1a4d40d89531390581e1f57f1142c6e221d"
    assert digest in (ROOT / "NOTICE").read_text(encoding="utf-8")
    licence = resources.files("gatelodge").joinpath("templates", "scripts", "simplewebauthn-browser.LICENSE.txt")
    assert "Matthew Miller" in licence.read_text(encoding="utf-8")
    headers = dict(response.headers)
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    again = browser.send("GET", "/pages/simplewebauthn-browser.js", headers={"if-none-match": headers["etag"]})
    assert (again.status, again.body) == (304, b"")


def test_where_browsers_make_no_passkeys_none_are_offered(furnished_database: str) -> None:
    house = House(furnished_database, limits=False, base_url="http://192.0.2.7:4100")
    try:
        browser = Browser(house)
        assert SIGN_IN not in browser.authorize().text
        open_account(house, browser)
        assert "/account/passkeys" not in browser.visit("/account").text
        assert "Passkeys are not in use here" in browser.visit(ADD).text
    finally:
        house.close()
