"""A real pgbouncer in transaction mode, before a cluster of the run.

The system's own is used where it is installed; elsewhere Debian's package is unpacked
into the cache beside the code, which changes nothing outside it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.harness.guard import Guard
from tests.harness.ports import free_port
from tests.harness.unavailable import Unavailable

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "pgbouncer"
ADVICE = "pgbouncer is not installed and cannot be downloaded; type: sudo apt install pgbouncer"
_PACKAGES = ("pgbouncer", "libc-ares2", "libevent-2.1-7")


@dataclass(frozen=True, kw_only=True)
class Pooler:
    """A running pgbouncer with two connections to its server for all its clients."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    guard: Guard

    def stop(self) -> None:
        """End it and remove its folder."""
        self.process.kill()
        self.process.wait(10)
        self.guard.forget(self.process.pid)
        shutil.rmtree(self.folder, ignore_errors=True)


def start_pooler(guard: Guard, url: str) -> Pooler:
    """Start a pgbouncer for the server of this address.

    Raises:
        Unavailable: There is none, and it cannot be brought.
    """
    folder = Path(tempfile.mkdtemp(prefix="gatelodge-pgbouncer-", dir="/tmp"))  # entered by nobody too
    guard.remove(folder)
    program, libraries = _find(folder)
    parts = urlsplit(url)
    port = free_port()
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host=127.0.0.1 port={parts.port} user={parts.username} password={parts.password}\n"
        f"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\n"
        "auth_type=any\npool_mode=transaction\ndefault_pool_size=2\nmax_client_conn=200\n"
    )
    if os.geteuid() == 0:
        # Like PostgreSQL it refuses root.
        user = pwd.getpwnam("nobody")
        identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(settings, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
    else:
        identity = {}
    process: subprocess.Popen[bytes] = subprocess.Popen(
        [str(program), "-q", str(settings)],
        env={"LD_LIBRARY_PATH": libraries},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        **identity,  # type: ignore[call-overload]
    )
    guard.watch(process.pid)
    pooler = Pooler(port=port, folder=folder, process=process, guard=guard)
    _wait(pooler, url)
    return pooler


def through(pooler: Pooler, url: str) -> str:
    """Give the address of the same database behind the pooler."""
    return url.replace(f":{urlsplit(url).port}/", f":{pooler.port}/")


def _wait(pooler: Pooler, url: str) -> None:
    for _ in range(250):
        try:
            psycopg.connect(through(pooler, url)).close()
        except psycopg.OperationalError:
            time.sleep(0.02)
        else:
            return
    pooler.stop()
    raise Unavailable("pgbouncer does not start here")


def _find(folder: Path) -> tuple[Path, str]:
    """Give the program, and the folder of libraries that it needs besides the system's."""
    for candidate in (shutil.which("pgbouncer"), "/usr/sbin/pgbouncer"):
        if candidate and Path(candidate).exists():
            return Path(candidate), ""
    if not CACHE.exists():
        _download()
    # The user that it runs as may not be allowed to enter the cache.
    copy = shutil.copytree(CACHE, folder / "programs")
    libraries = list(copy.glob("usr/lib/*-linux-gnu*"))
    if not libraries:
        raise Unavailable(ADVICE)
    return copy / "usr/sbin/pgbouncer", str(libraries[0])


def _download() -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise Unavailable(ADVICE)
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE.parent) as work:
        lists, tree = Path(work, "lists"), Path(work, "tree")
        (lists / "partial").mkdir(parents=True)
        tree.mkdir()
        # Package lists of our own: the system's may be absent, and are not ours to refresh.
        own = ["-q", "-o", f"Dir::State::lists={lists}", "-o", "APT::Sandbox::User="]
        _run(["apt-get", *own, "update"], work)
        _run(["apt-get", *own, "download", *_PACKAGES], work)
        for package in Path(work).glob("*.deb"):
            _run(["dpkg", "--extract", str(package), str(tree)], work)
        try:
            tree.rename(CACHE)
        except OSError:
            # Another test process has brought it meanwhile.
            if not CACHE.exists():
                raise


def _run(command: list[str], folder: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        raise Unavailable(ADVICE)
