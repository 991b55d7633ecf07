"""A house for each test: the whole engine on a fresh database, once on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.harness.inprocess import House

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase
    from tests.harness.databases import Engine


@pytest.fixture
def house(engine: Engine, fresh_database: FreshDatabase) -> Iterator[House]:
    """Give a house with the environment of development mode, without limits."""
    made = House(fresh_database(engine), limits=False)
    yield made
    made.close()


@pytest.fixture
def limited_house(engine: Engine, fresh_database: FreshDatabase) -> Iterator[House]:
    """Give a house with the limits of production."""
    made = House(fresh_database(engine))
    yield made
    made.close()
