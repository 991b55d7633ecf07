"""Wait without keeping others from running.

The server runs refreshes as green threads, many on one thread (`doors.api.green`): there a
call that waits leaves the thread to the others. On every other thread it just waits. What
waits here need not know where it runs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol, TypeAlias, TypeVar

T = TypeVar("T")
Begin: TypeAlias = Callable[[Callable[[], None]], None]
"""Begins something that takes a while; is given what to call, once and from any thread, when it is over."""


class Hub(Protocol):
    """A thread of green threads."""

    @property
    def has_helpers(self) -> bool:
        """Tell whether there are threads beside this one."""

    def park(self, begin: Begin) -> None:
        """Let others run until what is begun is over."""

    def help(self, work: Callable[[], None]) -> None:
        """Let others run until some work, which raises nothing, is done on a thread beside this one."""

    def do_later(self, work: Callable[[], None]) -> None:
        """Do some work on this very thread, once, as soon as no green thread can go on or some more have begun."""


class _Here(threading.local):
    hub: Hub | None = None


_HERE = _Here()


def serve_as(hub: Hub) -> None:
    """Make the thread that calls this the thread of a hub."""
    _HERE.hub = hub


def wait(begin: Begin) -> None:
    """Begin something, and come back when it is over; what `begin` raises is raised, and nothing is waited for."""
    hub = _HERE.hub
    if hub is not None:
        hub.park(begin)
        return
    over = threading.Lock()
    over.acquire()
    begin(over.release)
    over.acquire()


def do_later(work: Callable[[], None]) -> bool:
    """Do some work for many green threads at once on the thread that they share; False on any other thread."""
    hub = _HERE.hub
    if hub is None:
        return False
    hub.do_later(work)
    return True


def compute(work: Callable[[], T]) -> T:
    """Do some work that lets go of the interpreter's lock, such as a signature, beside other green threads.

    On any other thread, and where no core is left for it, it is done right there: the lock is
    free for others meanwhile.
    """
    hub = _HERE.hub
    if hub is None or not hub.has_helpers:
        return work()
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  # raised where it is waited for
            failed.append(error)

    hub.help(run)
    if failed:
        raise failed[0]
    return done[0]
