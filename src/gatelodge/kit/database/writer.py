"""The one writer of a SQLite file: group commit.

Callers queue closures and wait. The writer takes the lock that all processes share, then
all that is queued, runs the closures one after the other and commits once, so that one
`fsync` serves every caller that waited. While it commits, the next batch gathers.

It has a thread of its own. Where many callers share a thread (`kit.waiting`), that one
commits for all of them itself: to hand a batch to another thread and to wait for it there
costs more than the commit, and the two would take the interpreter's lock from each other.
That is so only where a commit is quick: on a slow disk the thread could do nothing
meanwhile, so there it leaves its batches to the writer's.

Few closures raise after they have changed something. So a batch runs without savepoints at
first; when one of them does, it is rolled back as a whole and runs again, each closure in
a savepoint of its own.
"""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import NestedWrite, Queries, UsedAfterFork
from gatelodge.kit.database.sqlite_queries import Transaction
from gatelodge.kit.waiting import do_later, wait

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.kit.database.commit_lock import CommitLock

T = TypeVar("T")

_BATCH = 256
_CLOSE_SECONDS = 30.0
_LEADING_PATIENCE = 0.005
"""Seconds that a thread with other things to do waits for the lock."""
_QUICK_SECONDS = 0.002
_SLOW_IN_A_ROW = 3
_LEFT_IN_A_ROW = 64


class File(Protocol):
    """The file that is written to."""

    def connect(self) -> sqlite3.Connection:
        """Open a connection that writes."""

    def require_in_place(self) -> None:
        """Raise when what is committed would not be found again."""


class _Job:
    """One queued closure and, later, what came of it."""

    __slots__ = ("closure", "error", "over", "value")

    over: Callable[[], None]
    """Tells the caller; set when the job is queued."""

    def __init__(self, closure: Callable[[Queries], Any]) -> None:
        self.closure = closure
        self.value: Any = None
        self.error: BaseException | None = None

    def fail(self, cause: BaseException) -> None:
        """Say that nothing of it is there; each caller gets an exception of its own."""
        self.value = None
        self.error = ServiceUnavailable("The database is busy or full; try again.", retry_after=1)
        self.error.__cause__ = cause


class _Pace:
    """Whether commits are so quick that a thread with other things to do may wait for them.

    Some in a row have to be slow: one in a few hundred also copies the log into the file. Then
    the next ones are left to the writer's thread, until another try.
    """

    def __init__(self) -> None:
        self._slow = 0
        self._left = 0

    def note(self, seconds: float) -> None:
        """Note how long a commit took that was waited for."""
        self._slow = self._slow + 1 if seconds > _QUICK_SECONDS else 0
        if self._slow >= _SLOW_IN_A_ROW:
            self._left = _LEFT_IN_A_ROW

    def choose_to_lead(self) -> bool:
        """Choose whether the next commit is tried; otherwise it counts as left."""
        if self._left:
            self._left -= 1
            return False
        return True


class Writer:
    """Runs closures one after the other and answers when they are durable.

    The thread is a daemon: an interpreter that exits is never held up, and what it may cut
    off was not acknowledged yet.
    """

    def __init__(
        self,
        file: File,
        lock: CommitLock,
        *,
        patience: float,
        queue_size: int,
    ) -> None:
        self._file = file
        self._lock = lock
        self._patience = patience
        self._queue_size = queue_size
        self._queue: deque[_Job] = deque()
        self._wake = threading.Condition()
        # Who holds it is the writer. It guards the lock's files and the connection.
        self._turn = threading.Lock()
        self._writing: int | None = None
        self._pace = _Pace()
        self._closing = False
        self._forked = False
        self._connection: sqlite3.Connection | None = None
        # As of some commit; where it is not the newest, a batch runs again for nothing.
        self._schema: int | None = None
        self._thread = threading.Thread(target=self._serve, name="gatelodge-sqlite-writer", daemon=True)
        self._thread.start()

    def perform(self, closure: Callable[[Queries], T]) -> T:
        """Queue the closure, wait for its commit, and give its value or raise its error."""
        if self._forked:
            raise UsedAfterFork
        if threading.get_ident() == self._writing:
            raise NestedWrite
        job = _Job(closure)
        wait(partial(self._enqueue, job))
        if job.error is None:
            value: T = job.value
            return value
        try:
            raise job.error
        finally:
            # The traceback holds this frame, and this frame the job: cut the ring.
            del job

    def _enqueue(self, job: _Job, over: Callable[[], None]) -> None:
        job.over = over
        with self._wake:
            if self._closing:
                raise ServiceUnavailable("The database is closed.", retry_after=1)
            if len(self._queue) >= self._queue_size:
                raise ServiceUnavailable("Too many writes wait for the database; try again.", retry_after=1)
            self._queue.append(job)
            if not do_later(self._lead):
                self._wake.notify()

    def abandon(self) -> None:
        """Forget the thread in a forked child, and keep no lock there that the parent holds."""
        self._forked = True
        self._lock.close()

    def close(self) -> None:
        """Finish what is queued, then end the thread; a second call does nothing."""
        if self._forked:
            return
        with self._wake:
            self._closing = True
            self._wake.notify()
        # The collector may close a forgotten database on any thread, even on this one.
        if threading.current_thread() is not self._thread:
            self._thread.join(_CLOSE_SECONDS)

    def _serve(self) -> None:
        while self._wait_for_work():
            with self._turn:
                # What was there may have been taken since.
                if self._queue:
                    self._settle()
        with self._turn:
            self._drop_connection()
            self._lock.close()

    def _lead(self) -> None:
        """Commit what is queued on a thread that others share, or wake the writer's for it."""
        led = False
        if self._pace.choose_to_lead() and self._turn.acquire(blocking=False):
            try:
                led = not self._queue or self._settle_at_once()
            finally:
                self._turn.release()
        if not led:
            with self._wake:
                self._wake.notify()

    def _settle_at_once(self) -> bool:
        """Run and commit what is queued, if the lock is free by and by; otherwise do nothing."""
        try:
            if not self._lock.acquire(within=_LEADING_PATIENCE):
                return False
        except OSError:
            return False
        batch = self._take(_BATCH)
        _answer(batch, self._try_commit(batch))
        return True

    def _wait_for_work(self) -> bool:
        with self._wake:
            while not self._queue and not self._closing:
                self._wake.wait()
            return bool(self._queue)

    def _settle(self) -> None:
        """Run and commit what is queued, and answer its callers, also when the lock cannot be had."""
        fault: BaseException | None = self._try_lock()
        # Without the lock nobody in the queue can be served: taking turns at waiting would add up.
        batch = self._take(_BATCH if fault is None else self._queue_size)
        if fault is None:
            fault = self._try_commit(batch)
        _answer(batch, fault)

    def _take(self, limit: int) -> list[_Job]:
        with self._wake:
            return [self._queue.popleft() for _ in range(min(limit, len(self._queue)))]

    def _try_lock(self) -> Exception | None:
        try:
            taken = self._lock.acquire(within=self._patience)
        except OSError as error:
            return error
        return None if taken else TimeoutError("Another process holds the database's commit lock.")

    def _try_commit(self, batch: list[_Job]) -> BaseException | None:
        self._writing = threading.get_ident()
        try:
            self._run_and_commit(batch)
        except BaseException as error:  # noqa: BLE001  # the callers get it; this thread must live
            self._drop_connection()
            return error
        finally:
            self._writing = None
            self._lock.release()
        return None

    def _run_and_commit(self, batch: list[_Job]) -> None:
        self._file.require_in_place()
        if self._connection is None:
            self._connection = self._file.connect()
            self._schema = _number_schema(self._connection)
        self._connection.execute("begin immediate")
        if len(batch) == 1:
            # What it raises undoes all there is.
            if _run(self._connection, batch[0]):
                self._commit(self._connection)
            else:
                self._connection.execute("rollback")
            return
        if not self._run_all(self._connection, batch):
            self._connection.execute("rollback")
            self._connection.execute("begin immediate")
            self._schema = _number_schema(self._connection)
            for job in batch:
                _run_in_savepoint(self._connection, job)
        self._commit(self._connection)

    def _commit(self, connection: sqlite3.Connection) -> None:
        began = time.monotonic()
        connection.execute("commit")
        if threading.current_thread() is not self._thread:
            self._pace.note(time.monotonic() - began)

    def _run_all(self, connection: sqlite3.Connection, batch: list[_Job]) -> bool:
        """Run closures; False once one has raised and may have left a change behind, which has to be undone.

        A rollback by SQLite itself (a full disk) is one, too: it took the changes of those before.
        """
        for job in batch:
            before = connection.total_changes
            if not _run(connection, job) and (
                connection.total_changes != before
                or not connection.in_transaction
                or _number_schema(connection) != self._schema
            ):
                return False
        return True

    def _drop_connection(self) -> None:
        """Roll back and close: after a failed commit a fresh connection is the safe one."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with contextlib.suppress(sqlite3.Error):
            # A statement that a traceback keeps alive would keep the lock past close().
            connection.rollback()
        with contextlib.suppress(sqlite3.Error):
            connection.close()


def _answer(batch: list[_Job], fault: BaseException | None) -> None:
    """Tell the callers that it is over, or that nothing of it is there."""
    for job in batch:
        if fault is not None:
            job.fail(fault)
        job.over()


def _number_schema(connection: sqlite3.Connection) -> int:
    """Give the number that every change of the schema raises: `total_changes` counts rows alone."""
    number: int = connection.execute("pragma schema_version").fetchone()[0]
    return number


def _run_in_savepoint(connection: sqlite3.Connection, job: _Job) -> None:
    """Run one closure; what it raises undoes it alone.

    Its error waits for the commit like a value does: it may rest on what a neighbour in
    the batch has written. Where SQLite has rolled back the whole transaction by itself (a
    full disk), the savepoint is gone and the whole batch fails.
    """
    connection.execute("savepoint closure")
    if not _run(connection, job):
        connection.execute("rollback to closure")
    connection.execute("release closure")


def _run(connection: sqlite3.Connection, job: _Job) -> bool:
    """Run one closure; False when it raised, and what it did has to be undone."""
    transaction = Transaction(connection)
    try:
        job.value, job.error = job.closure(transaction), None
        transaction.end()
    except BaseException as error:  # noqa: BLE001  # handed to the caller
        transaction.abandon()
        job.value, job.error = None, error
        return False
    return True
