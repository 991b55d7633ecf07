"""A house for each test, once on each engine, and a browser that visits its pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.harness.furnished import Furnished
from tests.harness.inprocess import House
from tests.harness.unavailable import bring
from tests.hosted.browser import Browser

if TYPE_CHECKING:
    from tests.harness.databases import Databases, Engine


@pytest.fixture(scope="session")
def furnished(databases: Databases) -> Furnished:
    """Lend databases that have the environment of development mode."""
    return Furnished(databases)


@pytest.fixture
def furnished_database(engine: Engine, furnished: Furnished) -> Iterator[str]:
    """Give the address of a database that has the environment of development mode."""
    with ExitStack() as lent:
        yield bring(lambda: lent.enter_context(furnished.lend(engine)))


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
