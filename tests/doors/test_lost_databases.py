"""PostgreSQL is gone, or the disk is full: 503 with a time to come back, and after it all is as before."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import psutil
import pytest

from tests.doors.accounts import USERS, create_user, new_email, refresh, sign_in
from tests.harness.postgres import Cluster, start_cluster
from tests.harness.unavailable import bring
from tests.storage.test_postgres_losses import revive, standing_still

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.guard import Guard
    from tests.harness.servers import Server


@pytest.fixture
def cluster(guard: Guard) -> Iterator[Cluster]:
    """Give a PostgreSQL that this test alone has, and may stop."""
    started = bring(lambda: start_cluster(guard, durable=True))
    yield started
    started.stop()


def _is_unavailable(answer: httpx2.Response) -> bool:
    assert answer.headers["content-type"] == "application/json", answer.text
    body = answer.json()
    return (
        answer.status_code == 503
        and (body.get("code") or body.get("error")) == "service_unavailable"
        and answer.headers["retry-after"].isdigit()
        and "postgres" not in answer.text.lower()
    )


def _await(server: Server, path: str, status: int) -> None:
    deadline = time.monotonic() + 30
    while (answer := server.http().get(path)).status_code != status:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)


def test_a_server_outlives_a_crash_of_its_database(cluster: Cluster, guard: Guard, server: StartServer) -> None:
    running = server(database_url=cluster.url())
    client = running.http()
    user = create_user(client)
    token = sign_in(client, user).json()["refresh_token"]

    cluster.kill()
    page = client.get("/account", headers={"accept": "text/html"}, follow_redirects=True)
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "Try again" in page.text
    lost = [
        client.get(f"{USERS}/{user['id']}"),
        client.post(USERS, json={"email": new_email()}),
        client.post(USERS, json={"email": new_email()}, headers={"idempotency-key": "retry-1"}),
        refresh(client, token),
        sign_in(client, user),
        client.get("/ready"),
        client.get(f"/sso/jwks/{running.client_id}"),
        client.get("/user_management/sessions/logout", params={"session_id": "session_x"}),
        client.options(USERS, headers={"origin": "http://localhost:3000"}),
    ]
    alive = client.get("/health")
    revive(cluster, guard)
    _await(running, "/ready", 200)

    assert [answer.text for answer in lost if not _is_unavailable(answer)] == []
    assert alive.status_code == 200
    assert running.http().get(f"{USERS}/{user['id']}").json()["id"] == user["id"]
    assert refresh(running.http(), token).status_code == 200
    assert running.process.poll() is None
    assert cluster.password not in running.output()


def _kill_workers(server: Server) -> None:
    """Kill the workers, and wait until those in their place look for the database in vain."""
    for worker in psutil.Process(server.pid).children():
        worker.kill()
    deadline = time.monotonic() + 20
    while "worker waits for the database" not in server.output():
        assert server.process.poll() is None, server.output()
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_worker_that_starts_while_postgresql_is_away_waits_for_it(
    cluster: Cluster, guard: Guard, server: StartServer
) -> None:
    running = server(database_url=cluster.url())
    user = create_user(running.http())

    cluster.kill()
    _kill_workers(running)
    revive(cluster, guard)
    running.await_ready()

    assert running.http().get(f"{USERS}/{user['id']}").status_code == 200
    assert cluster.password not in running.output()


def test_a_worker_that_starts_while_the_file_is_away_waits_for_it(
    fresh_database: FreshDatabase, server: StartServer
) -> None:
    url = fresh_database("sqlite")
    running = server(database_url=url)
    user = create_user(running.http())

    file, away = (Path(url.removeprefix("sqlite:///") + suffix) for suffix in ("", ".away"))
    file.rename(away)
    file.mkdir()
    _kill_workers(running)
    file.rmdir()
    away.rename(file)
    running.await_ready()

    assert running.http().get(f"{USERS}/{user['id']}").status_code == 200


def test_a_server_whose_workers_wait_for_their_database_stops_at_once(cluster: Cluster, server: StartServer) -> None:
    running = server(database_url=cluster.url())
    cluster.kill()
    _kill_workers(running)

    begun = time.monotonic()
    code = running.stop()

    assert (code, time.monotonic() - begun < 10) == (0, True)


def test_a_server_is_alive_and_sends_away_in_time_while_its_database_stands_still(
    cluster: Cluster, server: StartServer
) -> None:
    running = server(database_url=f"{cluster.url()}?connect_timeout=2")
    client = running.http()
    user = create_user(client)

    def read(_: int) -> httpx2.Response:
        return client.get(f"{USERS}/{user['id']}")

    with ThreadPoolExecutor(8) as pool:
        # So that every thread has a connection that it could wait on for ever.
        assert {answer.status_code for answer in pool.map(read, range(100))} == {200}
        with standing_still(cluster):
            waiting = [pool.submit(read, number) for number in range(4)]
            time.sleep(0.5)
            began = time.monotonic()
            alive = running.http().get("/health")
            took = time.monotonic() - began
            lost = [future.result() for future in waiting]

    assert (alive.status_code, took < 2) == (200, True)
    assert all(_is_unavailable(answer) for answer in lost)
    assert read(0).status_code == 200


def test_a_full_disk_refuses_writes_and_answers_reads_and_recovers(
    fresh_database: FreshDatabase, server: StartServer
) -> None:
    url = fresh_database("sqlite")
    running = server(database_url=url)
    client = running.http()
    user = create_user(client)
    files = [Path(url.removeprefix("sqlite:///") + suffix) for suffix in ("", "-wal")]
    # Writes past this size fail for these processes alone, as they do on a disk without room.
    largest = max(file.stat().st_size for file in files if file.exists())
    processes = [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]
    for process in processes:
        process.rlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))

    refused = []
    for _ in range(400):
        answer = client.post(USERS, json={"email": new_email(), "metadata": {"k": "v" * 600}})
        if answer.status_code != 201:
            refused.append(answer)
            break
    signed_in = sign_in(client, user)
    read = client.get(f"{USERS}/{user['id']}")
    for process in processes:
        process.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    recovered = [create_user(client), sign_in(client, user)]

    assert [answer.status_code for answer in refused] == [503], [answer.text for answer in refused]
    assert all(_is_unavailable(answer) for answer in (*refused, signed_in))
    assert read.status_code == 200
    assert recovered
