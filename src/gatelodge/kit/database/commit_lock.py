"""The lock that lets one process at a time write to a SQLite file."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_POLL_SECONDS = 0.0005


class CommitLock:
    """An `flock` beside the database, taken for each commit by every process that writes.

    SQLite's own busy handler sleeps in growing steps and starves under load (p99 1.6 s
    with two busy processes); this lock hands over within half a millisecond. There are
    two files: whoever waits for the lock holds the turn, so a process that commits
    without pause cannot take the lock again before the one that waits for it.

    The kernel frees both when their holder dies. One thread uses an instance at a time.
    """

    def __init__(self, database: Path) -> None:
        self._turn = _open_beside(database, suffix="-turn")
        self._lock = _open_beside(database, suffix="-lock")

    def acquire(self, *, within: float) -> bool:
        """Take the lock; give False when that was not possible within so many seconds."""
        deadline = time.monotonic() + within
        if not _take(self._turn, deadline=deadline):
            return False
        try:
            return _take(self._lock, deadline=deadline)
        finally:
            fcntl.flock(self._turn, fcntl.LOCK_UN)

    def release(self) -> None:
        """Let the next one in."""
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the files; a second call does nothing, for their numbers may be somebody else's then."""
        descriptors, self._turn, self._lock = {self._turn, self._lock}, -1, -1
        for descriptor in descriptors - {-1}:
            os.close(descriptor)


def _open_beside(database: Path, *, suffix: str) -> int:
    descriptor = os.open(f"{database}{suffix}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if os.geteuid() == 0:
        # A command run by root must not make a file that the server's user cannot open.
        owner = database.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    return descriptor


def _take(descriptor: int, *, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True
