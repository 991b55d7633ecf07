"""The servers that are measured, on a database with users in it."""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import psutil
import psycopg

from benchmarks.processes import start
from benchmarks.scripts import Account, create_users
from tests.harness.guard import Guard
from tests.harness.ports import free_port
from tests.harness.postgres import start_cluster
from tests.harness.servers import PROGRAM, Server, start_server

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "correct horse 17"
_START_SECONDS = 30.0
_DATABASE = "benchmark"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Both servers on one database, and what a client needs to reach them."""

    engine: str
    version: str
    folder: Path
    server: Server
    bare_port: int
    environment_id: str
    account: Account
    user_id: str
    emails: list[str]

    @property
    def user_url(self) -> str:
        """Give the address of a user on Gatelodge."""
        return f"{self.server.base_url}/user_management/users/{self.user_id}"

    @property
    def bare_url(self) -> str:
        """Give the address of the same user on the bare door."""
        return f"http://127.0.0.1:{self.bare_port}/{self.environment_id}/{self.user_id}"

    def list_processes(self) -> list[psutil.Process]:
        """Give the server and its workers."""
        main = psutil.Process(self.server.pid)
        return [main, *main.children(recursive=True)]


@contextlib.contextmanager
def set_stage(engine: str, *, users: int) -> Iterator[Stage]:
    """Start both servers, and end them and remove their data afterwards.

    Raises:
        Unavailable: This machine cannot bring PostgreSQL.
    """
    with ExitStack() as held:
        guard = held.enter_context(Guard())
        cache = ROOT / ".cache"
        cache.mkdir(exist_ok=True)
        # Beside the code rather than in /tmp, which may be memory, where a sync costs nothing.
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="benchmark-", dir=cache)))
        guard.remove(folder)
        url = _make_database(engine, folder, guard, held)
        settings = {"GATELODGE_MASTER_KEY": secrets.token_urlsafe(32), "GATELODGE_DATABASE_URL": url}
        environment, key = _settle(settings, folder)
        server = start_server(guard, folder, database_url=url, settings=settings, development=False)
        held.callback(server.stop)
        bare_port = _start_bare(url, guard, held)
        account = Account(client_id=environment["client_ids"][0], secret=key["token"])
        emails = [f"user{number}@example.com" for number in range(users)]
        user_ids = start(create_users, server.port, account, emails=emails, password=PASSWORD).result()
        yield Stage(
            engine=engine,
            version=_version(url),
            folder=folder,
            server=server,
            bare_port=bare_port,
            environment_id=environment["id"],
            account=account,
            user_id=user_ids[0],
            emails=emails,
        )


def _make_database(engine: str, folder: Path, guard: Guard, held: ExitStack) -> str:
    if engine == "sqlite":
        return f"sqlite:///{folder / 'gatelodge.db'}"
    cluster = start_cluster(guard, durable=True)
    held.callback(cluster.stop)
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(f"create database {_DATABASE}")
    return cluster.url(_DATABASE)


def _version(url: str) -> str:
    if url.startswith("sqlite"):
        return f"SQLite {sqlite3.sqlite_version}"
    with psycopg.connect(url) as connection:
        number = connection.info.server_version
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"


def _settle(settings: dict[str, str], folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Set up as an operator does; give the environment and the API key."""

    def gatelodge(*arguments: str) -> str:
        environ = {**settings, "GATELODGE_BASE_URL": "http://127.0.0.1"}
        done = subprocess.run(
            [str(PROGRAM), *arguments], env=environ, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"gatelodge {' '.join(arguments)}: {done.stderr}")
        return done.stdout

    gatelodge("migrate")
    environment = json.loads(gatelodge("environments", "create", "benchmark", "--json"))
    return environment, json.loads(gatelodge("keys", "create", "benchmark", "--json"))


def _start_bare(url: str, guard: Guard, held: ExitStack) -> int:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.bare", str(port), url]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    guard.watch(process.pid)

    def stop() -> None:
        process.terminate()
        process.wait(timeout=20)
        guard.forget(process.pid)

    held.callback(stop)
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx2.TransportError):
            httpx2.post(f"http://127.0.0.1:{port}/", content=b"{}", trust_env=False).raise_for_status()
            return port
        time.sleep(0.05)
    raise RuntimeError("the bare door did not start")
