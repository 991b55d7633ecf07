"""Journeys of the official SDKs, each told once for a client and an engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from tests.clients.journeys import SDKS, Journey
from tests.clients.telling import JOURNEY_SECONDS, MASTER_KEY, tell_all
from tests.harness.clients import Clients, Installed
from tests.harness.databases import ENGINES, Databases, Engine
from tests.harness.guard import Guard
from tests.harness.servers import ServerFailed, start_server
from tests.harness.unavailable import Unavailable, bring

Told: TypeAlias = dict[str, Journey | Exception]
Tell: TypeAlias = Callable[[str, Engine], Journey]


@pytest.fixture(scope="session")
def tell(guard: Guard, databases: Databases, clients: Clients, tmp_path_factory: pytest.TempPathFactory) -> Tell:
    """Tell all journeys on an engine at once: a fresh database, a real server, the real SDKs."""
    told: dict[Engine, Told] = {}

    def tell(sdk: str, engine: Engine) -> Journey:
        if engine not in told:
            # A breakdown is remembered too: telling it again would break down again.
            try:
                told[engine] = tell_once(engine)
            except (ServerFailed, Unavailable) as failure:
                told[engine] = dict.fromkeys(SDKS, failure)
        outcome = told[engine][sdk]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def tell_once(engine: Engine) -> Told:
        outcomes: Told = {}
        installed: dict[str, Installed] = {}
        for sdk in SDKS:
            try:
                installed[sdk] = _install(clients, sdk)
            except Unavailable as reason:
                outcomes[sdk] = reason
        if not installed:
            return outcomes
        url = databases.fresh(engine)
        folder = tmp_path_factory.mktemp(f"journeys-{engine}")
        server = start_server(guard, folder, database_url=url, settings={"GATELODGE_MASTER_KEY": MASTER_KEY})
        try:
            return outcomes | tell_all(installed, server)
        finally:
            server.end()
            databases.drop(url)

    return tell


@pytest.fixture(
    params=[
        pytest.param(
            (sdk, engine),
            id=f"{sdk}-{engine}",
            # The first to ask waits for all the journeys of its engine.
            marks=(pytest.mark.xdist_group(f"clients-{engine}"), pytest.mark.timeout(JOURNEY_SECONDS * 2)),
        )
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
