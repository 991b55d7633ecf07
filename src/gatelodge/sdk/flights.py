"""One call for many callers: whoever asks while it is under way waits for the same answer.

An answer is given again for a few seconds, since a browser's requests that carry one cookie
do not arrive at one instant. It is forgotten at the latest when something else is asked
after that time, and never more than `_MOST` are kept. Failures are not kept.

A forked child begins with nothing: a call that its parent has under way would never end
there, and a lock that another thread held would never be let go.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Generic, TypeVar

from gatelodge.sdk.errors import ConnectionFailed, GatelodgeError

if TYPE_CHECKING:
    # A program of plain functions need not spend the 30 milliseconds.
    import asyncio
    from collections.abc import Awaitable, Callable, Hashable

    from gatelodge.sdk.retry import AsyncTiming, Timing

T = TypeVar("T")

_MOST = 1024
# A closed client is a RuntimeError of the HTTP library.
_EXPECTED = (GatelodgeError, RuntimeError)


class _Kept(Generic[T]):
    """Answers of the last seconds, oldest first."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._answers: dict[Hashable, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def find(self, key: Hashable, *, now: float) -> T | None:
        with self._lock:
            for old in [other for other, (since, _) in self._answers.items() if not 0 <= now - since < self._seconds]:
                del self._answers[old]
            found = self._answers.get(key)
        return None if found is None else found[1]

    def keep(self, key: Hashable, answer: T, *, now: float) -> None:
        if self._seconds <= 0:
            return
        with self._lock:
            while len(self._answers) >= _MOST:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = (now, answer)


class _Flight(Generic[T]):
    """A call under way on another thread."""

    def __init__(self) -> None:
        self._landed = threading.Event()
        self._answer: list[T] = []
        self._failure: BaseException | None = None

    def carry(self, make: Callable[[], T]) -> T:
        try:
            answer = make()
        except BaseException as failure:
            self._failure = failure
            raise
        else:
            self._answer.append(answer)
            return answer
        finally:
            self._landed.set()

    def wait(self) -> T:
        self._landed.wait()
        if self._answer:
            return self._answer[0]
        if isinstance(self._failure, Exception):
            raise self._failure
        # What stopped the other thread (a KeyboardInterrupt) was not meant for this one.
        raise ConnectionFailed("The call was broken off by whoever made it.") from self._failure


class _Sky(Generic[T]):
    """What is under way, and what was answered, in one process."""

    def __init__(self, keep: float) -> None:
        self.pid = os.getpid()
        self.kept: _Kept[T] = _Kept(keep)
        self.flying: dict[Hashable, _Flight[T]] = {}
        self.tasks: dict[Hashable, asyncio.Task[T]] = {}
        self.lock = threading.Lock()


class _OverOneProcess(Generic[T]):
    """Begins anew in a forked child; no lock is asked for that."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._sky: _Sky[T] = _Sky(keep)

    def look_up(self) -> _Sky[T]:
        # Two threads that look up first may see two skies: one call more, once.
        if self._sky.pid != os.getpid():
            self._sky = _Sky(self._keep)
        return self._sky


class Flights(Generic[T]):
    """Shares calls between threads; `keep` is how many seconds an answer is given again."""

    def __init__(self, timing: Timing, *, keep: float = 0) -> None:
        """Begin with nothing under way."""
        self._timing = timing
        self._skies: _OverOneProcess[T] = _OverOneProcess(keep)

    def share(self, key: Hashable, make: Callable[[], T]) -> T:
        """Give what `make` gives, called once for all who ask at the same time."""
        sky = self._skies.look_up()
        with sky.lock:
            kept = sky.kept.find(key, now=self._timing.now())
            if kept is not None:
                return kept
            flight = sky.flying.get(key)
            leads = flight is None
            if flight is None:
                flight = sky.flying[key] = _Flight()
        return self._lead(sky, key, make=make) if leads else flight.wait()

    def is_under_way(self, key: Hashable) -> bool:
        """Tell whether whoever asks now would not be the first."""
        return key in self._skies.look_up().flying

    def start(self, key: Hashable, make: Callable[[], T]) -> None:
        """Begin a call and do not wait for it; a failure of it is as if it was never made."""
        threading.Thread(target=self._fly, args=(key, make), name="gatelodge-fetch", daemon=True).start()

    def _fly(self, key: Hashable, make: Callable[[], T]) -> None:
        with contextlib.suppress(*_EXPECTED):
            self.share(key, make)

    def _lead(self, sky: _Sky[T], key: Hashable, *, make: Callable[[], T]) -> T:
        try:
            answer = sky.flying[key].carry(make)
            with sky.lock:
                sky.kept.keep(key, answer, now=self._timing.now())
            return answer
        finally:
            with sky.lock:
                del sky.flying[key]


class AsyncFlights(Generic[T]):
    """Shares calls between the tasks of a loop; `keep` is how many seconds an answer is given again."""

    def __init__(self, timing: AsyncTiming, *, keep: float = 0) -> None:
        """Begin with nothing under way."""
        self._timing = timing
        self._skies: _OverOneProcess[T] = _OverOneProcess(keep)

    async def share(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Give what `make` gives, called once for all who ask at the same time.

        It goes on when whoever asked is cancelled: a call that spends a token must be heard out.
        """
        import asyncio

        kept = self._skies.look_up().kept.find(key, now=self._timing.now())
        return await asyncio.shield(self._begin(key, make)) if kept is None else kept

    def is_under_way(self, key: Hashable) -> bool:
        """Tell whether whoever asks now would not be the first."""
        import asyncio

        return (asyncio.get_running_loop(), key) in self._skies.look_up().tasks

    def start(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> None:
        """Begin a call and do not wait for it; a failure of it is as if it was never made."""
        self._begin(key, make)

    def _begin(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> asyncio.Task[T]:
        import asyncio

        # A task belongs to its loop, and a client may be used from several.
        place = (asyncio.get_running_loop(), key)
        sky = self._skies.look_up()
        task = sky.tasks.get(place)
        if task is None:
            task = sky.tasks[place] = asyncio.create_task(self._fly(sky, key, make=make))
            task.add_done_callback(lambda done: self._land(sky, place, done=done))
        return task

    async def _fly(self, sky: _Sky[T], key: Hashable, *, make: Callable[[], Awaitable[T]]) -> T:
        answer = await make()
        sky.kept.keep(key, answer, now=self._timing.now())
        return answer

    def _land(self, sky: _Sky[T], place: Hashable, *, done: asyncio.Task[T]) -> None:
        sky.tasks.pop(place, None)
        if not done.cancelled():
            # Read here, for when nobody is left to read it: asyncio would complain.
            done.exception()
