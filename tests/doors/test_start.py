"""The start page of development mode and its sample app, without a browser; the journey is in tests/hosted."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.conftest import StartServer
from tests.harness.inprocess import CLIENT, House
from tests.hosted.browser import Browser

HTML = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def house(furnished_database: str) -> Iterator[House]:
    house = House(furnished_database, limits=False)
    yield house
    house.close()


def _look(house: House) -> str:
    answer = house.call("GET", "/", key=None, headers=HTML)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    return answer.body.decode()


def test_the_start_page_has_what_a_newcomer_needs_and_the_latest_mail(house: House) -> None:
    before = _look(house)
    house.create_user()
    house.post("/user_management/magic_auth", {"email": "ada@example.com"})

    after = _look(house)

    for shown in (
        "sk_test_default",
        CLIENT,
        "http://localhost:4100",
        "/docs/api",
        "UserManagement",
        "@workos-inc/node",
    ):
        assert shown in before
    assert "Nothing was sent yet" in before
    assert "Your code to sign in" in after
    assert "/_dev/inbox?id=" in after


def test_programs_find_nothing_at_the_root(house: House) -> None:
    answer = house.call("GET", "/", key=None)

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/json"


def test_the_sample_app_signs_in_through_the_pages_and_shows_the_tokens(house: House) -> None:
    house.create_user()
    browser = Browser(house)

    begun = browser.send("POST", "/_dev/app/sign-in")
    browser.visit(dict(begun.headers)["location"])
    back = urlsplit(browser.sign_in().headers["location"])
    seen = browser.visit(f"{back.path}?{back.query}")
    again = browser.visit(f"{back.path}?{back.query}")

    assert (back.netloc, back.path) == ("localhost:4100", "/_dev/app/callback")
    assert (seen.status, again.status) == (200, 400)
    for shown in ("ada@example.com", "access_token", "session_id=session_", "refresh_token"):
        assert shown in seen.text


@pytest.mark.parametrize("query", [{"code": "x"}, {"code": "x", "state": ""}, {"code": "x", "state": "other"}])
def test_an_answer_that_this_browser_did_not_ask_for_is_refused(house: House, query: dict[str, str]) -> None:
    answer = house.call("GET", "/_dev/app/callback", key=None, query=query, headers=HTML)

    assert answer.status == 400
    assert b"belongs to no sign-in" in answer.body


def test_production_has_neither(server: StartServer) -> None:
    running = server(development=False)
    client = running.http(api_key="")

    assert client.get("/", headers=HTML).status_code == 404
    assert client.post("/_dev/app/sign-in").status_code == 404
