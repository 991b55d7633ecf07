"""Real `gatelodge serve` processes on loopback."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.harness.guard import Guard
from tests.harness.ports import free_port

PROGRAM = Path(sys.executable).with_name("gatelodge")
DEVELOPMENT_CLIENT = "client_dev"
DEVELOPMENT_KEY = "sk_test_default"
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""What clients of plain HTTP check certificates by: to load those of the machine takes each of them 20 ms."""

_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_PORT_TRIES = 3


class ServerFailed(Exception):
    """A server did not become ready, or did not stop; the message holds the end of its log."""


@dataclass(kw_only=True)
class Server:
    """A server process of this test, and what a client needs to reach it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    database_url: str
    arguments: list[str]
    environment: dict[str, str]
    folder: Path
    guard: Guard
    client_id: str = DEVELOPMENT_CLIENT
    api_key: str = DEVELOPMENT_KEY
    _clients: list[httpx2.Client] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """Give the origin, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Give the id of the first process; its workers are in its process group."""
        return self.process.pid

    def output(self) -> str:
        """Read all that the server has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def http(self, *, api_key: str | None = None) -> httpx2.Client:
        """Open a plain HTTP client with the API key; `api_key=""` sends none. Closed with the server."""
        key = self.api_key if api_key is None else api_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        client = httpx2.Client(base_url=self.base_url, headers=headers, timeout=30, trust_env=False, verify=PLAIN)
        self._clients.append(client)
        return client

    def advance_clock(self, seconds: int) -> None:
        """Move every lifetime of the development server forward."""
        with httpx2.Client(base_url=self.base_url, trust_env=False, verify=PLAIN) as client:
            client.post("/_dev/clock", json={"advance_seconds": seconds}).raise_for_status()

    def stop(self) -> int:
        """Ask the server to end (SIGTERM), as an operator does, and give its exit code."""
        self.close_clients()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise ServerFailed(f"the server did not stop within {_STOP_SECONDS:.0f} s\n{self._tail()}") from None
        self.guard.forget(self.pid)
        return code

    def kill9(self) -> None:
        """Kill the server and its workers with SIGKILL, as a crash would."""
        self.close_clients()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait(timeout=_STOP_SECONDS)
        self.guard.forget(self.pid)

    def start_again(self) -> None:
        """Start the ended server anew: same port, same arguments, same data."""
        self.process = _launch(self.arguments, self.environment, folder=self.folder, log=self.log)
        self.guard.watch(self.pid)
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until the server says that it can serve.

        Raises:
            ServerFailed: It ended before that, or took longer than half a minute.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                self.guard.forget(self.pid)
                raise ServerFailed(f"the server ended with {self.process.returncode}\n{self._tail()}")
            if _is_ready(self.base_url):
                return
            time.sleep(0.03)
        self.kill9()
        raise ServerFailed(f"the server was not ready within {_START_SECONDS:.0f} s\n{self._tail()}")

    def end(self) -> None:
        """Leave nothing of the server running, however the test went."""
        self.close_clients()
        if self.process.poll() is None:
            self.kill9()

    def close_clients(self) -> None:
        """Close what `http` opened."""
        for client in self._clients:
            client.close()
        self._clients.clear()

    def _tail(self) -> str:
        return "\n".join(self.output().splitlines()[-30:])


def start_server(
    guard: Guard,
    folder: Path,
    *,
    database_url: str,
    arguments: tuple[str, ...] = (),
    settings: dict[str, str] | None = None,
    development: bool = True,
) -> Server:
    """Start a server and wait until it is ready.

    `settings` are further environment variables. In production mode (`development=False`)
    the server gets a master key of its own and its base URL, as an operator sets them.

    Raises:
        ServerFailed: It did not become ready.
    """
    for attempt in range(_PORT_TRIES):
        server = _start(guard, folder, database_url, arguments, settings or {}, development=development)
        try:
            server.await_ready()
        except ServerFailed as failure:
            if attempt + 1 < _PORT_TRIES and "port" in str(failure) and "in use" in str(failure):
                continue
            raise
        return server
    raise AssertionError  # the loop returns or raises


def _start(
    guard: Guard,
    folder: Path,
    database_url: str,
    arguments: tuple[str, ...],
    settings: dict[str, str],
    *,
    development: bool,
) -> Server:
    port = free_port()
    command = [str(PROGRAM), "serve", "--port", str(port), "--database", database_url]
    command += ["--data", str(folder / "var")]
    command += ["--dev"] if development else []
    environment = _environment()
    if not development:
        environment["GATELODGE_MASTER_KEY"] = secrets.token_urlsafe(32)
        environment["GATELODGE_BASE_URL"] = f"http://127.0.0.1:{port}"
    environment |= settings
    log = folder / f"server-{port}.log"
    process = _launch([*command, *arguments], environment, folder=folder, log=log)
    guard.watch(process.pid)
    return Server(
        port=port,
        process=process,
        log=log,
        database_url=database_url,
        arguments=[*command, *arguments],
        environment=environment,
        folder=folder,
        guard=guard,
    )


def _launch(command: list[str], environment: dict[str, str], *, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _environment() -> dict[str, str]:
    """Give what any process needs, without settings of Gatelodge that this shell may have."""
    return {name: os.environ[name] for name in ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR") if name in os.environ}


def _is_ready(base_url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base_url}/ready", timeout=2) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False
