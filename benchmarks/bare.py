"""The same door with nothing behind it: what this machine gives an RSGI server in Python.

Same server, same options, same lanes and batched wake-ups as Gatelodge's own door; behind
them one keyed read, or one durable commit and one signature. No caller is checked, nothing
is parsed, limited or logged. Run as `python -m benchmarks.bare <port> <database-url>`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import sqlite3
import sys
import threading
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import psycopg
from granian.constants import Interfaces, Loops
from granian.server import Server
from psycopg.types.string import TextLoader

from gatelodge.doors.api.lanes import open_lanes
from gatelodge.features.users.store import COLUMNS, read_user
from gatelodge.kit import jwt
from gatelodge.kit.clock import SystemClock
from gatelodge.kit.database import Queries, open_database
from gatelodge.kit.route import Lane
from gatelodge.kit.settings import Settings, choose_workers

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

_STOP_SECONDS = 3
_HEADERS = [("content-type", "application/json")]
_SELECT = f"select {COLUMNS} from users where environment_id = {{}} and id = {{}}"  # noqa: S608  # joined from constants
_TABLE = "create table if not exists bench_commits (number bigint primary key, token text)"
_INSERT = "insert into bench_commits (number, token) values (:number, :token)"
_ENCODER = msgspec.json.Encoder()

Read = Callable[[str, str], Any]


class BareApp:
    """`GET /{environment}/{user}` reads a user; `POST /` signs a token and commits a row."""

    def __init__(self, url: str) -> None:
        settings = Settings()
        self._read = _open_reads(url)
        self._database = open_database(url, pool_size=settings.write_threads)
        self._numbers = itertools.count(secrets.randbits(30) << 32)
        key = jwt.generate_signing_key(now=SystemClock().now())
        self._signer = jwt.Signer(key)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: deque[tuple[asyncio.Future[bytes], bytes]] = deque()
        self._waking = False
        self._lanes = open_lanes(settings, self._database.dialect, deliver=self._deliver)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that serves."""
        self._loop = loop

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        if scope.method == "GET":
            _, environment_id, user_id = scope.path.split("/")
            body = await self._hand_over(Lane.READ, partial(self._get, environment_id, user_id))
        else:
            await protocol()
            body = await self._hand_over(Lane.WRITE, self._commit)
        protocol.response_bytes(200, _HEADERS, body)

    def _get(self, environment_id: str, user_id: str) -> bytes:
        return _ENCODER.encode(read_user(self._read(environment_id, user_id)))

    def _commit(self) -> bytes:
        token = self._signer.sign({"sub": "user", "sid": "session"})
        number = next(self._numbers)

        def write(queries: Queries) -> None:
            queries.queue(_INSERT, number=number, token=token)

        self._database.write(write)
        return _ENCODER.encode({"access_token": token})

    async def _hand_over(self, lane: Lane, work: Callable[[], bytes]) -> bytes:
        loop = self._loop or asyncio.get_running_loop()
        self._loop = loop
        future: asyncio.Future[bytes] = loop.create_future()

        def run() -> None:
            self._ready.append((future, work()))

        self._lanes[lane].submit(run)
        return await future

    def _deliver(self) -> None:
        if self._ready and not self._waking and self._loop is not None:
            self._waking = True
            self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        self._waking = False
        while self._ready:
            future, body = self._ready.popleft()
            if not future.done():
                future.set_result(body)


def _open_reads(url: str) -> Read:
    own = threading.local()
    if url.startswith("sqlite:///"):
        select, connect = _SELECT.format("?", "?"), partial(_connect_sqlite, url.removeprefix("sqlite:///"))
    else:
        select, connect = _SELECT.format("$1", "$2"), partial(_connect_postgres, url)

    def read(environment_id: str, user_id: str) -> Any:  # noqa: ANN401  # a row is what it is
        if not hasattr(own, "execute"):
            own.execute = connect()
        return own.execute(select, (environment_id, user_id)).fetchone()

    return read


def _connect_sqlite(path: str) -> Callable[..., Any]:
    return sqlite3.connect(path, isolation_level=None).execute


def _connect_postgres(url: str) -> Callable[..., Any]:
    connection = psycopg.connect(url, autocommit=True)
    connection.prepare_threshold = 1
    connection.adapters.register_loader("jsonb", TextLoader)
    return psycopg.RawCursor(connection).execute


def serve(port: int, url: str) -> None:
    """Serve until SIGTERM."""
    # Before the processes fork: two that make it at once get in each other's way.
    database = open_database(url)
    database.write(lambda queries: queries.run(_TABLE))
    database.close()
    server = Server(
        "bare",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.RSGI,
        workers=choose_workers(Settings()),
        loop=Loops.uvloop,
        websockets=False,
        log_enabled=False,
        workers_kill_timeout=_STOP_SECONDS,
    )
    loader: Any = partial(_load, url)
    server.serve(target_loader=loader, wrap_loader=False)


def _load(url: str) -> BareApp:
    return BareApp(url)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
