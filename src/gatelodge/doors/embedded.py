"""The way in without a socket: an engine that lives in the caller's own process."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

import msgspec

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.api.lanes import LaneFull, open_lanes
from gatelodge.doors.api.wsgi import WsgiApp
from gatelodge.doors.assemble import NotReady, assemble, close, key_file, open_door, settle_embedded
from gatelodge.doors.joining import JoinedEngine
from gatelodge.doors.worker import Worker
from gatelodge.kit.database import CannotOpen
from gatelodge.kit.entropy import SystemEntropy
from gatelodge.kit.keyring import MasterKeyWrong, issue_master_key
from gatelodge.kit.migrate import SchemaFault
from gatelodge.kit.settings import Settings, SettingsInvalid, read_settings
from gatelodge.kit.unit import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gatelodge.doors.dispatch import Door
    from gatelodge.doors.http import Request, Response
    from gatelodge.kit.clock import Clock
    from gatelodge.kit.entropy import Entropy
    from gatelodge.kit.hashing import PasswordHasher


class Engine:
    """A runtime, its door and its worker, opened together and closed together."""

    def __init__(self, door: Door, client_id: str) -> None:
        """Hold an open door, and start what goes on between calls."""
        self._door = door
        self._wsgi = WsgiApp(door)
        self.client_id = client_id
        self._worker = Worker(door.runtime, door.log)
        self._worker.start()

    @property
    def base_url(self) -> str:
        """Give the address that links and issuers are made from, or an empty string."""
        return self._door.runtime.settings.base_url

    def respond(self, request: Request) -> Response:
        """Answer a request on this very thread."""
        return self._door.respond(request)

    @property
    def runtime(self) -> Runtime:
        """Give the runtime behind the door."""
        return self._door.runtime

    @property
    def wsgi(self) -> WsgiApp:
        """Give the same door as a WSGI callable."""
        return self._wsgi

    def join(self, connection: object) -> JoinedEngine:
        """Give the engine as part of a caller's transaction.

        Raises:
            JoiningRefused: The connection will not do; the message says why.
        """
        return JoinedEngine(self._door, connection)

    def open_lanes(self) -> EngineLanes:
        """Give lanes to answer requests on, for callers that must not wait themselves."""
        return EngineLanes(self._door)

    def close(self) -> None:
        """Finish what is being written, and let go of the database."""
        self._worker.stop()
        close(self._door.runtime)


class EngineLanes:
    """The engine's own threads, of the kinds and numbers that a server has."""

    def __init__(self, door: Door) -> None:
        """Start the threads."""
        self._door = door
        self._lanes = open_lanes(door.runtime.settings)
        self._closed = False
        self._lock = threading.Lock()

    def respond(self, request: Request, answer: Callable[[Response], None]) -> None:
        """Answer a request on its lane, by calling `answer` there.

        A lane that is full or closed answers 503 at once.
        """
        door = self._door
        try:
            # What is queued before the end is answered, what would be queued after it never would.
            with self._lock:
                if self._closed:
                    raise ServiceUnavailable("The engine is closed.")
                self._lanes[door.lane_of(request)].submit(lambda: answer(door.respond(request)))
        except LaneFull:
            answer(door.refuse(request, ServiceUnavailable(retry_after=1)))
        except ServiceUnavailable as error:
            answer(door.refuse(request, error))

    def close(self) -> None:
        """Finish what is queued, then end the threads."""
        with self._lock:
            self._closed = True
        for lane in self._lanes.values():
            lane.close()


def open_engine(
    database: str,
    *,
    client_id: str | None = None,
    master_key: str | None = None,
    settings: Mapping[str, object] | None = None,
    clock: Clock | None = None,
    entropy: Entropy | None = None,
    hasher: PasswordHasher | None = None,
) -> Engine:
    """Open the engine on a database, and the environment that the client id names.

    Settings that are not given come from the environment, development mode excepted: no
    variable that was left over in a shell switches it on here.

    Raises:
        NotReady: It cannot be opened so; the message says what to change.
    """
    given = {"development": False, **(settings or {}), "database_url": database, "master_key": master_key}
    try:
        chosen = _find_master_key(read_settings(given), entropy or SystemEntropy())
        runtime = assemble(chosen, clock=clock, entropy=entropy, hasher=hasher)
    except (CannotOpen, MasterKeyWrong, OSError, SchemaFault, SettingsInvalid) as fault:
        raise NotReady(str(fault)) from fault
    try:
        actor = settle_embedded(runtime, client_id)
    except BaseException:
        close(runtime)
        raise
    return Engine(open_door(runtime), actor.client_id or "")


def _find_master_key(settings: Settings, entropy: Entropy) -> Settings:
    """Take the master key from the settings, or keep one in a file beside a SQLite database."""
    file = key_file(msgspec.structs.replace(settings, development=True))
    if settings.master_key or file is None or not settings.database_url.startswith("sqlite:///"):
        return settings
    return msgspec.structs.replace(settings, master_key=_keep_master_key(file, entropy))


def _keep_master_key(file: Path, entropy: Entropy) -> str:
    """Read the key from its file, making both when there is none.

    The file appears whole and synced, or not at all: without the key the data is lost.
    Of two processes that start at once, the later takes the key of the first.
    """
    if not file.exists():
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
