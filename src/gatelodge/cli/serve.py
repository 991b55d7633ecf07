"""`gatelodge serve`: run the server."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import resource
import socket
import threading
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from msgspec import structs

from gatelodge.cli.faults import find_faults
from gatelodge.cli.opening import Place, find_settings, find_sqlite_file
from gatelodge.cli.printing import Refused
from gatelodge.kit.settings import choose_workers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.synchronize import Semaphore

    from gatelodge.cli.seed.shapes import EnvironmentSeed
    from gatelodge.doors.api.rsgi import RsgiApp
    from gatelodge.kit.settings import Settings
    from gatelodge.kit.unit import Runtime

_STOP_SECONDS = 30
_MOST_FILES = 16_384
_FILES_OF_MACOS = 10_240
_MOST_HEAD_BYTES = 65_536
_OWN_FILES = 512
_KNOCKS = 200
_PAUSE_SECONDS = 0.025
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to knock when all addresses are served


def serve(
    *,
    host: Annotated[str | None, Parameter(help="Address to listen on; 127.0.0.1 unless set.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on; 4100 unless set.")] = None,
    workers: Annotated[int | None, Parameter(help="Server processes; two unless set, one with --dev.")] = None,
    limits: Annotated[bool, Parameter(help="With --dev: keep the limits on.")] = False,
    share_data: Annotated[
        bool, Parameter(help="Serve a SQLite file that another server on this machine serves too.")
    ] = False,
    seed: Annotated[
        Path | None, Parameter(help="With --dev: fill the data from this file first, docs/seed.md.")
    ] = None,
    place: Place | None = None,
) -> int:
    """Run the server until Ctrl-C or SIGTERM; requests that are running are finished.

    With --dev nothing needs to be set: it listens on loopback only, keeps its
    data under ./var, and has a known client id and API key. Without it, the
    master key and the base URL come from the settings (GATELODGE_MASTER_KEY and
    GATELODGE_BASE_URL, or the file that `gatelodge init` writes), and nothing is
    known to anybody beforehand.

    For example:

      gatelodge serve --dev
      gatelodge serve --dev --seed seed.yaml
      gatelodge serve --config /etc/gatelodge/gatelodge.toml --workers 4
    """
    place = place or Place()
    sowing = _read_seed(seed, place)
    given: dict[str, Any] = {"host": host, "port": port, "workers": workers, "share_data": share_data or None}
    if place.dev:
        given["limits"] = limits
    settings = find_settings(place, **given)
    if faults := find_faults(settings):
        raise Refused("\n".join(faults))
    _require_port(settings)
    with contextlib.ExitStack() as held:
        if (file := find_sqlite_file(settings)) is not None and not settings.share_data:
            held.enter_context(_hold(file))
        _prepare(settings, sowing)
        settings = structs.replace(settings, workers=choose_workers(settings))
        # Granian shares its port with whoever asks to, so two servers that start at once would both get it.
        return _run(settings, _require_port(settings))


def _read_seed(seed: Path | None, place: Place) -> tuple[Path, tuple[EnvironmentSeed, ...]] | None:
    if seed is None:
        return None
    if not place.dev:
        raise Refused(
            f"--seed goes with --dev; elsewhere use `gatelodge apply {seed}`, which shows first what it does."
        )
    from gatelodge.cli.apply import read_file

    return seed, read_file(seed)


def _require_port(settings: Settings) -> str:
    """Find the address to listen on, and refuse early what the processes would find out one after the other."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name such as localhost may stand for one address of each family, and clients know the older one.
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as fault:
        raise _refuse_port(settings, (fault.strerror or str(fault)).lower()) from fault
    return str(address[0])


def _refuse_port(settings: Settings, reason: str) -> Refused:
    return Refused(f"Cannot listen on {settings.host} port {settings.port}: {reason}. Choose another with --port.")


@contextlib.contextmanager
def _hold(file: Path) -> Iterator[None]:
    """Keep a second server off the same file; the kernel lets go when this process ends."""
    stream = _open_beside(file)
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = stream.read().decode(errors="replace").strip() or "unknown"
        stream.close()
        raise Refused(
            f"Another server (process {other}) serves {file}; stop it, name another file with --database, "
            "or pass --share-data to both."
        ) from None
    with stream:
        try:
            stream.truncate(0)
            stream.write(str(os.getpid()).encode())
        except OSError as fault:
            raise _refuse_file(file, fault) from fault
        yield


def _open_beside(file: Path) -> FileIO:
    """Open the file that says who serves; what is written to it is there at once, or refused at once."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{file}.server", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise _refuse_file(file, fault) from fault
    return FileIO(descriptor, "r+")


def _refuse_file(file: Path, fault: OSError) -> Refused:
    return Refused(f"Cannot use {file}: {(fault.strerror or str(fault)).lower()}.")


def _prepare(settings: Settings, sowing: tuple[Path, tuple[EnvironmentSeed, ...]] | None) -> None:
    # The database is opened and closed again here, before any fork, so that a fault is
    # one line from one process, and the workers find everything in place.
    from gatelodge.doors import development
    from gatelodge.doors.assemble import assemble, close
    from gatelodge.kit.log import Log

    runtime = assemble(settings)
    try:
        if settings.development:
            _refuse_foreign_data(runtime)
            development.prepare(runtime)
            if sowing is not None:
                from gatelodge.cli.apply import sow

                sow(runtime, *sowing)
        else:
            _refuse_known_key(runtime)
            if settings.delivery == "send" and not settings.smtp_host:
                Log(runtime.wall_clock, level=settings.log_level).warning("mail is not set up", setting="smtp_host")
    finally:
        close(runtime)


def _refuse_foreign_data(runtime: Runtime) -> None:
    """Keep development mode, whose reset deletes everything, off data that it did not make."""
    from gatelodge.doors.assemble import EMBEDDED_CLIENT
    from gatelodge.doors.known import CLIENT_ID
    from gatelodge.features.applications import actions as applications
    from gatelodge.kit.unit import Actor

    environments = applications.list_environments(runtime.open_unit(Actor()))
    clients = {client.id for _, clients in environments for client in clients}
    if environments and not clients & {CLIENT_ID, EMBEDDED_CLIENT}:
        names = ", ".join(environment.name for environment, _ in environments[:3])
        raise Refused(
            f"This database was not made in development mode (it holds {names}); "
            "name another with --database, or serve it without --dev."
        )


def _refuse_known_key(runtime: Runtime) -> None:
    """Keep production from answering to the key that everybody knows."""
    from gatelodge.contract.errors import Unauthorized
    from gatelodge.doors.known import API_KEY
    from gatelodge.features.applications import actions as applications
    from gatelodge.kit.unit import Actor

    with contextlib.suppress(Unauthorized):
        actor = applications.identify_key(runtime.open_unit(Actor()), API_KEY)
        raise Refused(
            f"This database was made in development mode and answers to the known API key {API_KEY}; use another, "
            f"or revoke it: gatelodge keys revoke {actor.api_key_id} --environment {actor.environment_id}"
        )


def _run(settings: Settings, address: str) -> int:
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.server import Server

    from gatelodge.cli.stopping import stop_first

    server = Server(
        "gatelodge",
        address=address,
        port=settings.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        # HTTP/2 in clear text hides that a body was cut off, and a connection that never
        # says which of the two it speaks is never timed out.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=settings.head_deadline * 1000, max_buffer_size=_MOST_HEAD_BYTES
        ),
        backpressure=_allow_connections(),
        workers=settings.workers,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    heard = stop_first(server)
    loader: Any = partial(_load, settings, os.getpid(), turn=_make_turn(), heard=heard)
    try:
        server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        # A worker that was told by itself, and was quicker than the first process, is no failure.
        if not heard:
            raise
    except RuntimeError as fault:
        reason = str(fault).partition("\n")[0]
        if "os error" not in reason:
            raise
        raise _refuse_port(settings, reason.partition(" (")[0].lower()) from fault
    return 0


def _make_turn() -> Semaphore | None:
    """Make what the worker takes that tells that the server is up; one that is started again later does not.

    A machine without shared memory (`/dev/shm`) has none: there each worker tells it.
    """
    try:
        return multiprocessing.Semaphore(1)
    except OSError:
        return None


def _allow_connections() -> int:
    """Allow as many connections as there may be files, less those that the engine itself opens.

    Connections that only wait cost some kilobytes each, and at worst as much as the largest
    head; a bound that a single stranger can reach by opening them would keep everybody out.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    if soft != resource.RLIM_INFINITY and soft < files:
        # macOS names no upper bound, and yet may have one.
        for asked in (max(soft, min(files, _FILES_OF_MACOS)), files):
            with contextlib.suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (asked, hard))
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(files - _OWN_FILES, _OWN_FILES)


def _load(settings: Settings, parent: int, *, turn: Semaphore | None, heard: list[int]) -> RsgiApp:
    """Make a worker's door; runs in the worker's own process."""
    from gatelodge.cli.stopping import stop_once
    from gatelodge.doors.api.worker import load_app

    stop_once(heard)
    app = load_app(settings, parent, heard=heard)
    if turn is None or turn.acquire(block=False):
        threading.Thread(target=_announce, args=(settings,), name="announcement", daemon=True).start()
    return app


def _announce(settings: Settings) -> None:
    """Say that the server is up once it takes connections: what is printed then works when pasted."""
    from gatelodge.cli.welcome import announce

    waiting = threading.Event()
    address = (_WILDCARDS.get(settings.host, settings.host), settings.port)
    for _ in range(_KNOCKS):
        with contextlib.suppress(OSError):
            socket.create_connection(address, timeout=1).close()
            announce(settings)
            return
        waiting.wait(_PAUSE_SECONDS)
