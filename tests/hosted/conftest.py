"""A house for each test, once on each engine, and a browser that visits its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness.chromium import open_chromium
from tests.harness.inprocess import House
from tests.harness.servers import start_server
from tests.harness.unavailable import bring
from tests.hosted.browser import Browser
from tests.hosted.journeying import CALLBACK

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.harness.databases import Databases
    from tests.harness.guard import Guard
    from tests.harness.servers import Server


@pytest.fixture
def house(furnished_database: str) -> Iterator[House]:
    """Give a house with the environment of development mode, without limits."""
    made = House(furnished_database, limits=False)
    yield made
    made.close()


@pytest.fixture
def limited_house(furnished_database: str) -> Iterator[House]:
    """Give a house with the limits of production."""
    made = House(furnished_database)
    yield made
    made.close()


@pytest.fixture
def browser(house: House) -> Browser:
    """Give a browser that was never here before."""
    return Browser(house)


@pytest.fixture
def page() -> Iterator[Page]:
    """Give a window of a browser that runs no scripts."""
    with ExitStack() as opened:
        context = bring(lambda: opened.enter_context(open_chromium(CALLBACK)))
        yield context.new_page()


@pytest.fixture(scope="module")
def running(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Give a server that all journeys share; none looks at what another left."""
    started = start_server(
        guard,
        tmp_path_factory.mktemp("journeys"),
        database_url=databases.fresh("sqlite"),
        arguments=("--seed", str(Path(__file__).with_name("journeys.yaml"))),
        settings={"GATELODGE_LIMITS": "false"},
    )
    yield started
    started.end()
