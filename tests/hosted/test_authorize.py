"""What an app's link may ask for, and where a browser is sent when it asks for something else."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from gatelodge.doors.known import REDIRECT_URI
from gatelodge.features.applications import actions as applications
from gatelodge.features.authorization.redirects import is_listed
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, House
from tests.hosted.browser import AUTHORIZE, Browser, last_code, read_pairs

VERIFIER = "a-verifier-that-is-long-enough-for-the-rfc-7636-rule"
CHALLENGE = "8Wsl-l43WDjTlmmgiCkGUAwEkeqsKU3OqgkEg8O1Xm8"

WRONG_TARGETS = [
    f"{REDIRECT_URI}/",
    f"{REDIRECT_URI}/../evil",
    f"{REDIRECT_URI}?next=x",
    f"{REDIRECT_URI}#x",
    "http://localhost:3000/callbac",
    "http://localhost:3000/CALLBACK",
    "http://localhost:3000/%63allback",
    "http://localhost:3000/x/%2e%2e/callback",
    "http://LOCALHOST:3000/callback",
    "http://localhost.:3000/callback",
    "http://localhost/callback",
    "http://localhost:3000@evil.example/callback",
    "http://evil.example/http://localhost:3000/callback",
    "http://localhost:3000\\@evil.example/callback",
    "http://localhost:3000\t/callback",
    "http://localhost:3000/callback\r\nset-cookie: x=1",
    " http://localhost:3000/callback",
    "//localhost:3000/callback",
    "http://[::1]:3000/callback",
    "http://127.0.0.1:3000/callback",
    "https://localhost:3000/callback",
    "http://l\u043ecalhost:3000/callback",
    "javascript:alert(1)//http://localhost:3000/callback",
    "data:text/html,x",
    "",
]


def test_in_development_a_browser_at_the_number_of_this_machine_is_led_to_its_name(browser: Browser) -> None:
    for host in ("127.0.0.1:4100", "[::1]:4100"):
        response = browser.send("GET", "/sign-in?ui_locales=de", headers={"host": host})
        assert response.status == 307
        assert dict(response.headers)["location"] == "http://localhost:4100/sign-in?ui_locales=de"

    for headers in (
        {"host": "localhost:4100"},
        {"host": "127.0.0.1:9999"},
        {"host": "evil.example:4100"},
        {"host": "["},
        {"host": "127.0.0.1:4100", "accept": "application/json"},
    ):
        assert browser.send("GET", "/signed-out", headers=headers).status == 200


def test_in_production_nobody_is_led_from_one_host_to_another(furnished_database: str) -> None:
    house = House(furnished_database, limits=False, development=False)
    try:
        seen = Browser(house).send("GET", "/signed-out", headers={"host": "127.0.0.1:4100"})
    finally:
        house.close()

    assert seen.status == 200


def test_an_address_that_is_not_listed_letter_by_letter_is_shown_an_error_and_never_followed(browser: Browser) -> None:
    for target in WRONG_TARGETS:
        seen = browser.authorize(redirect_uri=target, state="s")

        assert (seen.status, "location" in seen.headers) == (400, False), target
        assert "client_id" in seen.text or "redirect URI" in seen.text
    assert browser.authorize().status == 200


def test_a_missing_doubled_or_unknown_client_or_target_is_an_error_of_ours(browser: Browser) -> None:
    good = [("client_id", CLIENT), ("redirect_uri", REDIRECT_URI), ("response_type", "code"), ("provider", "authkit")]
    queries = [
        urlencode(good[1:]),
        urlencode([*good[1:], ("client_id", "client_unknown")]),
        urlencode([*good[1:], ("client_id", f"{CLIENT}\0")]),
        urlencode([*good, ("client_id", CLIENT)]),
        urlencode([*good, ("redirect_uri", "https://evil.example")]),
        urlencode([good[0], *good[2:]]),
        f"{urlencode(good)}&state=%ff",
    ]

    for query in queries:
        page = browser.visit(f"{AUTHORIZE}?{query}")
        plain = browser.send("GET", f"{AUTHORIZE}?{query}", headers={"accept": "application/json"})

        assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert (plain.status, dict(plain.headers)["content-type"]) == (400, "application/json")
        assert b'"error"' in plain.body


REFUSED: list[tuple[dict[str, str | None], str]] = [
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": None}, "unsupported_response_type"),
    ({"provider": None}, "invalid_connection_selector"),
    ({"provider": "NoOAuth"}, "invalid_connection_selector"),
    ({"connection_id": "conn_1"}, "invalid_connection_selector"),
    ({"provider": "GoogleOAuth", "organization_id": "org_1"}, "invalid_connection_selector"),
    ({"provider": "GoogleOAuth"}, "connection_invalid"),
    ({"provider": None, "connection_id": "conn_1"}, "connection_invalid"),
    ({"provider": None, "organization_id": "org_1"}, "organization_invalid"),
    ({"code_challenge": CHALLENGE}, "invalid_request"),
    ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
    ({"code_challenge_method": "S256"}, "invalid_request"),
    ({"screen_hint": "sign-out"}, "invalid_request"),
    ({"screen_hint": "sign-up", "provider": "GoogleOAuth"}, "connection_invalid"),
    ({"max_age": "-1"}, "invalid_request"),
    ({"max_age": "ten"}, "invalid_request"),
    ({"organization_id": "org_01KF0JQ6G0X4HT7K6SSMBV18BY"}, "organization_invalid"),
    ({"organization_id": "\0"}, "invalid_request"),
    ({"login_hint": "ada@example.com\n"}, "invalid_request"),
    ({"prompt": "none"}, "login_required"),
    ({"prompt": "none login"}, "login_required"),
]


def test_every_other_fault_goes_back_to_the_app_with_the_state(browser: Browser) -> None:
    for asked, error in REFUSED:
        seen = browser.authorize(state="a b&c", **asked)

        assert seen.path.partition("?")[0] == REDIRECT_URI, asked
        told = dict(read_pairs(seen.path))
        assert (told["error"], told["state"]) == (error, "a b&c"), asked
        assert told["error_description"]
    assert "state" not in browser.authorize(prompt="none").query


def test_a_doubled_parameter_is_refused_and_a_state_comes_back_as_it_was(house: House, browser: Browser) -> None:
    link = urlencode({"client_id": CLIENT, "redirect_uri": REDIRECT_URI, "response_type": "code"})

    doubled = browser.visit(f"{AUTHORIZE}?{link}&provider=authkit&login_hint=a&login_hint=b&state=x")

    assert (doubled.query["error"], doubled.query["state"]) == ("invalid_request", "x")
    house.create_user()
    for state in ("", "\0\r\nset-cookie: x=1", "~*_-." * 300, "ünï\U0001f511 \t\"'<>\\", "a+b%20c"):
        browser.cookies.clear()
        browser.authorize(state=state)
        assert ("state", state) in read_pairs(browser.sign_in().path)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({}, "/sign-in"),
        ({"screen_hint": "sign-in"}, "/sign-in"),
        ({"screen_hint": "sign-up"}, "/sign-up"),
        ({"prompt": "create"}, "/sign-up"),
        ({"prompt": "create", "screen_hint": "sign-in"}, "/sign-in"),
        ({"prompt": "consent"}, "/sign-in"),
        ({"invitation_token": "unknown"}, "/sign-in"),
    ],
)
def test_an_app_says_where_to_begin(browser: Browser, asked: dict[str, str], path: str) -> None:
    assert browser.authorize(**asked).path == path


def test_an_invitation_in_the_link_begins_with_a_new_account_of_the_address_invited(
    house: House, browser: Browser
) -> None:
    organization = house.post("/organizations", {"name": "Analytical Engines"}).json
    invited = {"email": "new@example.com", "organization_id": organization["id"]}
    token = house.post("/user_management/invitations", invited).json["token"]

    begun = browser.authorize(invitation_token=token)
    browser.submit("/sign-up", password="a fresh horse 9")
    arrived = browser.submit("/sign-in/email", code=last_code(house, "new@example.com"))

    assert (begun.path, begun.form("/sign-up").fields["email"]) == ("/sign-up", "new@example.com")
    traded = house.authenticate("authorization_code", secret=KEY, code=arrived.query["code"]).json
    assert (traded["user"]["email"], traded["organization_id"]) == ("new@example.com", organization["id"])
    assert Browser(house).authorize(invitation_token=token).path == "/sign-in"


def test_whoever_is_signed_in_as_somebody_else_is_not_taken_for_the_one_invited(house: House, browser: Browser) -> None:
    house.create_user()
    browser.authorize()
    browser.sign_in()
    token = house.post("/user_management/invitations", {"email": "new@example.com"}).json["token"]

    begun = browser.authorize(invitation_token=token)

    assert (begun.path, begun.form("/sign-up").fields["email"]) == ("/sign-up", "new@example.com")


def test_unknown_parameters_and_both_forms_of_lists_are_borne(browser: Browser) -> None:
    seen = browser.authorize(
        claim_nonce="n",
        context="c",
        provider_scopes=["a", "b"],
        prompt="consent",
        **{"provider_query_params[hd]": "x"},
    )

    assert (seen.status, seen.path) == (200, "/sign-in")


def test_a_code_with_a_challenge_is_traded_by_its_verifier_only(house: House, browser: Browser) -> None:
    import base64
    import hashlib

    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
    house.create_user()
    browser.authorize(code_challenge=challenge, code_challenge_method="S256")
    code = browser.sign_in().query["code"]

    without = house.authenticate("authorization_code", secret=KEY, code=code)
    wrong = house.authenticate("authorization_code", secret=None, code=code, code_verifier="x" * 43)
    right = house.authenticate("authorization_code", secret=None, code=code, code_verifier=VERIFIER)

    assert (without.json["error"], wrong.json["error"], right.status) == ("invalid_request", "invalid_grant", 200)


def test_a_code_is_no_good_for_another_client(house: House, browser: Browser) -> None:
    house.create_user()
    unit = house.unit()
    other = applications.create_environment(unit, name="Other", client_id="client_other")
    assert other is not None
    browser.authorize()
    code = browser.sign_in().query["code"]

    foreign = house.post(
        "/user_management/authenticate",
        {"client_id": "client_other", "grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER},
        key=None,
    )

    assert foreign.json["error"] == "invalid_grant"
    assert house.authenticate("authorization_code", secret=KEY, code=code).status == 200


def test_an_address_that_is_listed_a_moment_ago_is_good_at_once(house: House, browser: Browser) -> None:
    wanted = "com.example.app:/signed-in"
    assert browser.authorize(redirect_uri=wanted).status == 400

    applications.allow_redirect(house.unit(), ENVIRONMENT, wanted)
    house.create_user()
    browser.authorize(redirect_uri=wanted)

    assert browser.sign_in().path.startswith(f"{wanted}?code=")


@pytest.mark.parametrize(
    ("pattern", "uri", "fits"),
    [
        ("https://*.example.com/cb", "https://a-b_1.example.com/cb", True),
        ("https://*.example.com/cb", "https://a.b.example.com/cb", False),
        ("https://*.example.com/cb", "https://.example.com/cb", False),
        ("https://*.example.com/cb", "https://example.com/cb", False),
        ("https://*.example.com/cb", "https://evil.example/x.example.com/cb", False),
        ("https://*.example.com/cb", "https://a@evil.example.com/cb", False),
        ("https://*.example.com/cb", "https://a.example.com/cb/x", False),
        ("https://*.example.com/cb", "http://a.example.com/cb", False),
        ("https://*.example.com/cb", "https://a.example.com:444/cb", False),
        ("https://pre-*-x.example.com/cb", "https://pre-7-x.example.com/cb", True),
        ("https://pre-*-x.example.com/cb", "https://pre--x.example.com/cb", False),
        ("https://*.com/cb", "https://evil.com/cb", False),
        ("https://*.co.uk/cb", "https://evil.co.uk/cb", False),
        ("https://a.*.example.com/cb", "https://a.b.example.com/cb", False),
        ("https://*.*.example.com/cb", "https://a.b.example.com/cb", False),
        ("https://app.example.com/*", "https://app.example.com/cb", False),
        ("http://127.0.0.1:*/cb", "http://127.0.0.1:49152/cb", True),
        ("http://[::1]:*/cb", "http://[::1]:1/cb", True),
        ("http://localhost:*/cb", "http://localhost:3001/cb", True),
        ("http://localhost:*/cb", "http://localhost:/cb", False),
        ("http://localhost:*/cb", "http://localhost:1@evil.example/cb", False),
        ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", False),
        ("https://example.com:*/cb", "https://example.com:99/cb", False),
        ("javascript:*", "javascript:*", False),
    ],
)
def test_a_wildcard_stands_for_one_label_or_a_port_of_this_machine(pattern: str, uri: str, *, fits: bool) -> None:
    assert is_listed(uri, [pattern]) is fits
