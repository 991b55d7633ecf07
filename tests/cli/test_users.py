from __future__ import annotations

import pytest

from tests.cli.running import Shell
from tests.conftest import StartServer

PASSWORD = "correct horse 17"


@pytest.fixture
def peopled(installation: Shell) -> Shell:
    installation.json("environments", "create", "production")
    installation.json(
        "users", "create", "ada@example.com", "--first-name", "Ada", "--last-name", "Lovelace", "--verified"
    )
    return installation


def test_a_user_is_created_shown_and_deleted(peopled: Shell) -> None:
    user = peopled.json("users", "show", "ADA@example.com")["user"]

    assert (user["email"], user["first_name"], user["email_verified"]) == ("ada@example.com", "Ada", True)
    assert peopled.json("users", "show", user["id"]) == {"user": user, "sessions": []}
    assert peopled.json("users", "delete", "ada@example.com", "--yes") == {"deleted": user["id"]}
    assert "no user 'ada@example.com'" in peopled.run("users", "show", "ada@example.com").fault


def test_users_are_listed_newest_first_and_a_page_tells_where_to_go_on(peopled: Shell) -> None:
    peopled.json("users", "create", "bob@example.com")
    peopled.json("users", "create", "eve@example.com")

    page = peopled.json("users", "list", "--limit", "2")
    rest = peopled.json("users", "list", "--limit", "2", "--after", page["list_metadata"]["after"])

    assert [user["email"] for user in page["data"]] == ["eve@example.com", "bob@example.com"]
    assert [user["email"] for user in rest["data"]] == ["ada@example.com"]
    assert rest["list_metadata"]["after"] is None
    found = peopled.json("users", "list", "--email", "Bob@example.com")["data"]
    assert [user["email"] for user in found] == ["bob@example.com"]


def test_a_password_comes_from_standard_input_and_signs_in(server: StartServer, shell: Shell) -> None:
    running = server()
    shell.exported["GATELODGE_DATABASE_URL"] = running.database_url

    made = shell.json("users", "create", "ada@example.com", "--verified", "--password-stdin", "--dev", stdin=PASSWORD)

    asked = {
        "grant_type": "password",
        "client_id": running.client_id,
        "client_secret": running.api_key,
        "email": "ada@example.com",
        "password": PASSWORD,
    }
    answer = running.http().post("/user_management/authenticate", json=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["user"]["id"] == made["user"]["id"]


def test_signing_out_ends_the_sessions_of_a_running_server(server: StartServer, shell: Shell) -> None:
    running = server()
    shell.exported["GATELODGE_DATABASE_URL"] = running.database_url
    shell.json("users", "create", "ada@example.com", "--verified", "--password-stdin", "--dev", stdin=PASSWORD + "\n")
    client = {"client_id": running.client_id, "client_secret": running.api_key}
    http = running.http()
    sign_in = {"grant_type": "password", "email": "ada@example.com", "password": PASSWORD, **client}
    signed_in = http.post("/user_management/authenticate", json=sign_in).json()

    assert len(shell.json("users", "show", "ada@example.com", "--dev")["sessions"]) == 1
    assert shell.json("users", "sign-out", "ada@example.com", "--dev")["ended"] == 1

    refresh = {"grant_type": "refresh_token", "refresh_token": signed_in["refresh_token"], **client}
    refused = http.post("/user_management/authenticate", json=refresh)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert shell.json("users", "show", "ada@example.com", "--dev")["sessions"] == []


def test_what_the_api_would_refuse_is_refused_in_one_line(peopled: Shell) -> None:
    create = ("users", "create")

    assert "not available" in peopled.run(*create, "Ada@example.com").fault
    assert "must be an email address" in peopled.run(*create, "no-address").fault
    weak = peopled.run(*create, "bob@example.com", "--password-stdin", stdin="short\n").fault
    assert weak.startswith("Password does not meet strength requirements.")
    assert "No password came" in peopled.run(*create, "bob@example.com", "--password-stdin").fault
    assert "length <= 256" in peopled.run(*create, "bob@example.com", "--first-name", "x" * 257).fault
    assert len(peopled.json("users", "list")["data"]) == 1


def test_a_password_is_never_an_argument(small: Shell) -> None:
    ran = small.run("users", "create", "ada@example.com", "--password", PASSWORD)

    assert "Unknown option: --password" in ran.fault
    assert PASSWORD not in ran.fault


def test_on_a_terminal_a_password_is_asked_for_twice_without_echo(small: Shell) -> None:
    create = ("users", "create", "ada@example.com", "--password-stdin")

    differing, screen = small.type(*create, answers=(("Password:", f"{PASSWORD}\n"), ("Again:", f"{PASSWORD} \n")))
    status, second_screen = small.type(*create, answers=(("Password:", f"{PASSWORD}\n"), ("Again:", f"{PASSWORD}\n")))

    assert (differing, status) == (1, 0)
    assert "The two passwords differ." in screen
    assert PASSWORD not in second_screen
    assert "Created ada@example.com: user_" in second_screen


def test_what_users_wrote_cannot_steer_the_terminal(small: Shell) -> None:
    small.json("users", "create", "ada@example.com", "--first-name", "A\x1b[2J\u202eda [red]x")

    _, screen = small.type("users", "list")
    plain = small.run("users", "list").out

    for shown in (screen, plain):
        assert "\x1b[2J" not in shown
        assert "\u202e" not in shown
        assert "A\\x1b[2J\\u202eda [red]x" in shown


def test_a_pipe_gets_tabs_and_a_terminal_a_table(peopled: Shell) -> None:
    piped = peopled.run("users", "list").out.splitlines()
    _, drawn = peopled.type("users", "list")

    assert piped[0].split("\t") == ["email", "id", "name", "last sign-in"]
    assert piped[1].split("\t")[0::2] == ["ada@example.com", "Ada Lovelace"]
    assert "───" in drawn
    assert "\t" not in drawn
