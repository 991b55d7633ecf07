"""Databases that hold the environment of development mode, lent to one test after the other.

Its signing key takes a third of a second to make, and a new PostgreSQL database half a
second of copying, so both are made once: what a test has written is taken out again, and
what was there at the beginning is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests.harness.contents import FileContents, TableContents
from tests.harness.databases import Databases, Engine
from tests.harness.inprocess import House


class Furnished:
    """Lends databases of either engine to houses; each is as new when it is lent again."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._free: dict[Engine, list[str]] = {"postgres": [], "sqlite": []}
        self._renewals: dict[str, Callable[[], None]] = {}
        self._opened = ExitStack()

    @contextmanager
    def lend(self, engine: Engine) -> Iterator[str]:
        """Give the address of a database; whoever has it must have closed it at the end."""
        url = self._free[engine].pop() if self._free[engine] else self._make(engine)
        try:
            yield url
        finally:
            self._renewals[url]()
            self._free[engine].append(url)

    def close(self) -> None:
        """Let go of the databases."""
        self._opened.close()

    def _make(self, engine: Engine) -> str:
        url = self._databases.fresh(engine)
        House(url).close()
        self._renewals[url] = self._keep(url)
        return url

    def _keep(self, url: str) -> Callable[[], None]:
        if url.startswith("sqlite:///"):
            return FileContents(Path(url.removeprefix("sqlite:///"))).put_back
        # Kept open: a new connection would first learn all tables anew, which takes longer than their renewal.
        connection = self._opened.enter_context(psycopg.connect(url, autocommit=True))
        contents = TableContents(connection)
        return lambda: contents.put_back(connection)
