from __future__ import annotations

from tests.cli.running import Shell
from tests.conftest import FreshDatabase, StartServer
from tests.harness.databases import Engine


def test_a_created_key_opens_a_running_server_until_it_is_revoked(
    server: StartServer, shell: Shell, engine: Engine, fresh_database: FreshDatabase
) -> None:
    key = {"GATELODGE_MASTER_KEY": "m" * 43}
    running = server(development=False, database_url=fresh_database(engine), settings=key)
    shell.exported = {**key, "GATELODGE_DATABASE_URL": running.database_url}
    shell.json("environments", "create", "production")

    issued = shell.run("keys", "create", "backend")

    token = issued.out.removesuffix("\n")
    assert token.startswith("sk_")
    assert "shown this once" in issued.err
    http = running.http(api_key=token)
    assert http.get("/user_management/users").status_code == 200
    listed = shell.run("keys", "list", "--json")
    assert token not in listed.out
    api_key = listed.json()["api_keys"][0]
    assert (api_key["name"], api_key["hint"], api_key["revoked_at"]) == ("backend", token[-4:], None)

    assert shell.json("keys", "revoke", api_key["id"])["revoked_at"]

    assert http.get("/user_management/users").status_code == 401
    assert "There is no API key 'api_key_x'" in shell.run("keys", "revoke", "api_key_x").fault


def test_machines_get_the_secret_with_its_client_id(small: Shell) -> None:
    issued = small.json("keys", "create", "ci")

    assert issued["token"].startswith("sk_")
    assert issued["client_id"] == small.json("environments", "list")["data"][0]["client_ids"][0]


def test_a_key_of_another_environment_cannot_be_revoked(small: Shell) -> None:
    key = small.json("keys", "create", "backend")
    small.json("environments", "create", "staging")

    refused = small.run("keys", "revoke", key["id"], "--environment", "staging")

    assert "There is no API key" in refused.fault
    assert small.json("keys", "list", "--environment", "production")["api_keys"][0]["revoked_at"] is None


def test_a_rotated_signing_key_is_published_before_it_signs_and_the_old_one_stays(
    server: StartServer, shell: Shell
) -> None:
    running = server()
    shell.exported["GATELODGE_DATABASE_URL"] = running.database_url
    old = shell.json("keys", "list", "--dev")["signing_keys"][0]

    new = shell.json("keys", "rotate", "--dev")

    jwks = running.http().get(f"/sso/jwks/{running.client_id}").json()["keys"]
    assert {key["kid"] for key in jwks} == {old["id"], new["id"]}
    assert [key["id"] for key in new["retired"]] == [old["id"]]
    listed = {key["id"]: key for key in shell.json("keys", "list", "--dev")["signing_keys"]}
    assert (listed[old["id"]]["signs"], listed[new["id"]]["signs"]) == (True, False)
    assert old["signs_from"] < new["signs_from"] < listed[old["id"]]["published_until"]

    running.advance_clock(601)

    listed = {key["id"]: key for key in shell.json("keys", "list", "--dev")["signing_keys"]}
    assert (listed[old["id"]]["signs"], listed[new["id"]]["signs"]) == (False, True)


def test_a_rotation_says_when_the_new_key_signs_and_when_the_old_one_leaves(small: Shell) -> None:
    first = small.run("keys", "rotate").out
    second = small.run("keys", "rotate").out
    third = small.run("keys", "rotate", "--at-once").out

    assert "signs          now, being the only one" in first
    assert "signs          from 20" in second
    assert "(in 10 minutes)" in second
    assert "in the JWKS    until 20" in second
    assert "signs          within a minute, in every server" in third


def test_the_master_key_is_changed_without_losing_what_is_sealed(installation: Shell) -> None:
    installation.json("environments", "create", "production")
    token = installation.json("keys", "create", "backend")["token"]
    installation.json("keys", "rotate")
    old = installation.exported["GATELODGE_MASTER_KEY"]
    installation.exported["GATELODGE_MASTER_KEY"] = "n" * 43

    assert "does not open data key 1" in installation.run("users", "list").fault
    assert "does not open data key 1" in installation.run("keys", "rewrap").fault

    installation.exported["GATELODGE_PREVIOUS_MASTER_KEYS"] = old
    assert installation.run("users", "list").status == 0
    rewrapped = installation.run("keys", "rewrap")
    assert rewrapped.out == "Sealed 1 data key with the current master key.\n"
    assert "empty previous_master_keys" in rewrapped.err
    assert installation.json("keys", "rewrap") == {"resealed": 0}

    del installation.exported["GATELODGE_PREVIOUS_MASTER_KEYS"]
    findings = {one["check"]: one["status"] for one in installation.run("doctor", "--json").json()["findings"]}
    assert (findings["master key"], findings["signing keys"]) == ("ok", "ok")
    assert len(token) > 40
    installation.exported["GATELODGE_MASTER_KEY"] = old
    assert "does not open data key 1" in installation.run("users", "list").fault


def test_without_a_master_key_nothing_is_opened(small: Shell) -> None:
    del small.exported["GATELODGE_MASTER_KEY"]

    for command in ("users list", "keys list", "keys rewrap", "environments list"):
        assert "GATELODGE_MASTER_KEY is not set" in small.run(*command.split()).fault
