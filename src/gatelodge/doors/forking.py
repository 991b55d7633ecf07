"""What a process opens for itself, in programs that fork after loading (gunicorn with `--preload`).

Neither threads nor connections survive a fork. With SQLite it is worse: what the parent has
open makes the child believe in locks that it does not have, even on connections of its own,
and acknowledged writes vanish. So that is closed before the fork, and both sides open it
again when they need it.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Generic, TypeVar

from gatelodge.contract.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.doors.embedded import Engine

T = TypeVar("T")


class OnePerProcess(Generic[T]):
    """Opened at first use, and by a forked child once more; many threads may share it.

    `part_before_fork` closes what must not be inherited, and says whether it did.
    """

    def __init__(self, open_one: Callable[[], T], part_before_fork: Callable[[T], bool]) -> None:
        """Open nothing yet."""
        self._open = open_one
        self._part = part_before_fork
        self._held: tuple[int, T] | None = None
        self._inherited: list[tuple[int, T]] = []
        self._closed = False
        self._lock = threading.Lock()
        _watch_forks(self)

    def get(self) -> T:
        """Give this process's own, opening it when there is none yet.

        Raises:
            ServiceUnavailable: It was taken for good.
        """
        held = self._held
        # Not every host that forks lets Python know, so the process is looked at, too.
        if held is not None and held[0] == os.getpid():
            return held[1]
        with self._lock:
            if self._closed:
                raise ServiceUnavailable("The client is closed.")
            own = self._own()
            if own is None:
                own = self._open()
                self._held = (os.getpid(), own)
            return own

    def take(self) -> T | None:
        """Take out what this process has opened, to close it; another is opened for whoever asks."""
        with self._lock:
            own, self._held = self._own(), None
            return own

    def take_for_good(self) -> T | None:
        """Take out what this process has opened, and let no other be opened."""
        self._closed = True
        return self.take()

    def _own(self) -> T | None:
        if self._held is not None and self._held[0] != os.getpid():
            # Kept from the collector, which would close what is the parent's.
            self._inherited.append(self._held)
            self._held = None
        return None if self._held is None else self._held[1]

    def prepare_fork(self) -> None:
        """Close what must not be inherited, and let nobody open it until the fork is over."""
        self._lock.acquire()
        own = self._own()
        if own is not None and self._part(own):
            self._held = None

    def go_on_in_parent(self) -> None:
        """Let it be opened again."""
        self._lock.release()

    def begin_in_child(self) -> None:
        """Begin anew."""
        self._lock = threading.Lock()


def part_with_sqlite(engine: Engine) -> bool:
    """Close an engine on SQLite; one on PostgreSQL does a child no harm that leaves it alone."""
    if engine.runtime.database.dialect != "sqlite":
        return False
    engine.close()
    return True


def _watch_forks(held: OnePerProcess[T]) -> None:
    # Hooks cannot be taken back, so they hold nothing alive.
    weak = weakref.ref(held)
    at_fork: list[OnePerProcess[T]] = []

    def before() -> None:
        alive = weak()
        if alive is not None:
            alive.prepare_fork()
            at_fork.append(alive)

    def after(go_on: Callable[[OnePerProcess[T]], None]) -> None:
        while at_fork:
            go_on(at_fork.pop())

    os.register_at_fork(
        before=before,
        after_in_parent=lambda: after(OnePerProcess.go_on_in_parent),
        after_in_child=lambda: after(OnePerProcess.begin_in_child),
    )
