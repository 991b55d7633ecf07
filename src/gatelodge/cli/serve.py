"""`gatelodge serve`: run the server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import sys
from pathlib import Path
from typing import IO, Annotated, Any

from cyclopts import Parameter

from gatelodge.cli.printing import fail
from gatelodge.kit.settings import Settings, SettingsInvalid, read_settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def serve(
    *,
    dev: Annotated[bool, Parameter(negative=())] = False,
    host: str | None = None,
    port: int | None = None,
    database: str | None = None,
    data: Path = Path("var"),
    config: Path | None = None,
    workers: int | None = None,
    limits: Annotated[bool, Parameter(negative=())] = False,
    share_data: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """Run the server until it is stopped (Ctrl-C or SIGTERM); running requests are finished.

    `gatelodge serve --dev` needs nothing: loopback only, SQLite under ./var, a known client
    and API key. Without `--dev` the master key and the base URL come from the settings
    (`GATELODGE_MASTER_KEY`, `GATELODGE_BASE_URL`, or a TOML file); see `gatelodge init`.

    Parameters
    ----------
    dev
        Development mode: default key, movable clock under /_dev/, loopback only.
    host
        Address to listen on.
    port
        Port to listen on; 4100 unless set.
    database
        `sqlite:///file.db`, `sqlite:////absolute.db` or `postgresql://…`.
    data
        Folder for the SQLite file when no database is named.
    config
        TOML file with settings.
    workers
        Server processes; keep one on SQLite.
    limits
        Keep the limits on in development mode.
    share_data
        Serve a SQLite file that another server on this machine serves too.
    """
    given: dict[str, Any] = {
        "host": host,
        "port": port,
        "workers": workers,
        "share_data": share_data or None,
        "database_url": database or _default_database(data),
        "development": dev or None,
    }
    if database is None and _names_database(config):
        given.pop("database_url")
    if dev:
        given["limits"] = limits
    try:
        settings = _complete(read_settings(given, file=str(config) if config else None))
    except SettingsInvalid as fault:
        return fail(str(fault))
    return _run(settings)


def _default_database(data: Path) -> str:
    return f"sqlite:///{data / 'gatelodge.db'}"


def _names_database(config: Path | None) -> bool:
    return read_settings(file=str(config) if config else None).database_url != Settings().database_url


def _complete(settings: Settings) -> Settings:
    import msgspec

    if not settings.development:
        return settings
    base_url = settings.base_url or f"http://localhost:{settings.port}"
    return msgspec.structs.replace(settings, base_url=base_url)


def _run(settings: Settings) -> int:
    complaint = _find_fault(settings) or _find_port_fault(settings)
    if complaint:
        return fail(complaint)
    with contextlib.ExitStack() as stack:
        held = _hold_data(settings)
        if isinstance(held, str):
            return fail(held)
        if held is not None:
            stack.enter_context(held)
        complaint = _prepare(settings)
        if complaint:
            return fail(complaint)
        if settings.development:
            from gatelodge.cli.welcome import welcome

            welcome(settings)
        return _serve(settings)


def _find_fault(settings: Settings) -> str | None:
    if settings.development:
        if settings.host not in _LOOPBACK:
            return f"Development mode listens on the loopback interface only, not on {settings.host}."
        return None
    if not settings.master_key:
        return "GATELODGE_MASTER_KEY is not set; `gatelodge init` makes a configuration with one."
    if not settings.base_url:
        return "GATELODGE_BASE_URL is not set: the public origin, such as https://auth.example.com."
    return None


def _find_port_fault(settings: Settings) -> str | None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as fault:
            reason = os.strerror(fault.errno or 0).lower()
            return f"Cannot listen on {settings.host} port {settings.port}: {reason}. Choose another with --port."
    return None


def _hold_data(settings: Settings) -> IO[str] | str | None:
    if settings.share_data or not settings.database_url.startswith("sqlite:///"):
        return None
    file = Path(settings.database_url.removeprefix("sqlite:///").partition("?")[0])
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.with_name(file.name + ".server").open("a+")
    except OSError as fault:
        return f"Cannot use {file}: {os.strerror(fault.errno or 0).lower()}."
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.seek(0)
        other = stream.read().strip() or "unknown"
        stream.close()
        return (
            f"Another server (process {other}) serves {file}; stop it, name another file with "
            "--database, or pass --share-data to both."
        )
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def _prepare(settings: Settings) -> str | None:
    # The database is opened and closed again here, before any fork, so that a fault is
    # one line from one process, and the workers find everything in place.
    from gatelodge.contract.errors import GatelodgeError
    from gatelodge.doors import development
    from gatelodge.doors.assemble import NotReady, assemble, close
    from gatelodge.kit.database import CannotOpen
    from gatelodge.kit.keyring import MasterKeyWrong
    from gatelodge.kit.migrate import SchemaFault

    try:
        runtime = assemble(settings)
    except (NotReady, CannotOpen, MasterKeyWrong, SchemaFault) as fault:
        return str(fault)
    except GatelodgeError as fault:
        return f"The database cannot be used: {fault.message}"
    if settings.development:
        development.prepare(runtime)
    close(runtime)
    return None


def _serve(settings: Settings) -> int:
    from functools import partial

    from granian.constants import Interfaces, Loops
    from granian.server import Server

    from gatelodge.doors.api.worker import load_app

    server = Server(
        "gatelodge",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop,
        workers=settings.workers,
        websockets=False,
        log_enabled=False,
        respawn_failed_workers=True,
        workers_kill_timeout=30,
    )
    server.serve(target_loader=partial(load_app, settings, os.getpid()), wrap_loader=False)
    sys.stderr.flush()
    return 0
