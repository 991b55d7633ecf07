"""One journey for every way in: the steps are written once, as if all calls were plain functions."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from gatelodge import AsyncUserManagement, UserManagement
from gatelodge.doors.api.wsgi import WsgiApp
from gatelodge.testing import FrozenClock
from tests.harness.inprocess import CLIENT, KEY, MASTER_KEY, House
from tests.sdk.faces import Face


class Household:
    """A client of either face; coroutines run on one loop until it is closed."""

    def __init__(self, face: Face, make: Callable[[Any], Any]) -> None:
        self._loop = asyncio.Runner() if face == "async" else None
        self._client: Any = make(AsyncUserManagement if self._loop else UserManagement)

    @property
    def base_url(self) -> str:
        return str(self._client.base_url)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **members: Any) -> Any:
            given = getattr(self._client, name)(*arguments, **members)
            return self._loop.run(given) if self._loop and asyncio.iscoroutine(given) else given

        return call

    def walk(self, page: Any) -> list[Any]:
        """Give the items of a page and of all that follow."""
        if self._loop is None:
            return list(page.auto_paging_iter())

        async def gather() -> list[Any]:
            return [item async for item in page.auto_paging_iter()]

        return self._loop.run(gather())

    def close(self) -> None:
        if self._loop is None:
            self._client.close()
        else:
            self._loop.run(self._client.close())
            self._loop.close()


@dataclass
class Home:
    """A client, and the clock of the engine behind it."""

    um: Household
    clock: FrozenClock


@contextlib.contextmanager
def at_home(face: Face, database_url: str) -> Iterator[Home]:
    """Open the engine in this process."""
    clock = FrozenClock()
    options = {"client_id": CLIENT, "master_key": MASTER_KEY, "base_url": "https://auth.example.com", "clock": clock}
    um = Household(face, lambda kind: kind.embedded(database_url, **options))
    try:
        yield Home(um, clock)
    finally:
        um.close()


@contextlib.contextmanager
def over_http(face: Face, database_url: str) -> Iterator[Home]:
    """Open the engine behind a WSGI server on a thread, and speak to it through a socket."""
    house = House(database_url)
    server = make_server("127.0.0.1", 0, WsgiApp(house.door), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    um = Household(face, lambda kind: kind(KEY, client_id=CLIENT, base_url=url))
    try:
        yield Home(um, house.clock)
    finally:
        um.close()
        server.shutdown()
        thread.join()
        server.server_close()
        house.close()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""
