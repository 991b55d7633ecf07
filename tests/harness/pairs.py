"""Two servers on one database, once on each engine, shared by all tests of a test worker that need no more."""

from __future__ import annotations

import pytest

from tests.harness.databases import Databases, Engine
from tests.harness.guard import Guard
from tests.harness.servers import Server, start_server
from tests.harness.unavailable import bring

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
