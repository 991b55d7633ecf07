"""A database that is made once and copied for each test.

Its schema and its signing key take most of a second; a copy takes a millisecond.
"""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

from gatelodge.doors.embedded import open_engine
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.hashing import CHEAPEST, PasswordHasher
from gatelodge.testing.accounts import Gatelodge
from gatelodge.testing.clock import FrozenClock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gatelodge.doors.embedded import Engine

_MASTER_KEY = "the master key of every test, and of nothing else"
# What a test may override. No resolver listens at port 9, so nothing asks the machine's.
_SETTINGS: dict[str, object] = {
    "base_url": "https://auth.example.com",
    "delivery": "inbox",
    "development": True,
    "dns_resolvers": ["127.0.0.1:9"],
    "limits": False,
    "log_level": "error",
}


class Template:
    """A furnished database in a folder, from which any number of tests are opened."""

    def __init__(self, folder: Path) -> None:
        """Make the database; `folder` exists, and is yours to remove."""
        self._folder = folder
        self._original = folder / "template.db"
        self._numbers = itertools.count(1)
        self._open(self._original, FrozenClock(SystemClock().now()), {}).close()

    def open(self, *, clock: FrozenClock | None = None, settings: Mapping[str, object] | None = None) -> Gatelodge:
        """Open a copy that nobody else sees; close it, or use it as a context manager.

        The clock stands at the present instant where none is given. `settings` are by name,
        as in the settings page; `limits=True` brings the limits of production back.

        Raises:
            NotReady: A setting cannot be used; the message says which.
        """
        file = self._folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._original, file)
        clock = clock or FrozenClock(SystemClock().now())
        return Gatelodge(self._open(file, clock, settings or {}), clock=clock, file=file)

    def _open(self, file: Path, clock: FrozenClock, settings: Mapping[str, object]) -> Engine:
        return open_engine(
            f"sqlite:///{file}",
            master_key=_MASTER_KEY,
            settings={**_SETTINGS, **settings},
            clock=clock,
            hasher=PasswordHasher(CHEAPEST),
        )
