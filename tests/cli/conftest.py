"""Shells for commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.running import Shell, production
from tests.conftest import FreshDatabase


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Give an empty folder in which nothing is set up."""
    return Shell(folder=tmp_path)


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Shell:
    """Give an installation with a migrated, empty database, on each engine in turn."""
    return production(database_url, tmp_path)


@pytest.fixture
def small(fresh_database: FreshDatabase, tmp_path: Path) -> Shell:
    """Give an installation on SQLite with one environment, `production`."""
    shell = production(fresh_database("sqlite"), tmp_path)
    assert shell.run("environments", "create", "production").status == 0
    return shell
