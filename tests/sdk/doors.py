"""Six doors to the same engine: plain functions and coroutines, each over HTTP, embedded and mounted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import httpx2

import gatelodge
from gatelodge.features.applications import actions as applications
from tests.harness.databases import ENGINES, Databases, Engine
from tests.harness.guard import Guard
from tests.harness.inprocess import CLIENT, MASTER_KEY
from tests.harness.ports import free_port
from tests.harness.servers import PLAIN, start_server
from tests.sdk.faces import FACES, Face
from tests.sdk.household import Household

Way = Literal["embedded", "http", "mounted"]
ROOT = Path(__file__).parents[2]
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Door:
    """One way to call the engine."""

    face: Face
    way: Way
    engine: Engine

    def __str__(self) -> str:
        return f"{self.face}-{self.way}-{self.engine}"


DOORS = [Door(face, way, engine) for engine in ENGINES for way in get_args(Way) for face in FACES]


class Doors:
    """Opens each door when it is first used, and keeps it open: the two faces share what is behind."""

    def __init__(self, guard: Guard, databases: Databases, folder: Path) -> None:
        self._guard = guard
        self._databases = databases
        self._folder = folder
        self._kept = contextlib.ExitStack()
        self._places: dict[tuple[Way, Engine], dict[str, Any]] = {}
        self._clients: dict[Door, Household] = {}

    def enter(self, door: Door) -> Household:
        """Give the client behind a door."""
        if door not in self._clients:
            options = self._find_place(door.way, door.engine)
            if door.way == "embedded":
                made = Household(door.face, lambda kind: kind.embedded(**options))
            else:
                made = Household(door.face, lambda kind: kind(**options))
            self._kept.callback(made.close)
            self._clients[door] = made
        return self._clients[door]

    def close(self) -> None:
        """Close all of them."""
        self._kept.close()

    def _find_place(self, way: Way, engine: Engine) -> dict[str, Any]:
        if (way, engine) not in self._places:
            database_url = self._databases.fresh(engine)
            self._kept.callback(self._databases.drop, database_url)
            self._places[way, engine] = self._open_place(way, database_url)
        return self._places[way, engine]

    def _open_place(self, way: Way, database_url: str) -> dict[str, Any]:
        if way == "embedded":
            where = {"database": database_url, "client_id": CLIENT, "master_key": MASTER_KEY}
            return {**where, "base_url": "https://auth.example.com"}
        if way == "http":
            server = start_server(self._guard, self._folder, database_url=database_url)
            self._kept.callback(server.end)
            return {"api_key": server.api_key, "client_id": server.client_id, "base_url": server.base_url}
        return self._kept.enter_context(mount(self._guard, database_url, self._folder))


@contextlib.contextmanager
def mount(guard: Guard, database_url: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Run a host's program under gunicorn, and tell how to reach it."""
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    key = issue_key(database_url, base_url)
    settings = {"DATABASE_URL": database_url, "BASE_URL": base_url, "CLIENT_ID": CLIENT, "MASTER_KEY": MASTER_KEY}
    with serve_under_gunicorn(guard, folder, "tests.sdk.mounted:app", settings=settings, port=port):
        yield {"api_key": key, "client_id": CLIENT, "base_url": base_url}


@contextlib.contextmanager
def serve_under_gunicorn(
    guard: Guard,
    folder: Path,
    program: str,
    *,
    settings: dict[str, str],
    workers: int = 1,
    connections: int = 1000,
    port: int | None = None,
) -> Iterator[str]:
    """Load a program once, fork its workers, which take so many connections at once, and give the address."""
    base_url = f"http://127.0.0.1:{port or free_port()}"
    environment = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    # The code under test, wherever this test runs from.
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-m", "gunicorn", "--preload", "--worker-class", "gthread", "--threads", "4"]
    command += ["--worker-connections", str(connections)]
    command += ["--workers", str(workers), "--bind", base_url.removeprefix("http://"), "--no-control-socket", program]
    with (folder / f"{base_url.rpartition(':')[2]}.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment | settings, stdout=log, stderr=log, start_new_session=True
        )
    guard.watch(process.pid)
    try:
        await_health(base_url, process, Path(log.name))
        yield base_url
    finally:
        process.terminate()
        process.wait(timeout=30)
        guard.forget(process.pid)


def issue_key(database_url: str, base_url: str) -> str:
    """Issue an API key, as the host's operator does once."""
    app = gatelodge.create_app(database_url, base_url=base_url, client_id=CLIENT, master_key=MASTER_KEY)
    try:
        runtime = app.engine.runtime
        unit = runtime.open_unit(runtime.memory["embedded_actor"])
        issued = applications.create_api_key(unit, unit.actor.environment_id, name="test")
        assert issued is not None
        return issued.token
    finally:
        app.close()


def await_health(base_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the host's server answers."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if is_healthy(base_url):
            return
        time.sleep(0.05)
    raise AssertionError(f"gunicorn did not start: {log.read_text()}")


def is_healthy(base_url: str) -> bool:
    """Ask once."""
    try:
        with httpx2.Client(trust_env=False, verify=PLAIN) as client:
            return client.get(f"{base_url}/health").status_code == 200
    except httpx2.TransportError:
        return False
