"""The connections of a client: some for each process that uses it, and for each loop.

A connection that two processes write to gives the one the answers of the other, and so one
user the data of another; so a forked child begins with none. Those of coroutines belong to
their loop, and a program may have several, one after the other (`asyncio.run`, Django's
`async_to_sync`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gatelodge.sdk.errors import ServiceUnavailable

if TYPE_CHECKING:
    # 120 milliseconds that a program which only imports the client need not spend.
    import asyncio
    from collections.abc import Callable, Mapping
    from logging import LogRecord

    import httpx2

C = TypeVar("C")

_BEFORE_TOKEN = "/by_token/"


def prepare_options(timeout: float) -> dict[str, Any]:
    """Give what every pool is made with; `timeout` in seconds.

    Redirects are not followed, since a key must not travel on. No cookie is kept: what a
    server sets for one user's sign-in would go along with the calls for all others.
    """
    import logging
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx2

    # Added once, however often it is asked for.
    logging.getLogger(httpx2.__name__).addFilter(_hide_tokens)
    return {
        # Read from the disk once: with it a pool takes 20 milliseconds to make, and a tenth without.
        "verify": httpx2.create_ssl_context(),
        "timeout": timeout,
        "follow_redirects": False,
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    }


def _hide_tokens(record: LogRecord) -> bool:
    """Take the one secret of the wire that stands in a path out of what the HTTP library logs of each request."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            f"{text.partition(_BEFORE_TOKEN)[0]}{_BEFORE_TOKEN}…" if _BEFORE_TOKEN in (text := str(each)) else each
            for each in record.args
        )
    return True


class _Places(Generic[C]):
    """What was opened in each place; none of it is another place's to use or to close."""

    def __init__(self, open_one: Callable[[], C]) -> None:
        self._open = open_one
        self._opened: dict[Any, C] = {}
        self._is_closed = False

    def get(self, place: object) -> C:
        if self._is_closed:
            raise ServiceUnavailable("The client is closed.")
        # Of two threads that come first at once, both get what the first of them put there.
        return self._opened.get(place) or self._opened.setdefault(place, self._open())

    def take_for_good(self, place: object) -> C | None:
        self._is_closed = True
        return self._opened.pop(place, None)

    def drop(self, is_over: Callable[[Any], bool]) -> None:
        for place in [place for place in list(self._opened) if is_over(place)]:
            self._opened.pop(place, None)


class Pools:
    """A pool of connections for each process; many threads share it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Open nothing yet."""
        self._options = options
        # What a child inherits stays here: the collector would close what is the parent's.
        self._places: _Places[httpx2.Client] = _Places(self._open)

    def get(self) -> httpx2.Client:
        """Give the pool of this process.

        Raises:
            ServiceUnavailable: The client is closed.
        """
        return self._places.get(os.getpid())

    def close(self) -> None:
        """Close the pool of this process; nothing can be got afterwards."""
        pool = self._places.take_for_good(os.getpid())
        if pool is not None:
            pool.close()

    def _open(self) -> httpx2.Client:
        import httpx2

        return httpx2.Client(**self._options)


class AsyncPools:
    """A pool of connections for each loop of each process; many tasks share it."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        """Open nothing yet."""
        self._options = options
        self._places: _Places[httpx2.AsyncClient] = _Places(self._open)

    def get(self) -> httpx2.AsyncClient:
        """Give the pool of the loop that runs.

        Raises:
            ServiceUnavailable: The client is closed.
        """
        return self._places.get(self._find_place())

    async def aclose(self) -> None:
        """Close the pool of the loop that runs; nothing can be got afterwards."""
        pool = self._places.take_for_good(self._find_place())
        if pool is not None:
            await pool.aclose()

    def _open(self) -> httpx2.AsyncClient:
        import httpx2

        # Loops come and go: what hung on those that are over goes with them.
        self._places.drop(lambda place: place[0] == os.getpid() and place[1].is_closed())
        return httpx2.AsyncClient(**self._options)

    @staticmethod
    def _find_place() -> tuple[int, asyncio.AbstractEventLoop]:
        import asyncio

        return os.getpid(), asyncio.get_running_loop()
