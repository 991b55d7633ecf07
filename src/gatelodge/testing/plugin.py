"""The pytest plugin: the fixture `gatelodge`, and two that a project may override.

pytest finds it by the package's entry point; nothing else of Gatelodge imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatelodge.testing.accounts import Gatelodge
    from gatelodge.testing.clock import FrozenClock
    from gatelodge.testing.template import Template


@pytest.fixture(scope="session")
def gatelodge_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Make the database that each test gets a copy of."""
    from gatelodge.testing.template import Template

    return Template(tmp_path_factory.mktemp("gatelodge"))


@pytest.fixture
def gatelodge_clock() -> FrozenClock:
    """Give the clock of the test, which stands at the present instant; override it to begin elsewhere."""
    from gatelodge.kit.clock import SystemClock
    from gatelodge.testing.clock import FrozenClock

    return FrozenClock(SystemClock().now())


@pytest.fixture
def gatelodge_settings() -> Mapping[str, object]:
    """Give settings by name, none at first; override it to choose some."""
    return {}


@pytest.fixture
def gatelodge(
    gatelodge_template: Template, *, gatelodge_clock: FrozenClock, gatelodge_settings: Mapping[str, object]
) -> Iterator[Gatelodge]:
    """Give accounts of the test's own: clients, a clock, an inbox, and short ways to users who are signed in."""
    with gatelodge_template.open(clock=gatelodge_clock, settings=gatelodge_settings) as opened:
        yield opened
