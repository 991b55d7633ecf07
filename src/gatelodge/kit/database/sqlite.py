"""SQLite: one file, one writer in each process, readers that never wait for it.

An acknowledged write survives a power cut: WAL with `synchronous=full`, and callers get
their answer after the commit. The standard library's `sqlite3` is used everywhere, since
two SQLite libraries in one process on one file cancel each other's locks.
"""

from __future__ import annotations

import os
import sqlite3
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.commit_lock import CommitLock
from gatelodge.kit.database.interface import CannotOpen, Queries
from gatelodge.kit.database.sqlite_faults import is_unavailable
from gatelodge.kit.database.sqlite_queries import Reads
from gatelodge.kit.database.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_OLDEST = (3, 38, 0)
_CACHED_STATEMENTS = 512
_READING = ("query_only = on",)
_WRITING = (
    "foreign_keys = on",
    "synchronous = full",
    # Without these macOS acknowledges what is still in the drive's cache.
    "fullfsync = on",
    "checkpoint_fullfsync = on",
)


class SqliteDatabase:
    """A SQLite file, opened once in a process."""

    dialect: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, *, patience: float, queue_size: int) -> None:
        self.path = path
        file = _File(path, patience=patience)
        self._reads = Reads(file.connect_for_reading)
        self._writer = Writer(file, CommitLock(path), patience=patience, queue_size=queue_size)
        # Runs once: at close(), when the last reference goes, or when the interpreter exits.
        self._closing = weakref.finalize(self, _close, self._reads, self._writer)
        _abandon_in_children(self._reads, self._writer)

    @property
    def reads(self) -> Queries:
        """Give statements that see the latest commit, each on its own; any thread may use them."""
        return self._reads

    def write(self, closure: Callable[[Queries], T]) -> T:
        """Run the closure as if in a savepoint, together with what others write; return when it is durable."""
        return self._writer.perform(closure)

    def close(self) -> None:
        """Finish the writes that are queued, refuse later ones, and let go of the file."""
        self._closing()


def open_sqlite(rest: str, *, patience: float, queue_size: int) -> SqliteDatabase:
    """Open the file of `sqlite:///relative.db` or `sqlite:////absolute.db`, made if absent.

    A new file can be read by its owner only.

    Raises:
        CannotOpen: The address or the file is no good, or SQLite is too old.
    """
    if not rest.startswith("/") or "?" in rest or rest in ("/", "/:memory:"):
        raise CannotOpen("A SQLite address is sqlite:///relative.db or sqlite:////absolute/path.db.")
    if sqlite3.sqlite_version_info < _OLDEST:
        raise CannotOpen(f"SQLite {sqlite3.sqlite_version} is too old; 3.38 or newer is needed.")
    path = Path(rest[1:]).absolute()
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _enter_wal(path, patience=patience)
        return SqliteDatabase(path, patience=patience, queue_size=queue_size)
    except OSError as error:
        raise CannotOpen(f"The database file {path} cannot be used: {error.strerror}.") from error
    except sqlite3.Error as error:
        raise CannotOpen(f"The database file {path} cannot be used: {error}.") from error


class _File:
    """Opens connections to a file that must be there: one that vanished is not made anew, empty."""

    def __init__(self, path: Path, *, patience: float) -> None:
        self._path = path
        self._identity = _identify(path)
        self._address = f"{path.as_uri()}?mode=rw"
        self._patience = patience

    def connect_for_reading(self) -> sqlite3.Connection:
        """Open a connection that SQLite itself keeps from writing."""
        return self._open(_READING)

    def connect(self) -> sqlite3.Connection:
        """Open the writer's connection."""
        return self._open(_WRITING)

    def require_in_place(self) -> None:
        """Make sure that what is written now is found under the path later.

        A connection outlives the name of its file, and in WAL mode SQLite does not look. What is
        committed to a file that was removed or replaced is gone with the process.

        Raises:
            ServiceUnavailable: The file of this path is not the one that was opened.
        """
        try:
            found = _identify(self._path)
        except OSError as error:
            raise ServiceUnavailable("The database is gone.", retry_after=1) from error
        if found != self._identity:
            raise ServiceUnavailable("The database was replaced.", retry_after=1)

    def _open(self, pragmas: tuple[str, ...]) -> sqlite3.Connection:
        try:
            connection = _connect(self._address, patience=self._patience)
            for pragma in pragmas:
                connection.execute(f"pragma {pragma}")
        except sqlite3.Error as error:
            if is_unavailable(error):
                raise ServiceUnavailable("The database cannot be opened.", retry_after=1) from error
            raise
        return connection


def _identify(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _connect(address: str, *, patience: float) -> sqlite3.Connection:
    # One thread at a time has a connection, though not always the same one.
    return sqlite3.connect(
        address,
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=_CACHED_STATEMENTS,
    )


def _enter_wal(path: Path, *, patience: float) -> None:
    """Turn the file to WAL, once and for all.

    Under the lock, because two processes that turn one file at once are told "locked"
    without any wait.
    """
    lock = CommitLock(path)
    try:
        if not lock.acquire(within=patience):
            raise CannotOpen(f"The database file {path} is locked by another process.")
        connection = _connect(path.as_uri(), patience=patience)
        try:
            (mode,) = connection.execute("pragma journal_mode = wal").fetchone()
        finally:
            connection.close()
    finally:
        lock.close()
    if mode != "wal":
        raise CannotOpen(f"The database file {path} is on a file system without shared memory (WAL).")


def _close(reads: Reads, writer: Writer) -> None:
    # The writer first: a queued closure may still read.
    writer.close()
    reads.close()


def _abandon_in_children(reads: Reads, writer: Writer) -> None:
    """Mark both as unusable in every forked child, where the writer thread is missing.

    The hook cannot be taken back, so it holds nothing alive.
    """
    weak_reads, weak_writer = weakref.ref(reads), weakref.ref(writer)

    def abandon() -> None:
        for part in (weak_reads(), weak_writer()):
            if part is not None:
                part.abandon()

    os.register_at_fork(after_in_child=abandon)
