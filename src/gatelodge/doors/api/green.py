"""A lane of green threads: many requests on one thread, each of which leaves it to the others while it waits.

Python's threads share one lock, and `sqlite3` lets go of it dozens of times in a refresh: for
each step of a statement and each column of a row. With a dozen threads after the lock, every
such moment was a change of threads, and these took half of the processor's time
(docs/decisions/0012). On one thread there is nothing to change to.

What runs here must not wait but through `kit.waiting`, and must not hold a lock while it does.
"""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from greenlet import getcurrent, greenlet

from gatelodge.kit.route import LaneFull
from gatelodge.kit.waiting import serve_as

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.kit.waiting import Begin

_Work: TypeAlias = "Callable[[], None]"
_JOIN_SECONDS = 30.0
# A green thread that has answered is kept for the next request: to make one maps memory for its frames,
# and to end it unmaps that on every core.
_IDLE = 64
# A flood that goes on must not keep those waiting who are answered already, or would be after a commit.
_ANSWERED_TOGETHER = 16
_BEGUN_TOGETHER = 16


def do_and_tell(work: _Work) -> None:
    """Do some work; what it raises is told like the end of a thread, but the thread goes on."""
    try:
        work()
    except BaseException as fault:  # noqa: BLE001  # told
        told = (type(fault), fault, fault.__traceback__, threading.current_thread())
        threading.excepthook(threading.ExceptHookArgs(told))


class GreenLane:
    """One thread for all requests, and some beside it for what they have computed.

    The requests that are there begin one after the other, then what all of them wait for is
    done on this very thread, then they go on; their answers are delivered once for all of
    them, since whoever is woken for one takes the interpreter's lock from the next.
    """

    def __init__(self, name: str, *, waiters: int, helpers: int, deliver: _Work) -> None:
        """Start the threads, of which so many are `helpers`.

        `waiters` bounds the requests that run or wait; `deliver` is called when some are
        answered, on the thread that runs them.
        """
        self._places = threading.BoundedSemaphore(waiters)
        self._ready: queue.SimpleQueue[_Work | greenlet | None] = queue.SimpleQueue()
        self._helped: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._going_on: deque[greenlet] = deque()
        self._beginning: deque[_Work] = deque()
        self._idle: list[greenlet] = []
        self._later: list[_Work] = []
        self._begun = 0
        self._helping = 0
        self._unanswered = 0
        self._undelivered = 0
        self._deliver = deliver
        self._closing = False
        self._helpers = [
            threading.Thread(target=self._help, name=f"{name}-helper-{number}", daemon=True)
            for number in range(helpers)
        ]
        self._threads = [threading.Thread(target=self._run, name=f"{name}-0", daemon=True), *self._helpers]
        for thread in self._threads:
            thread.start()

    def submit(self, work: _Work) -> None:
        """Queue some work.

        Raises:
            LaneFull: Too much runs or waits.
        """
        if not self._places.acquire(blocking=False):
            raise LaneFull
        self._ready.put(work)

    def park(self, begin: Begin) -> None:
        """Let others run until what is begun is over; only for what runs on this lane."""
        current = getcurrent()
        begin(lambda: self._ready.put(current))
        self._hub.switch()

    @property
    def has_helpers(self) -> bool:
        """Tell whether there are threads beside this one."""
        return bool(self._helpers)

    def help(self, work: _Work) -> None:
        """Let others run until some work is done on a thread beside this one; only for what runs on this lane."""
        current = getcurrent()

        def run() -> None:
            do_and_tell(work)
            self._ready.put(current)

        self._helping += 1
        self._helped.put(run)
        self._hub.switch()
        self._helping -= 1

    def do_later(self, work: _Work) -> None:
        """Do some work on this thread when nothing else can go on, and once for all who ask for it until then."""
        if work not in self._later:
            self._later.append(work)

    def close(self) -> None:
        """Finish what is queued and what waits, then end the threads."""
        self._ready.put(None)
        for thread in self._threads:
            thread.join(timeout=_JOIN_SECONDS)

    def _run(self) -> None:
        serve_as(self)
        self._hub = getcurrent()
        while self._await_ready():
            if self._going_on:
                self._going_on.popleft().switch()
            else:
                self._unanswered += 1
                self._begun += 1
                green_thread = self._idle.pop() if self._idle else greenlet(self._live)
                green_thread.switch()
        # Each ends where it waits. It is known to itself, so that letting go of it would not end it.
        while self._idle:
            self._idle.pop().throw()
        for _ in self._helpers:
            self._helped.put(None)

    def _await_ready(self) -> bool:
        """Wait until something can run; False once nothing will any more.

        What has begun goes on before anything else begins: a flood then keeps those who come,
        and not those who are nearly through.
        """
        self._sort_ready()
        if self._undelivered and (not self._going_on or self._undelivered >= _ANSWERED_TOGETHER):
            self._undelivered = 0
            do_and_tell(self._deliver)
        others = self._going_on or self._beginning or self._helping
        if self._later and (not others or self._begun >= _BEGUN_TOGETHER):
            self._begun = 0
            for work in self._take_later():
                do_and_tell(work)
            self._sort_ready()
        while not (self._going_on or self._beginning):
            if self._closing and self._unanswered == 0:
                return False
            self._sort(self._ready.get())
        return True

    def _take_later(self) -> list[_Work]:
        works, self._later = self._later, []
        return works

    def _sort_ready(self) -> None:
        while not self._ready.empty():
            self._sort(self._ready.get())

    def _sort(self, ready: _Work | greenlet | None) -> None:
        if ready is None:
            self._closing = True
        elif isinstance(ready, greenlet):
            self._going_on.append(ready)
        else:
            self._beginning.append(ready)

    def _live(self) -> None:
        """Do one work after the other; end when enough others are idle."""
        current = getcurrent()
        self._do_next()
        while len(self._idle) < _IDLE:
            self._idle.append(current)
            self._hub.switch()
            self._do_next()

    def _do_next(self) -> None:
        # Nothing of a request stays while its green thread is idle.
        do_and_tell(self._beginning.popleft())
        self._places.release()
        self._unanswered -= 1
        self._undelivered += 1

    def _help(self) -> None:
        while (work := self._helped.get()) is not None:
            work()
            del work
