"""Servers that all door tests of a test worker share.

A test that moves the clock, kills its server or sets something starts one of its own with
the fixture `server`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.harness.servers import Server, start_server

if TYPE_CHECKING:
    from tests.harness.databases import Databases
    from tests.harness.guard import Guard


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
    """Send the tests that share the strict server to one test worker."""
    for item in items:
        if "strict" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("servers-sqlite"))
