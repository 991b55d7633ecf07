"""A house for each live request: the whole engine on a database of its own, once on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.harness.databases import Databases, Engine
from tests.harness.furnished import Furnished
from tests.harness.inprocess import House
from tests.harness.unavailable import bring


@pytest.fixture(scope="session")
def furnished(databases: Databases) -> Furnished:
    """Lend databases that have the environment of development mode."""
    return Furnished(databases)


@pytest.fixture
def house(engine: Engine, furnished: Furnished) -> Iterator[House]:
    """Give a house with the environment of development mode, without limits."""
    with ExitStack() as lent:
        made = House(bring(lambda: lent.enter_context(furnished.lend(engine))), limits=False)
        yield made
        made.close()
