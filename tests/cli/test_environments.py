from __future__ import annotations

import pytest

from gatelodge.cli.addresses import check_origin, check_redirect
from gatelodge.cli.printing import Refused
from tests.cli.running import Shell


def test_an_environment_is_created_listed_and_deleted(installation: Shell) -> None:
    made = installation.json("environments", "create", "production")
    listed = installation.json("environments", "list")["data"]

    assert listed == [made]
    assert made["name"] == "production"
    assert made["client_ids"][0].startswith("client_")
    assert installation.json("environments", "delete", "production", "--yes") == {"deleted": made["id"]}
    assert installation.json("environments", "list") == {"data": []}


def test_redirects_and_origins_are_allowed_once(installation: Shell) -> None:
    installation.run("environments", "create", "production")
    callback, home = "https://app.example.com/callback", "https://app.example.com"

    first = installation.json("environments", "allow-redirect", callback)
    again = installation.json("environments", "allow-redirect", callback)
    installation.json("environments", "allow-sign-out", home)
    origin = installation.json("environments", "allow-origin", home)

    assert (first["was_new"], again["was_new"], origin["was_new"]) == (True, False, True)
    listed = installation.json("environments", "list")["data"][0]
    assert (listed["redirect_uris"], listed["sign_out_uris"]) == ([callback], [home])


def test_what_was_allowed_is_removed_again(installation: Shell) -> None:
    installation.run("environments", "create", "production")
    old, new = "https://old.example.com", "https://new.example.com"
    for command in ("allow-redirect", "allow-sign-out", "allow-origin"):
        for address in (old, new):
            assert installation.run("environments", command, address).status == 0

    removed = installation.json("environments", "remove-redirect", old)
    assert installation.run("environments", "remove-sign-out", old).status == 0
    assert installation.run("environments", "remove-origin", old).status == 0

    assert removed["removed"] == old
    listed = installation.json("environments", "list")["data"][0]
    assert (listed["redirect_uris"], listed["sign_out_uris"], listed["cors_origins"]) == ([new], [new], [new])
    for command in ("remove-redirect", "remove-sign-out", "remove-origin"):
        assert "does not list" in installation.run("environments", command, old).fault


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback?next=1",
        "http://localhost:3000/callback",
        "http://127.0.0.1:*/callback",
        "https://*.preview.example.com/callback",
        "com.example.app://callback",
        "https://app-*.preview.example.co.uk/callback",
    ],
)
def test_a_redirect_that_browsers_may_follow_is_allowed(uri: str) -> None:
    assert check_redirect(uri) == uri


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("javascript:alert(1)", "never sent to the scheme javascript"),
        ("JavaScript:alert(1)", "never sent to the scheme javascript"),
        ("data:text/html,x", "never sent to the scheme data"),
        ("http://app.example.com/callback", "Plain http is for loopback only"),
        ("https://app.example.com/callback#token", "no fragment"),
        ("https://me@app.example.com/", "no proper host"),
        ("https://*/callback", "three labels or more"),
        ("https://*.com/callback", "three labels or more"),
        ("https://*.co.uk/callback", "anybody gets a name"),
        ("https://app-*.vercel.app/callback", "anybody gets a name"),
        ("https://*.eu-west-1.amazonaws.com/callback", "anybody gets a name"),
        ("https://app.example.com\\@evil.example/", "no redirect URI"),
        ("https://app.*.example.com/", "left-most label"),
        ("https://app.example.com:*/", "Only a loopback host has any port"),
        ("https://app.example.com:80a/", "no proper host"),
        ("/callback", "no redirect URI"),
        ("https://app.example.com/\u202e", "no redirect URI"),
    ],
)
def test_a_redirect_that_is_dangerous_or_useless_is_refused(uri: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check_redirect(uri)


def test_plain_http_to_other_machines_is_for_development_alone() -> None:
    assert check_redirect("http://192.168.1.5:3000/callback", development=True)
    assert check_origin("http://192.168.1.5:3000", development=True)
    with pytest.raises(Refused, match="Plain http"):
        check_redirect("http://192.168.1.5:3000/callback")
    with pytest.raises(Refused, match="Plain http"):
        check_origin("http://192.168.1.5:3000")


@pytest.mark.parametrize(
    "origin",
    [
        "https://app.example.com/",
        "https://app.example.com:443",
        "https://App.example.com",
        "http://app.example.com",
        "https://*.example.com",
        "https://app.example.com?",
        "https://app.example.com#",
        "app.example.com",
        "*",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(origin: str) -> None:
    with pytest.raises(Refused):
        check_origin(origin)


def test_what_may_not_be_allowed_is_refused_in_one_line(small: Shell) -> None:
    assert "never sent to" in small.run("environments", "allow-redirect", "javascript:alert(1)").fault
    assert "An origin is" in small.run("environments", "allow-origin", "https://app.example.com/").fault
    assert small.json("environments", "list")["data"][0]["redirect_uris"] == []


def test_a_taken_name_or_client_id_is_refused_and_leaves_nothing(small: Shell) -> None:
    taken = small.json("environments", "list")["data"][0]["client_ids"][0]

    assert "already" in small.run("environments", "create", "production").fault
    assert "is taken" in small.run("environments", "create", "staging", "--client-id", taken).fault
    assert len(small.json("environments", "list")["data"]) == 1


@pytest.mark.parametrize("name", [" ", "environment_x", "a\x1b[31mb"])
def test_a_name_that_cannot_be_typed_or_shown_is_refused(small: Shell, name: str) -> None:
    assert "name" in small.run("environments", "create", name).fault


def test_deleting_asks_first_and_a_no_changes_nothing(small: Shell) -> None:
    status, screen = small.type("environments", "delete", "production", answers=(("[y/N]", "n\n"),))

    assert status == 1
    assert "with all its users, sessions and keys? [y/N]" in screen
    assert "Nothing was changed." in screen
    assert len(small.json("environments", "list")["data"]) == 1


def test_deleting_goes_ahead_after_a_yes(small: Shell) -> None:
    status, screen = small.type("environments", "delete", "production", answers=(("[y/N]", "y\n"),))

    assert (status, "Deleted production" in screen) == (0, True)
    assert small.json("environments", "list") == {"data": []}


def test_deleting_without_a_terminal_needs_a_yes_on_the_line(small: Shell) -> None:
    assert "pass --yes" in small.run("environments", "delete", "production", stdin="y\n").fault
    assert len(small.json("environments", "list")["data"]) == 1


def test_the_environment_need_not_be_named_while_there_is_only_one(small: Shell) -> None:
    assert small.run("users", "list").status == 0

    small.run("environments", "create", "staging")

    assert small.run("users", "list").fault == (
        "There are 2 environments (production, staging); name one with --environment."
    )
    assert small.run("users", "list", "--environment", "staging").status == 0
    assert "no environment 'qa'" in small.run("users", "list", "--environment", "qa").fault


def test_without_an_environment_the_next_command_is_told(installation: Shell) -> None:
    assert installation.run("users", "list").fault == (
        "There is no environment yet; `gatelodge environments create NAME` makes one."
    )
