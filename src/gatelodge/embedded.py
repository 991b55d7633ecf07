"""The engine without a socket: transports of the client that end in this very process.

A call is encoded and decoded as for a server, so types, absent members and errors are the
same; only HTTP is left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.api.lanes import LaneFull, open_lanes
from gatelodge.doors.assemble import NotReady, assemble, close, open_door, settle_embedded
from gatelodge.doors.http import Request, Response
from gatelodge.doors.worker import Worker
from gatelodge.kit.database import CannotOpen
from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.keyring import MasterKeyWrong, issue_master_key
from gatelodge.kit.migrate import SchemaFault
from gatelodge.kit.settings import Settings, SettingsInvalid, read_settings
from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.wire import WireRequest, WireResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.doors.dispatch import Door
    from gatelodge.kit.clock import Clock
    from gatelodge.kit.entropy import Entropy
    from gatelodge.kit.hashing import PasswordHasher


class Engine:
    """A runtime, its door and its worker, opened together and closed together."""

    def __init__(self, door: Door, client_id: str) -> None:
        """Hold an open door, and start what goes on between calls."""
        self.door = door
        self.client_id = client_id
        self._worker = Worker(door.runtime, door.log)
        self._worker.start()

    @property
    def base_url(self) -> str:
        """Give the address that links and issuers are made from, or an empty string."""
        return self.door.runtime.settings.base_url

    def close(self) -> None:
        """Finish what is being written, and let go of the database."""
        self._worker.stop()
        close(self.door.runtime)


class EmbeddedTransport:
    """Carries a call on the caller's own thread; many threads may share it."""

    trusted = True

    def __init__(self, engine: Engine) -> None:
        """Hold the engine, which is closed with this."""
        self._engine = engine
        self.client_id = engine.client_id
        self.base_url = engine.base_url

    def send(self, request: WireRequest) -> WireResponse:
        """Carry out a request."""
        return _read(self._engine.door.respond(_write(request)))

    def close(self) -> None:
        """Close the engine."""
        self._engine.close()


class AsyncEmbeddedTransport:
    """Carries calls on lanes of its own, so that no call ever blocks the loop.

    The loop's own executor is left alone: there, sign-ins would stand in the way of reads
    and of everything else that the program does on it. A full lane answers 503 at once.
    """

    trusted = True

    def __init__(self, engine: Engine) -> None:
        """Hold the engine, which is closed with this, and open the lanes."""
        self._engine = engine
        self._lanes = open_lanes(engine.door.runtime.settings)
        self.client_id = engine.client_id
        self.base_url = engine.base_url

    async def send(self, request: WireRequest) -> WireResponse:
        """Carry out a request; a cancelled call is carried out all the same, and not waited for."""
        asked = _write(request)
        door = self._engine.door
        loop = asyncio.get_running_loop()
        answered: asyncio.Future[Response] = loop.create_future()

        def work() -> None:
            response = door.respond(asked)
            # The loop is gone when the program ended without waiting.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, answered, response)

        try:
            self._lanes[door.lane_of(asked)].submit(work)
        except LaneFull:
            return _read(door.refuse(asked, ServiceUnavailable(retry_after=1)))
        return _read(await answered)

    async def close(self) -> None:
        """Finish the calls that are queued, then close the engine."""
        loop = asyncio.get_running_loop()
        closed: asyncio.Future[None] = loop.create_future()

        def work() -> None:
            for lane in self._lanes.values():
                lane.close()
            self._engine.close()
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(_settle, closed, None)

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
    hasher: PasswordHasher | None = None,
) -> EmbeddedTransport:
    """Open the engine for callers on threads; see `UserManagement.embedded`.

    Raises:
        ConfigurationInvalid: It cannot be opened so; the message says what to change.
    """
    chosen = _settle_settings(database, master_key, settings)
    return EmbeddedTransport(_open_engine(chosen, client_id, clock=clock, entropy=entropy, hasher=hasher))


def open_async_transport(
    database: str,
    *,
    client_id: str | None = None,
    master_key: str | None = None,
    settings: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    hasher: PasswordHasher | None = None,
) -> AsyncEmbeddedTransport:
    """Open the engine for coroutines; see `AsyncUserManagement.embedded`.

    Raises:
        ConfigurationInvalid: It cannot be opened so; the message says what to change.
    """
    chosen = _settle_settings(database, master_key, settings)
    return AsyncEmbeddedTransport(_open_engine(chosen, client_id, clock=clock, entropy=entropy, hasher=hasher))


def _settle_settings(database: str, master_key: str | None, further: Mapping[str, object] | None) -> Settings:
    try:
        return read_settings({**(further or {}), "database_url": database, "master_key": master_key})
    except SettingsInvalid as fault:
        raise ConfigurationInvalid(str(fault)) from None


def _open_engine(
    settings: Settings,
    client_id: str | None,
    *,
    clock: Clock | None,
    entropy: Entropy | None,
    hasher: PasswordHasher | None,
) -> Engine:
    try:
        settings = _find_master_key(settings, entropy or SystemEntropy())
        runtime = assemble(settings, clock=clock, entropy=entropy, hasher=hasher)
        try:
            actor = settle_embedded(runtime, client_id)
        except BaseException:
            close(runtime)
            raise
    except (CannotOpen, MasterKeyWrong, NotReady, OSError, SchemaFault) as fault:
        raise ConfigurationInvalid(str(fault)) from fault
    return Engine(open_door(runtime), actor.client_id or "")


def _find_master_key(settings: Settings, entropy: Entropy) -> Settings:
    """Take the master key from the settings, or keep one in a file beside a SQLite database."""
    if settings.master_key or not settings.database_url.startswith("sqlite:///"):
        return settings
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    key = _keep_master_key(database.with_name(f"{database.name}.master-key"), entropy)
    return msgspec.structs.replace(settings, master_key=key)


def _keep_master_key(file: Path, entropy: Entropy) -> str:
    """Read the key from its file, making both when there is none.

    The file appears whole and synced, or not at all: without the key the data is lost.
    Of two processes that start at once, the later takes the key of the first.
    """
    if file.exists():
        return file.read_text("ascii").strip()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}-{threading.get_ident()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(issue_master_key(entropy))
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, file)
    finally:
        draft.unlink()
    _sync_folder(file.parent)
    return file.read_text("ascii").strip()


def _sync_folder(folder: Path) -> None:
    # Windows opens no folders, and keeps names without being asked.
    with contextlib.suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


def _settle(future: asyncio.Future[Response] | asyncio.Future[None], value: Response | None) -> None:
    if not future.done():
        future.set_result(value)  # type: ignore[arg-type]  # each future is given its own kind of value
