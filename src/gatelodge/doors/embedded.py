"""The way in without a socket: an engine that lives in the caller's own process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.doors.api.lanes import open_lanes
from gatelodge.doors.api.wsgi import WsgiApp
from gatelodge.doors.assemble import assemble, close, open_door, settle_embedded
from gatelodge.doors.joining import JoinedEngine
from gatelodge.doors.master_key import NotReady, make_data_folder
from gatelodge.doors.worker import Worker
from gatelodge.kit.database import CannotOpen
from gatelodge.kit.keyring import MasterKeyWrong
from gatelodge.kit.migrate import SchemaFault
from gatelodge.kit.route import LaneFull
from gatelodge.kit.settings import SettingsInvalid, read_settings
from gatelodge.kit.unit import Runtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    @property
    def issuer(self) -> str:
        """Give the issuer that access tokens name."""
        return self._door.runtime.settings.issuer.format(base_url=self.base_url, client_id=self.client_id)

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
        self._lanes = open_lanes(door.runtime.settings, door.runtime.database.dialect)
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
        chosen = read_settings(given)
        make_data_folder(chosen)
        runtime = assemble(chosen, clock=clock, entropy=entropy, hasher=hasher, key_beside_data=True)
    except (CannotOpen, MasterKeyWrong, OSError, SchemaFault, SettingsInvalid) as fault:
        raise NotReady(str(fault)) from fault
    try:
        actor = settle_embedded(runtime, client_id)
    except BaseException:
        close(runtime)
        raise
    return Engine(open_door(runtime), actor.client_id or "")
