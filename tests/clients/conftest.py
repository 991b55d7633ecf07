"""Journeys of the official SDKs, each told once for a client and an engine."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.harness.clients import Clients, Installed
from tests.harness.databases import ENGINES, Databases, Engine
from tests.harness.guard import Guard
from tests.harness.servers import Server, ServerFailed, start_server
from tests.harness.unavailable import Unavailable, bring

SDKS = ("node-v8", "node-v10", "node-v11", "python-v5", "python-v10")
JOURNEY_SECONDS = 100.0
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Journey:
    """What one SDK gave back on one engine."""

    sdk: str
    base_url: str
    results: dict[str, Any]

    @property
    def family(self) -> str:
        """Name the SDKs that share their error classes."""
        return "node" if self.sdk.startswith("node") else self.sdk

    def took(self, step: str) -> bool:
        """Say whether this SDK can take the step."""
        return step in self.results

    def value(self, step: str) -> Any:
        """Give what a step gave back; fail with its error when it raised."""
        result = self.results[step]
        assert "value" in result, f"{self.sdk}: {step} raised {result['error']}"
        return result["value"]

    def error(self, step: str) -> dict[str, Any]:
        """Give what a step raised; fail with its value when it did not."""
        result = self.results[step]
        assert "error" in result, f"{self.sdk}: {step} was not refused: {result['value']}"
        error: dict[str, Any] = result["error"]
        return error


Tell: TypeAlias = Callable[[str, Engine], Journey]


@pytest.fixture(scope="session")
def tell(guard: Guard, databases: Databases, clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Tell:
    """Tell a journey: a fresh database, a real server, the real SDK; told again only by another worker."""
    told: dict[tuple[str, Engine], Journey | Exception] = {}

    def tell(sdk: str, engine: Engine) -> Journey:
        if (sdk, engine) not in told:
            # A breakdown is remembered too: telling it again would break down again.
            try:
                told[sdk, engine] = tell_once(sdk, engine)
            except (AssertionError, ServerFailed, Unavailable) as failure:
                told[sdk, engine] = failure
        outcome = told[sdk, engine]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def tell_once(sdk: str, engine: Engine) -> Journey:
        client = _install(clients, sdk)
        url = databases.fresh(engine)
        server = start_server(guard, tmp_path_factory.mktemp(f"{sdk}-{engine}"), database_url=url)
        try:
            return Journey(sdk=sdk, base_url=server.base_url, results=_run(sdk, client, server))
        finally:
            server.end()
            databases.drop(url)

    return tell


@pytest.fixture(
    params=[
        pytest.param((sdk, engine), id=f"{sdk}-{engine}", marks=pytest.mark.xdist_group(f"{sdk}-{engine}"))
        for sdk in SDKS
        for engine in ENGINES
    ]
)
def journey(request: pytest.FixtureRequest, tell: Tell) -> Journey:
    """Give each SDK's journey on each engine in turn."""
    sdk, engine = request.param
    return bring(lambda: tell(sdk, engine))


def _install(clients: Clients, sdk: str) -> Installed:
    language, _, version = sdk.partition("-")
    # The names were made from the tuples that the two methods take.
    return clients.node(version) if language == "node" else clients.python(version)  # type: ignore[arg-type]


def _run(sdk: str, client: Installed, server: Server) -> dict[str, Any]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", "/"),
        "PORT": str(server.port),
        "API_KEY": server.api_key,
        "CLIENT_ID": server.client_id,
        # 32 bytes in base64 are a password for both families' seals.
        "COOKIE_PASSWORD": base64.urlsafe_b64encode(b"0123456789abcdef" * 2).decode(),
        "SDK_FOLDER": str(client.folder),
        "PYTHONPATH": str(client.folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    language, _, version = sdk.partition("-")
    # `-S` keeps this environment's packages out: the SDK sees only those of its own folder.
    command = {
        "node": [str(client.program), str(_FOLDER / "node" / "journey.mjs")],
        "python": [str(client.program), "-S", str(_FOLDER / "python" / f"journey_{version}.py")],
    }[language]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=JOURNEY_SECONDS, check=False
    )
    told = done.stdout.strip().splitlines()
    if done.returncode != 0 or not told:
        message = f"{sdk} broke down:\n{done.stderr}\nso far: {done.stdout}\nserver: {server.output()[-3000:]}"
        raise AssertionError(message)
    results: dict[str, Any] = json.loads(told[-1])
    return results
