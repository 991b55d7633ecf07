"""What this machine can do by itself, and what it is."""

from __future__ import annotations

import contextlib
import os
import platform
import sqlite3
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw

from gatelodge.kit.hashing import NICENESS
from gatelodge.kit.hashing.argon2id import DEFAULT, SALT_BYTES, derive

_SYNCS = 50
_PAGE = bytes(4096)
_SECRET = b"correct horse 17"


def hash_rate(seconds: float, *, own: bool = False) -> float:
    """Hash passwords on one thread for each core; give hashes in a second.

    By argon2-cffi, or as Gatelodge does itself. The threads have the priority of the server's,
    so that whatever else runs here takes as much from both.
    """
    counts: list[int] = []
    end = time.perf_counter() + seconds
    hash_once = _hash_as_gatelodge if own else _hash_by_argon2_cffi
    threads = [threading.Thread(target=_hash_until, args=(hash_once, end, counts)) for _ in range(os.cpu_count() or 1)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


def _hash_until(hash_once: Callable[[], object], end: float, counts: list[int]) -> None:
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
    count = 0
    while time.perf_counter() < end:
        hash_once()
        count += 1
    counts.append(count)


def _hash_by_argon2_cffi() -> bytes:
    return hash_secret_raw(
        _SECRET,
        bytes(SALT_BYTES),
        time_cost=DEFAULT.passes,
        memory_cost=DEFAULT.memory_kib,
        parallelism=DEFAULT.lanes,
        hash_len=32,
        type=Type.ID,
    )


def _hash_as_gatelodge() -> bytes:
    return derive(_SECRET, bytes(SALT_BYTES), profile=DEFAULT)


def describe(folder: Path) -> dict[str, Any]:
    """Tell what a reader of the results needs to know of this machine."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load_average": [round(load, 2) for load in os.getloadavg()],
        "fsync_ms": round(_sync_milliseconds(folder), 3),
        "commit": _commit(),
    }


def _sync_milliseconds(folder: Path) -> float:
    times = []
    file = folder / "sync"
    with file.open("wb", buffering=0) as stream:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            stream.write(_PAGE)
            os.fsync(stream.fileno())
            times.append(time.perf_counter() - started)
    file.unlink()
    return statistics.median(times) * 1000


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
