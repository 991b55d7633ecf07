"""A recording server, and clients of both faces for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

import pytest

from gatelodge.testing import FrozenClock
from tests.harness.databases import Engine
from tests.harness.furnished import Furnished
from tests.harness.unavailable import bring
from tests.sdk.faces import CLIENT, FACES, KEY, Client, Face
from tests.sdk.household import Home, Household, at_home, over_http
from tests.sdk.recording import RecordingServer

# Each face, each engine and each way in, twice at least; `test_journeys` goes every combination of them.
WAYS: dict[str, tuple[Face, Callable[[Face, str], AbstractContextManager[Home]], Engine]] = {
    "async-embedded-sqlite": ("async", at_home, "sqlite"),
    "async-http-sqlite": ("async", over_http, "sqlite"),
    "sync-embedded-postgres": ("sync", at_home, "postgres"),
    "sync-http-postgres": ("sync", over_http, "postgres"),
}


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no variable of the developer's shell reach a client."""
    for prefix in ("GATELODGE_", "WORKOS_"):
        for name in ("API_KEY", "CLIENT_ID", "BASE_URL", "COOKIE_PASSWORD", "MASTER_KEY", "CONFIG"):
            monkeypatch.delenv(prefix + name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def recorder() -> Iterator[RecordingServer]:
    with RecordingServer() as server:
        yield server


@pytest.fixture(params=FACES)
def face(request: pytest.FixtureRequest) -> Face:
    """Run the test once with plain functions and once with coroutines."""
    chosen: Face = request.param
    return chosen


@pytest.fixture
def make_client(face: Face, recorder: RecordingServer) -> Callable[..., Client]:
    """Make a client of the recorder: `make_client(retries=0)`."""

    def make(**options: Any) -> Client:
        return Client(face, {"api_key": KEY, "client_id": CLIENT, "base_url": recorder.url, **options})

    return make


@pytest.fixture
def client(make_client: Callable[..., Client]) -> Client:
    return make_client()


@pytest.fixture(params=WAYS)
def home(request: pytest.FixtureRequest, furnished: Furnished) -> Iterator[Home]:
    """Open the same engine in each way in turn."""
    face, enter, engine = WAYS[request.param]
    with ExitStack() as lent:
        url = bring(lambda: lent.enter_context(furnished.lend(engine)))
        with enter(face, url) as home:
            yield home


@pytest.fixture
def um(home: Home) -> Household:
    return home.um


@pytest.fixture
def clock(home: Home) -> FrozenClock:
    return home.clock
