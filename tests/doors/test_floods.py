"""Floods of sign-ins and of connections: some are sent away with a time, and everybody else is answered (row 12)."""

from __future__ import annotations

import contextlib
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx2
import psutil
import pytest

from tests.doors.accounts import AUTHENTICATE, PASSWORD, USERS, create_user
from tests.harness.servers import DEVELOPMENT_CLIENT, DEVELOPMENT_KEY, Server

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine

# More than Granian's own bound on connections, which is 1024.
CONNECTIONS = 1100
FILES = 4096
ORIGIN = "http://localhost:3000"
SLOW_BODY = b"POST /user_management/users HTTP/1.1\r\nHost: gatelodge\r\nContent-Length: 50\r\n\r\n{"


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process open more sockets than some shells allow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FILES:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _slowest(ask: httpx2.Client, paths: tuple[str, ...], busy: threading.Event) -> float:
    slowest = 0.0
    while not busy.is_set():
        for path in paths:
            began = time.monotonic()
            assert ask.get(path).status_code == 200
            slowest = max(slowest, time.monotonic() - began)
    return slowest


def _memory(server: Server) -> int:
    processes = [psutil.Process(server.pid), *psutil.Process(server.pid).children(recursive=True)]
    return sum(process.memory_info().rss for process in processes)


def _sample_memory(server: Server, *, seconds: int) -> Iterator[int]:
    for _ in range(seconds * 10):
        yield _memory(server)
        time.sleep(0.1)


def test_a_flood_of_sign_ins_leaves_the_others_answered_and_memory_bounded(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(database_url=fresh_database(engine), settings={"GATELODGE_HASH_QUEUE": "20"})
    client = running.http()
    user = create_user(client)
    before = _memory(running)
    done = threading.Event()

    def sign_in(number: int) -> httpx2.Response:
        grant = {"grant_type": "password", "email": user["email"], "password": PASSWORD}
        body = json.dumps({"client_id": DEVELOPMENT_CLIENT, "client_secret": DEVELOPMENT_KEY, **grant})
        # A grant that hides what it is from a look at its bytes is a sign-in all the same.
        return client.post(AUTHENTICATE, content=body.replace("password", "p\\u0061ssword") if number % 2 else body)

    with ThreadPoolExecutor(101) as pool:
        slowest = pool.submit(_slowest, running.http(), ("/health", f"{USERS}/{user['id']}"), done)
        answers = list(pool.map(sign_in, range(200)))
        done.set()
        waited = slowest.result()

    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    for answer in answers:
        assert answer.headers["content-type"] == "application/json"
        if answer.status_code == 503:
            assert int(answer.headers["retry-after"]) >= 1
    assert sum(answer.status_code == 200 for answer in answers) >= 20
    # Without lanes they would wait for all the hashes before them, which are seconds on an idle machine.
    assert waited < 5
    # Two hashes at a time take 38 MiB; two hundred would take 3.8 GiB.
    assert _memory(running) - before < 300 * 1024 * 1024


@pytest.mark.usefixtures("many_files")
@pytest.mark.parametrize("first_bytes", [b"", b"GET /hea", SLOW_BODY], ids=["silent", "slow head", "slow body"])
def test_a_thousand_connections_that_go_nowhere_keep_nobody_out(strict: Server, first_bytes: bytes) -> None:
    with contextlib.ExitStack() as connections:
        for _ in range(CONNECTIONS):
            connection = connections.enter_context(socket.create_connection(("127.0.0.1", strict.port), timeout=5))
            connection.sendall(first_bytes)

        began = time.monotonic()
        for _ in range(5):
            with httpx2.Client(base_url=strict.base_url, timeout=10, trust_env=False) as client:
                assert client.get("/health").status_code == 200

        assert time.monotonic() - began < 20


def test_writes_past_the_queue_are_sent_away_with_a_time_and_reads_are_answered(server: StartServer) -> None:
    running = server(settings={"GATELODGE_WRITE_THREADS": "1", "GATELODGE_LANE_QUEUE": "2"})
    client = running.http()
    user = create_user(client)

    def change(number: int) -> httpx2.Response:
        return client.put(f"{USERS}/{user['id']}", json={"first_name": f"Ada {number}"}, headers={"origin": ORIGIN})

    change(0)
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(change, range(400)))

    refused = [answer for answer in answers if answer.status_code != 200]
    assert {answer.status_code for answer in refused} <= {503}
    for answer in refused:
        assert (answer.json()["code"], answer.headers["retry-after"]) == ("service_unavailable", "1")
        assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert client.get(f"{USERS}/{user['id']}").status_code == 200


@pytest.mark.usefixtures("many_files")
def test_strangers_who_send_most_of_large_bodies_and_wait_do_not_fill_the_memory(server: StartServer) -> None:
    running = server()
    client = running.http()
    before = _memory(running)

    with _unfinished_bodies(running, number=200, sent=1_000_000):
        user = create_user(client)
        grown = max(_sample_memory(running, seconds=2)) - before

    # They sent 200 MB; 64 MiB of it may be held, and the rest is what a busy process grows by.
    assert grown < 160 * 1024 * 1024
    assert client.get(f"{USERS}/{user['id']}").status_code == 200


def test_bodies_that_hold_too_much_together_are_sent_away_with_a_time_and_small_ones_pass(server: StartServer) -> None:
    running = server(settings={"GATELODGE_BODIES_LIMIT": "1000000"})
    client = running.http()
    large = b" " * 300_000 + b'{"email": 5}'

    with _unfinished_bodies(running, number=12, sent=100_000):
        refused = _posted_until(client, large, lambda status: status == 503)
        create_user(client)

    assert refused.status_code == 503
    assert refused.json()["code"] == "service_unavailable"
    assert int(refused.headers["retry-after"]) >= 1
    # Those that ended without their last byte hold nothing any more.
    assert _posted_until(client, large, lambda status: status != 503).status_code == 422


def test_a_head_that_does_not_come_in_time_ends_its_connection(server: StartServer) -> None:
    running = server(settings={"GATELODGE_HEAD_DEADLINE": "1"})

    for first_bytes in (b"", b"GET /hea", b"GET /health HTTP/1.1\r\nHost: gate"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(first_bytes)
            assert connection.recv(65_536) == b""


@contextlib.contextmanager
def _unfinished_bodies(running: Server, *, number: int, sent: int) -> Iterator[None]:
    head = b"POST /user_management/users HTTP/1.1\r\nHost: gatelodge\r\nContent-Length: 1048576\r\n\r\n"

    def send(connection: socket.socket) -> None:
        # The server closes those that it does not take.
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.sendall(head + b" " * sent)

    with contextlib.ExitStack() as connections, ThreadPoolExecutor(20) as pool:
        opened = [
            connections.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=5))
            for _ in range(number)
        ]
        list(pool.map(send, opened))
        yield


def _posted_until(client: httpx2.Client, body: bytes, is_awaited: Callable[[int], bool]) -> httpx2.Response:
    """Post until an answer is as awaited: a server reads what it was sent when it comes to it."""
    # Each on a connection of its own: the server may be about to close one whose body it did not take.
    alone = {"connection": "close"}
    answer = client.post(USERS, content=body, headers=alone)
    for _ in range(100):
        if is_awaited(answer.status_code):
            break
        time.sleep(0.1)
        answer = client.post(USERS, content=body, headers=alone)
    return answer
