"""The log: one JSON object a line, whatever a stranger sends, and no secret in it (row 60)."""

from __future__ import annotations

import json
import resource
from typing import TYPE_CHECKING

import psutil

from gatelodge.kit.database import open_database
from tests.doors.accounts import AUTHENTICATE, USERS, create_user, refresh, sign_in
from tests.doors.raw import AUTHORIZED, JSON, request, talk
from tests.harness.servers import DEVELOPMENT_KEY

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine

FORGED = '{"at":"2026-01-01T00:00:00.000Z","level":"error","event":"forged"}'


def test_no_secret_reaches_the_log_on_a_whole_journey_with_its_errors(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(
        database_url=fresh_database(engine), arguments=("--limits",), settings={"GATELODGE_LOG_LEVEL": "debug"}
    )
    client = running.http()
    # Not the usual password: that one is in the example that a development server prints.
    told = {"external_id": "external-secret", "metadata": {"k": "metadata-secret"}, "password": "a right secret 1"}
    user = create_user(client, **told)
    first = sign_in(client, user, password="a right secret 1").json()
    second = refresh(client, first["refresh_token"]).json()
    sign_in(client, user, password="a wrong secret 1")
    client.put(f"{USERS}/{user['id']}", json={"password": "another secret 1"})
    refresh(client, second["refresh_token"])
    # Where callers put secrets by mistake, and what makes faults of several kinds.
    client.get(f"{USERS}/{DEVELOPMENT_KEY}")
    client.get(USERS, params={"api_key": "sk_query_secret", "password": "query secret 1"})
    client.get(f"/{second['access_token']}")
    client.post(f"{USERS}?password=query+secret+1", json={"email": ["body secret 1"]})
    client.post(AUTHENTICATE, content=b'{"client_secret": "sk_cut_secret", "password": "cut secret')
    for _ in range(12):
        sign_in(client, user, password="a limited secret")
    running.http(api_key="sk_wrong_secret").get(USERS)
    assert running.stop() == 0

    log = running.output()
    secrets = [
        "a right secret 1", "a wrong secret 1", "another secret 1", "a limited secret", "query secret", "query+secret",
        "body secret", "cut secret", "sk_query_secret", "sk_cut_secret", "sk_wrong_secret",
        "external-secret", "metadata-secret", user["email"],
        *(pair[name] for pair in (first, second) for name in ("access_token", "refresh_token")),
    ]  # fmt: skip
    lines = [line for line in log.splitlines() if line.startswith("{")]
    assert len(lines) > 20
    assert [secret for secret in secrets if secret in log] == []
    # The key of development mode is printed on purpose when it starts, and nowhere else.
    assert [line for line in lines if DEVELOPMENT_KEY in line] == []


def test_nothing_that_a_stranger_sends_makes_a_line_of_its_own(server: StartServer) -> None:
    running = server()
    headers = [
        f"X-Request-ID: {FORGED}\r\n".encode(),
        f"User-Agent: {FORGED}\r\n".encode(),
        f"X-Forwarded-For: {FORGED}\r\n".encode(),
        "X-Request-ID: \x1b[31mred\r\n".encode("latin-1"),
        b"X-Request-ID: a\rb\r\n",
        b"X-Request-ID: a\x85b\r\n",
    ]
    for header in headers:
        talk(running, request("GET", USERS, AUTHORIZED + header))
    for path in ("/%0a" + FORGED.replace('"', "%22").replace("{", "%7b").replace("}", "%7d"), "/%1b[31m", "/\x7f"):
        talk(running, request("GET", path))
    talk(running, request("POST", USERS, AUTHORIZED + JSON + b"Content-Length: 3\r\n", b"\n{}"))
    talk(running, request("GET\x1b", "/"))
    assert running.stop() == 0

    output = running.output()
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} == {"request"}
    assert "\x1b" not in output.partition('{"at"')[2]
    assert all(set(line) == set(lines[0]) for line in lines)


def test_a_log_that_takes_no_more_keeps_nobody_from_an_answer(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    url = fresh_database(engine)
    running = server(database_url=url)
    client = running.http()
    user = create_user(client)
    # Lines past this size fail for these processes alone, as they do on a disk without room.
    largest = running.log.stat().st_size
    for process in [psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)]:
        process.rlimit(resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
    # The line of the user's creation may have come meanwhile; from now on none does.
    full = running.log.stat().st_size

    database = open_database(url)
    database.write(lambda queries: queries.run("alter table users rename to users_elsewhere"))
    # Each is a fault of ours that wants a line; there are fewer threads than that.
    faults = [client.get(f"{USERS}/{user['id']}", timeout=5).status_code for _ in range(5)]
    database.write(lambda queries: queries.run("alter table users_elsewhere rename to users"))
    database.close()

    assert faults == [500] * 5
    assert client.get(f"{USERS}/{user['id']}").status_code == 200
    assert running.log.stat().st_size == full
