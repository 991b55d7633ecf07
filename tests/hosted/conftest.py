"""A house for each test, once on each engine, and a browser that visits its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.harness.chromium import launch_chromium, visit_with
from tests.harness.inprocess import House
from tests.harness.servers import start_server
from tests.harness.unavailable import bring
from tests.hosted.browser import Browser
from tests.hosted.journeying import CALLBACK

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Start the browser that all journeys of a file share, each with a visitor of its own."""
    with ExitStack() as opened:
        yield bring(lambda: opened.enter_context(launch_chromium(CALLBACK)))


@pytest.fixture
def page(chromium: Chromium) -> Iterator[Page]:
    """Give a window of a browser that runs no scripts."""
    with visit_with(chromium) as context:
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
