from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from gatelodge.cli.opening import Place, find_settings
from tests.cli.running import Ran, Shell, await_output, production
from tests.conftest import FreshDatabase, StartServer
from tests.harness.ports import free_port
from tests.harness.servers import PROGRAM


@pytest.fixture
def ready(fresh_database: FreshDatabase, tmp_path: Path) -> Shell:
    shell = production(fresh_database("sqlite"), tmp_path)
    shell.exported["GATELODGE_PORT"] = str(free_port())
    return shell


@pytest.mark.parametrize("variable", ["GATELODGE_MASTER_KEY", "GATELODGE_BASE_URL"])
def test_production_does_not_start_without_its_key_or_its_address(ready: Shell, variable: str) -> None:
    del ready.exported[variable]

    assert ready.run("serve").fault.startswith(f"{variable} is not set")


def test_production_does_not_start_with_a_development_switch(ready: Shell) -> None:
    file = ready.folder / "switched.toml"
    file.write_text("development = true\n")

    assert "switched on by --dev only" in ready.run("serve", GATELODGE_DEVELOPMENT="1").fault
    assert "switched on by --dev only" in ready.run("serve", "--config", str(file)).fault
    assert "in development mode only" in ready.run("serve", GATELODGE_DELIVERY="inbox").fault


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "example.com"])  # noqa: S104  # refused
def test_development_mode_listens_on_loopback_only(shell: Shell, host: str) -> None:
    fault = shell.run("serve", "--dev", "--host", host).fault

    assert fault == f"Development mode listens on the loopback interface only, not on {host}."


def test_development_mode_keeps_off_data_that_it_did_not_make(small: Shell) -> None:
    fault = small.run("serve", "--dev", "--port", str(free_port())).fault

    assert "was not made in development mode (it holds production)" in fault
    assert len(small.json("environments", "list")["data"]) == 1


def test_production_does_not_answer_to_the_key_that_everybody_knows(
    server: StartServer, shell: Shell, fresh_database: FreshDatabase
) -> None:
    running = server(database_url=fresh_database("sqlite"), settings={"GATELODGE_MASTER_KEY": "m" * 43})
    running.stop()
    shell.exported = {
        "GATELODGE_DATABASE_URL": running.database_url,
        "GATELODGE_MASTER_KEY": "m" * 43,
        "GATELODGE_BASE_URL": "https://auth.example.com",
    }

    fault = shell.run("serve", "--port", str(free_port())).fault

    assert "answers to the known API key sk_test_default" in fault
    advice = fault.partition("gatelodge keys revoke ")[2].split()
    assert shell.run("keys", "revoke", *advice).status == 0
    assert "sk_test_default" not in shell.run("doctor").out


def test_bad_settings_are_told_all_at_once(ready: Shell) -> None:
    unreadable = ready.run("serve", GATELODGE_PORT="x", GATELODGE_WORKERS="-1")
    unusable = ready.run("serve", GATELODGE_MASTER_KEY="short", GATELODGE_LIMIT_PER_EMAIL="often")

    assert (unreadable.status, unusable.status) == (1, 1)
    assert unreadable.err.splitlines() == [
        "gatelodge: port: Expected int, got str",
        "gatelodge: workers: Expected int >= 0",
    ]
    assert len(unusable.err.splitlines()) == 2
    assert "GATELODGE_MASTER_KEY has fewer than 32 characters" in unusable.err


def test_a_taken_port_is_one_line(ready: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        fault = ready.run("serve", "--port", str(port)).fault

    assert fault == f"Cannot listen on 127.0.0.1 port {port}: address already in use. Choose another with --port."


def test_a_host_that_is_not_ours_is_one_line(ready: Shell) -> None:
    assert "Cannot listen on 192.0.2.7 port" in ready.run("serve", "--host", "192.0.2.7").fault


def test_a_host_may_be_named(server: StartServer) -> None:
    running = server(arguments=("--host", "localhost"))

    assert running.http().get("/ready").status_code == 200


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1", "http://localhost:4100"),
        ("localhost", "http://localhost:4100"),
        ("127.0.0.2", "http://127.0.0.2:4100"),
        ("::1", "http://[::1]:4100"),
    ],
)
def test_what_development_mode_prints_leads_to_where_it_listens(host: str, origin: str) -> None:
    assert find_settings(Place(dev=True), host=host).base_url == origin


def test_a_second_server_on_the_same_data_is_one_line_that_names_the_first(server: StartServer, shell: Shell) -> None:
    running = server()

    fault = shell.run("serve", "--dev", "--port", str(free_port()), "--database", running.database_url).fault

    assert fault.startswith(f"Another server (process {running.pid}) serves ")


# Bytes that a file may have: none of who serves, some of the key, some of the database.
@pytest.mark.parametrize("bytes_free", [0, 16, 8_192, 100_000])
def test_a_full_disk_is_one_line(shell: Shell, bytes_free: int) -> None:
    fault = run_on_a_full_disk(shell, bytes_free, "serve", "--dev").fault

    assert any(word in fault.lower() for word in ("too large", "full", "disk i/o"))


def run_on_a_full_disk(shell: Shell, bytes_free: int, *arguments: str) -> Ran:
    """Run a command that can write no file beyond a size, as where the disk has no room for more."""
    limited = "import os, resource, sys; size = int(sys.argv[1])\n"
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)); os.execv(sys.argv[2], sys.argv[2:])"
    done = subprocess.run(
        [sys.executable, "-c", limited, str(bytes_free), PROGRAM, *arguments, "--port", str(free_port())],
        cwd=shell.folder,
        # Python would leave half of a compiled module behind, for others to fall over.
        env=shell.environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)


def test_two_servers_share_a_file_when_both_are_told_to(server: StartServer) -> None:
    first = server(arguments=("--share-data",))
    second = server(database_url=first.database_url, arguments=("--share-data",))

    made = first.http().post("/user_management/users", json={"email": "ada@example.com"}).json()

    assert second.http().get(f"/user_management/users/{made['id']}").json() == made


def test_the_data_is_free_again_after_a_kill(server: StartServer) -> None:
    running = server()
    running.kill9()

    running.start_again()

    assert running.http().get("/user_management/users").status_code == 200


def test_production_has_no_development_paths_and_says_that_it_is_up(server: StartServer) -> None:
    running = server(development=False)

    workers = "2 workers" if (os.cpu_count() or 1) > 1 else "1 worker"
    line = f"serves http://127.0.0.1:{running.port} on 127.0.0.1:{running.port} (SQLite, {workers})"
    assert line in await_output(running, f"{workers})")
    assert running.http(api_key="").get("/_dev/clock").status_code == 404
    assert "sk_" not in running.output()
    assert running.output().count("mail is not set up") == 1
