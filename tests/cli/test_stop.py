from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import time
from http.client import HTTPConnection

import psutil
import pytest

from tests.cli.running import LAST_LINE, Shell, await_output
from tests.conftest import FreshDatabase, StartServer
from tests.harness.databases import Engine
from tests.harness.ports import free_port
from tests.harness.servers import PROGRAM, Server

REQUESTS = 20
ROUNDS = pytest.mark.parametrize("rounds", [2, pytest.param(10, marks=pytest.mark.long)])
"""A signal comes at another instant of the server's in each; more of them are for `make test-long`."""


def ask(running: Server, number: int) -> HTTPConnection:
    """Send a request whose password takes its time to hash, and do not wait for the answer."""
    connection = HTTPConnection("127.0.0.1", running.port, timeout=30)
    body = json.dumps({"email": f"user{number}@example.com", "password": "correct horse 17"})
    headers = {"Authorization": f"Bearer {running.api_key}", "Content-Type": "application/json"}
    connection.request("POST", "/user_management/users", body, headers)
    return connection


def answer(connection: HTTPConnection) -> tuple[int, str]:
    with contextlib.closing(connection):
        response = connection.getresponse()
        return response.status, json.loads(response.read())["id"]


def test_a_server_that_is_stopped_finishes_what_it_was_asked(
    server: StartServer, engine: Engine, fresh_database: FreshDatabase
) -> None:
    running = server(database_url=fresh_database(engine))
    asked = [ask(running, number) for number in range(REQUESTS)]
    # The first answer takes a hash, and each other waits for one then or is about to.
    select.select([connection.sock for connection in asked], [], [], 20)

    os.kill(running.pid, signal.SIGTERM)

    answers = [answer(connection) for connection in asked]
    assert running.process.wait(timeout=20) == 0
    assert [status for status, _ in answers] == [201] * REQUESTS
    running.start_again()
    listed = running.http().get("/user_management/users", params={"limit": 100}).json()["data"]
    assert {user["id"] for user in listed} == {user_id for _, user_id in answers}


def test_a_client_that_keeps_its_connection_is_told_before_the_server_hangs_up(server: StartServer) -> None:
    running = server()
    with contextlib.closing(HTTPConnection("127.0.0.1", running.port, timeout=30)) as connection:
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        os.kill(running.pid, signal.SIGTERM)

        # Idle nearly all of the time: whoever hangs up without a word does it between two requests.
        while True:
            connection.request("GET", "/health")
            response = connection.getresponse()
            assert (response.status, bool(response.read())) == (200, True)
            if response.getheader("connection") == "close":
                break
            time.sleep(0.02)

    assert running.process.wait(timeout=20) == 0


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@ROUNDS
def test_a_signal_to_every_process_of_a_server_stops_it_as_gently(
    server: StartServer, sent: signal.Signals, rounds: int
) -> None:
    # As a terminal does with Ctrl-C, and systemd with SIGTERM.
    running = server()
    for batch in range(rounds):
        asked = [ask(running, batch * REQUESTS + number) for number in range(REQUESTS)]
        select.select([connection.sock for connection in asked], [], [], 20)

        os.killpg(running.pid, sent)

        assert [status for status, _ in map(answer, asked)] == [201] * REQUESTS
        assert running.process.wait(timeout=20) == 0
        running.start_again()


@pytest.mark.parametrize("wait", [0.0, 0.1, 0.2, 0.4, 0.8])
def test_a_signal_to_every_process_of_a_server_that_only_starts_is_heard(shell: Shell, wait: float) -> None:
    command = [str(PROGRAM), "serve", "--dev", "--port", str(free_port())]
    process = subprocess.Popen(
        command, cwd=shell.folder, env=shell.environment({}), stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        deadline = time.monotonic() + 60
        while not psutil.Process(process.pid).children() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(wait)

        os.killpg(process.pid, signal.SIGTERM)

        # Long before the half minute after which a worker that heard nothing is killed.
        assert process.wait(timeout=25) == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@ROUNDS
def test_two_signals_in_a_row_stop_a_server_as_one_does(server: StartServer, rounds: int) -> None:
    running = server()
    for _ in range(rounds):
        await_output(running, LAST_LINE)

        os.kill(running.pid, signal.SIGINT)
        os.kill(running.pid, signal.SIGTERM)
        os.kill(running.pid, signal.SIGINT)

        assert running.process.wait(timeout=20) == 0
        running.start_again()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
@ROUNDS
def test_stopping_at_once_says_nothing_and_leaves_no_process(
    server: StartServer, sent: signal.Signals, rounds: int
) -> None:
    running = server()
    for _ in range(rounds):
        before = await_output(running, LAST_LINE)

        os.killpg(running.pid, sent)

        assert running.process.wait(timeout=20) == 0
        said = running.output().removeprefix(before).splitlines()
        assert not [line for line in said if not line.startswith('{"at"')]
        with pytest.raises(ProcessLookupError):
            os.killpg(running.pid, 0)
        running.log.write_text("")
        running.start_again()


def test_ctrl_c_at_a_question_ends_the_command_without_a_traceback(small: Shell) -> None:
    status, screen = small.type("environments", "delete", "production", answers=(("[y/N]", "\x03"),))

    assert status == 130
    assert "Traceback" not in screen
    assert len(small.json("environments", "list")["data"]) == 1
