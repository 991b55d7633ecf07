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
from gatelodge.doors.assemble import assemble, close
from gatelodge.features.applications import actions as applications
from gatelodge.kit.settings import Settings
from gatelodge.kit.unit import Actor, Unit
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
    """A client, the clock of the engine behind it, and a way behind the engine's doors."""

    um: Household
    clock: FrozenClock
    database_url: str
    _opened: contextlib.ExitStack

    def unit(self) -> Unit:
        """Open a unit of another process, for what pages do and no call of the wire does."""
        runtime = assemble(Settings(database_url=self.database_url, master_key=MASTER_KEY), clock=self.clock)
        self._opened.callback(close, runtime)
        environments = applications.list_environments(runtime.open_unit(Actor(environment_id="")))
        (environment,) = (held for held, clients in environments if CLIENT in [client.id for client in clients])
        return runtime.open_unit(Actor(environment_id=environment.id, client_id=CLIENT, believed=True))


@contextlib.contextmanager
def at_home(face: Face, database_url: str, **settings: Any) -> Iterator[Home]:
    """Open the engine in this process."""
    clock = FrozenClock()
    options = {"client_id": CLIENT, "master_key": MASTER_KEY, "base_url": "https://auth.example.com", "clock": clock}
    # Nobody listens there: what is looked for in the DNS is not found.
    chosen = {"dns_resolvers": ["127.0.0.1:9"], **settings}
    um = Household(face, lambda kind: kind.embedded(database_url, settings=chosen, **options))
    with contextlib.ExitStack() as opened:
        opened.callback(um.close)
        yield Home(um, clock, database_url, opened)


@contextlib.contextmanager
def over_http(face: Face, database_url: str) -> Iterator[Home]:
    """Open the engine behind a WSGI server on a thread, and speak to it through a socket."""
    house = House(database_url)
    server = make_server("127.0.0.1", 0, WsgiApp(house.door), _Server, _Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    um = Household(face, lambda kind: kind(KEY, client_id=CLIENT, base_url=url))
    opened = contextlib.ExitStack()
    try:
        with opened:
            yield Home(um, house.clock, database_url, opened)
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
