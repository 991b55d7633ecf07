"""A house for each live request: the whole engine on a database of its own, once on each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.inprocess import House


@pytest.fixture
def house(furnished_database: str) -> Iterator[House]:
    """Give a house with the environment of development mode, without limits."""
    made = House(furnished_database, limits=False)
    yield made
    made.close()
