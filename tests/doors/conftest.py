"""Servers that all door tests of a test worker share: two on one database, once on each engine.

A test that moves the clock, kills its server or sets something starts one of its own with
the fixture `server`. Tests of one engine go to one test worker, so that the two servers are
started once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.harness.servers import Server, start_server
from tests.harness.unavailable import bring

if TYPE_CHECKING:
    from tests.harness.databases import Databases, Engine
    from tests.harness.guard import Guard

_SHARING = {"GATELODGE_SHARE_DATA": "true"}


class Pairs:
    """Two servers on one database for each engine, started when first asked for."""

    def __init__(self, guard: Guard, databases: Databases, folders: pytest.TempPathFactory) -> None:
        """Hold what they are started with."""
        self._guard = guard
        self._databases = databases
        self._folders = folders
        self._started: dict[Engine, tuple[Server, Server]] = {}

    def of(self, engine: Engine) -> tuple[Server, Server]:
        """Give the two servers of an engine."""
        if engine not in self._started:
            url = bring(lambda: self._databases.fresh(engine))
            folder = self._folders.mktemp(f"servers-{engine}")
            first = start_server(self._guard, folder, database_url=url, settings=_SHARING)
            second = start_server(self._guard, folder, database_url=url, settings=_SHARING)
            self._started[engine] = (first, second)
        return self._started[engine]

    def end(self) -> None:
        """End them all."""
        for pair in self._started.values():
            for one in pair:
                one.end()


@pytest.fixture(scope="session")
def pairs(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pairs]:
    """Keep the servers of this test worker."""
    pairs = Pairs(guard, databases, tmp_path_factory)
    yield pairs
    pairs.end()


@pytest.fixture
def pair(engine: Engine, pairs: Pairs) -> tuple[Server, Server]:
    """Give two servers on one database, on each engine in turn."""
    return pairs.of(engine)


@pytest.fixture
def shared(pair: tuple[Server, Server]) -> Server:
    """Give one server, on each engine in turn; other tests use it, too."""
    return pair[0]


@pytest.fixture(scope="session")
def strict(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server on SQLite that waits a second for a body and takes 64 KiB of it; other tests use it, too."""
    settings = {"GATELODGE_BODY_DEADLINE": "1", "GATELODGE_BODY_LIMIT": "65536"}
    folder = tmp_path_factory.mktemp("strict-server")
    running = start_server(guard, folder, database_url=databases.fresh("sqlite"), settings=settings)
    yield running
    running.end()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send the tests that share servers to one test worker for each engine."""
    for item in items:
        names = getattr(item, "fixturenames", ())
        callspec = getattr(item, "callspec", None)
        if "pairs" in names and callspec is not None:
            item.add_marker(pytest.mark.xdist_group(f"servers-{callspec.params.get('engine', '')}"))
        elif "strict" in names:
            item.add_marker(pytest.mark.xdist_group("servers-sqlite"))
