"""The official SDKs, installed from lock files into a cache beside the code.

A cache folder is named for what its lock file says (and the platform), so that a changed
lock makes a new one; it is filled under another name and renamed when complete, so that a
broken download leaves nothing behind. `python -m tests.harness.clients` brings them all.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from tests.harness.unavailable import Unavailable

NodeClient: TypeAlias = Literal["v8", "v10", "v11"]
PythonClient: TypeAlias = Literal["v5", "v10"]
NODE_CLIENTS: tuple[NodeClient, ...] = get_args(NodeClient)
PYTHON_CLIENTS: tuple[PythonClient, ...] = get_args(PythonClient)

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "tests" / "clients"
CACHE = ROOT / ".cache" / "clients"

# From version 9 on the Node SDK needs this; an older Node runs version 8 only.
_NODE_NEEDED = (22, 11)
_NODE_LEAST = (18, 0)
_INSTALL_SECONDS = 300.0

# Two quick tries: npm's own patience with a registry that is away is over a minute for each package.
_NPM_PATIENCE = (
    "--loglevel=error",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=2000",
)
_AWAY = re.compile(
    "ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|Could not find a version|HTTPConnection|No matching"
)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """An SDK that is ready: the program that runs its journeys and the folder it lies in."""

    program: Path
    folder: Path


class Clients:
    """Brings each SDK when it is asked for."""

    def node(self, version: NodeClient) -> Installed:
        """Give the Node SDK of this major version and a Node that can run it.

        Raises:
            Unavailable: There is no Node or npm, or the registry cannot be reached.
        """
        folder = _npm_folder(version)
        return Installed(program=_node_for(version), folder=folder)

    def authkit(self) -> Installed:
        """Give the official authkit-session package, with the Node SDK that it stands on and a Node that can run it.

        Raises:
            Unavailable: There is no Node or npm, or the registry cannot be reached.
        """
        folder = _npm_folder("authkit")
        return Installed(program=_node_for("v10"), folder=folder)

    def python(self, version: PythonClient) -> Installed:
        """Give the Python SDK of this major version, in a folder of its own.

        Raises:
            Unavailable: The registry cannot be reached.
        """
        return Installed(program=Path(sys.executable), folder=_pip_folder(version))


def _npm_folder(name: str) -> Path:
    source = LOCKS / "node" / name
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("official Node SDK: npm is not installed; type: sudo apt install nodejs npm")

    def fill(folder: Path) -> None:
        for file in (source / "package.json", source / "package-lock.json", ROOT / ".npmrc"):
            shutil.copy(file, folder)
        _run([npm, "ci", *_NPM_PATIENCE], f"official Node SDK ({name})", folder=folder)

    return _cached(f"node-{name}", [source / "package-lock.json"], fill)


def _pip_folder(version: PythonClient) -> Path:
    lock = LOCKS / "python" / version / "requirements.txt"

    def fill(folder: Path) -> None:
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--retries", "2"]
        command += ["install", "--quiet", "--require-hashes", "--only-binary=:all:"]
        command += ["--target", str(folder), "--requirement", str(lock)]
        _run(command, f"official Python SDK ({version})", folder=folder)

    return _cached(f"python-{version}-{sys.version_info[0]}.{sys.version_info[1]}", [lock], fill)


def _node_for(version: NodeClient) -> Path:
    """Choose the system's Node when it is new enough, else one from the registry."""
    system = shutil.which("node")
    if system and _version_of(system) >= (_NODE_LEAST if version == "v8" else _NODE_NEEDED):
        return Path(system)
    name = f"node-{platform.system()}-{platform.machine()}".lower().replace("x86_64", "x64").replace("aarch64", "arm64")
    program = _npm_folder("node22") / "node_modules" / name / "bin" / "node"
    if not program.exists():
        needed = ".".join(map(str, _NODE_NEEDED))
        raise Unavailable(f"official Node SDK {version}: it needs Node {needed} or newer on this platform")
    return program


def _version_of(node: str) -> tuple[int, int]:
    told = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False).stdout
    found = re.match(r"v(\d+)\.(\d+)", told)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(command: list[str], what: str, *, folder: Path) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_INSTALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{what}: its registry did not answer in time") from None
    if done.returncode != 0:
        told = done.stderr + done.stdout
        if _AWAY.search(told):
            raise Unavailable(f"{what}: its package registry cannot be reached")
        lines = [line for line in told.splitlines() if "ERR" in line] or ["no reason given"]
        raise Unavailable(f"{what}: installing failed: {lines[0][:200]}")


def _cached(name: str, locks: list[Path], fill: Callable[[Path], None]) -> Path:
    content = b"".join(path.read_bytes() for path in locks) + f"{platform.system()} {platform.machine()}".encode()
    folder = CACHE / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(CACHE / f"{name}.lock"):
        if not folder.is_dir():
            making = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=CACHE))
            try:
                fill(making)
                making.rename(folder)
            finally:
                shutil.rmtree(making, ignore_errors=True)
    return folder


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Bring every client; say in one line each which cannot be had."""
    clients = Clients()
    bringing: list[Callable[[], Installed]] = [
        *(lambda version=version: clients.node(version) for version in NODE_CLIENTS),
        clients.authkit,
        *(lambda version=version: clients.python(version) for version in PYTHON_CLIENTS),
    ]
    reasons = []
    for bring_one in bringing:
        try:
            bring_one()
        except Unavailable as reason:
            reasons.append(str(reason))
    for line in dict.fromkeys(reasons):
        sys.stderr.write(f"gatelodge: not brought: {line}{os.linesep}")
    return 1 if reasons else 0


if __name__ == "__main__":
    sys.exit(main())
