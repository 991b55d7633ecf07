"""The client without a socket: transports that end in this very process.

A call is encoded and decoded as for a server, so types, absent members and errors are the
same; only HTTP is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote

from gatelodge.doors.embedded import Engine, EngineLanes, open_engine
from gatelodge.doors.forking import OnePerProcess, part_with_sqlite
from gatelodge.doors.http import Request, Response
from gatelodge.doors.joining import JoinedEngine, JoiningRefused
from gatelodge.doors.master_key import NotReady
from gatelodge.sdk import errors
from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.wire import WireRequest, WireResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gatelodge.sdk.ports import Clock, Entropy

T = TypeVar("T")


class EmbeddedTransport:
    """Carries a call on the caller's own thread; many threads may share it."""

    trusted = True

    def __init__(self, open_one: Callable[[], Engine]) -> None:
        """Open the engine, which is closed with this."""
        self._engines = OnePerProcess(open_one, part_with_sqlite)
        self.client_id: str = self._engines.get().client_id
        self.base_url: str = self._engines.get().base_url
        self.issuer: str = self._engines.get().issuer

    def send(self, request: WireRequest) -> WireResponse:
        """Carry out a request."""
        return _read(self._engines.get().respond(_write(request)))

    @contextlib.contextmanager
    def join(self, connection: object) -> Iterator[JoinedTransport]:
        """Give a way to the engine as part of a caller's transaction, until the block is left.

        Raises:
            CannotJoin: The connection will not do; the message says why.
        """
        with _joining():
            joined = JoinedTransport(self._engines.get().join(connection))
        try:
            yield joined
        finally:
            joined.close()

    def close(self) -> None:
        """Close the engine; a second call does nothing."""
        engine = self._engines.take_for_good()
        if engine is not None:
            engine.close()


class JoinedTransport:
    """Carries a call on the caller's own thread and connection."""

    trusted = True

    def __init__(self, engine: JoinedEngine) -> None:
        """Hold the engine until the transaction is left."""
        self._engine: JoinedEngine | None = engine

    def send(self, request: WireRequest) -> WireResponse:
        """Carry out a request.

        Raises:
            CannotJoin: It must stand on its own, or the transaction is over.
        """
        if self._engine is None:
            raise errors.CannotJoin("The block in which the transaction was joined has been left.")
        with _joining():
            return _read(self._engine.respond(_write(request)))

    def close(self) -> None:
        """Refuse calls from now on; the transaction stays as it is."""
        self._engine = None


class AsyncEmbeddedTransport:
    """Carries calls on lanes of its own, so that no call ever blocks the loop.

    The loop's own executor is left alone: there, sign-ins would stand in the way of reads
    and of everything else that the program does on it. A full lane answers 503 at once.
    """

    trusted = True

    def __init__(self, open_one: Callable[[], Engine]) -> None:
        """Open the engine, which is closed with this, and its lanes."""
        self._engines = OnePerProcess(lambda: _with_lanes(open_one()), _part_with_lanes)
        engine, _ = self._engines.get()
        self.client_id: str = engine.client_id
        self.base_url: str = engine.base_url
        self.issuer: str = engine.issuer

    async def send(self, request: WireRequest) -> WireResponse:
        """Carry out a request; a cancelled call is carried out all the same, and not waited for."""
        loop = asyncio.get_running_loop()
        _, lanes = self._engines.get()
        answered: asyncio.Future[Response] = loop.create_future()
        lanes.respond(_write(request), lambda response: _hand_over(loop, answered, response))
        return _read(await answered)

    async def close(self) -> None:
        """Finish the calls that are queued, then close the engine; a second call does nothing."""
        opened = self._engines.take_for_good()
        if opened is None:
            return
        engine, lanes = opened
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()

        def work() -> None:
            lanes.close()
            engine.close()
            _hand_over(loop, closed, None)

        threading.Thread(target=work, name="embedded-close").start()
        await closed


def open_transport(
    database: str,
    *,
    client_id: str | None = None,
    master_key: str | None = None,
    settings: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> EmbeddedTransport:
    """Open the engine for callers on threads; see `UserManagement.embedded`.

    Raises:
        ConfigurationInvalid: It cannot be opened so; the message says what to change.
    """
    open_one = _remember(database, client_id, master_key, settings=settings, clock=clock, entropy=entropy)
    return EmbeddedTransport(open_one)


def open_async_transport(
    database: str,
    *,
    client_id: str | None = None,
    master_key: str | None = None,
    settings: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
) -> AsyncEmbeddedTransport:
    """Open the engine for coroutines; see `AsyncUserManagement.embedded`.

    Raises:
        ConfigurationInvalid: It cannot be opened so; the message says what to change.
    """
    open_one = _remember(database, client_id, master_key, settings=settings, clock=clock, entropy=entropy)
    return AsyncEmbeddedTransport(open_one)


def _remember(
    database: str,
    client_id: str | None,
    master_key: str | None,
    *,
    settings: Mapping[str, object] | None,
    clock: Clock | None,
    entropy: Entropy | None,
) -> Callable[[], Engine]:
    def open_one() -> Engine:
        with _explained():
            return open_engine(
                database, client_id=client_id, master_key=master_key, settings=settings, clock=clock, entropy=entropy
            )

    return open_one


def _part_with_lanes(opened: tuple[Engine, EngineLanes]) -> bool:
    engine, lanes = opened
    if engine.runtime.database.dialect != "sqlite":
        return False
    lanes.close()
    return part_with_sqlite(engine)


def _with_lanes(engine: Engine) -> tuple[Engine, EngineLanes]:
    return engine, engine.open_lanes()


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except NotReady as fault:
        raise ConfigurationInvalid(str(fault)) from fault


@contextlib.contextmanager
def _joining() -> Iterator[None]:
    try:
        yield
    except JoiningRefused as fault:
        raise errors.CannotJoin(str(fault)) from fault


def _write(request: WireRequest) -> Request:
    return Request(
        method=request.method,
        path=unquote(request.path),
        query=request.query,
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
        embedded=True,
    )


def _read(response: Response) -> WireResponse:
    return WireResponse(status=response.status, headers=dict(response.headers), body=response.body)


def _hand_over(loop: asyncio.AbstractEventLoop, future: asyncio.Future[T], value: T) -> None:
    # The loop is gone when the program ended without waiting.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(_settle, future, value)


def _settle(future: asyncio.Future[T], value: T) -> None:
    if not future.done():
        future.set_result(value)
