"""One writer thread, one commit for many: what callers on SQLite can count on."""

from __future__ import annotations

import shutil
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database import Database, Queries, UniqueViolation
from tests.storage.conftest import OPEN_ACCOUNT, Opener


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@contextmanager
def foreign_writer(url: str) -> Iterator[sqlite3.Connection]:
    """Hold SQLite's write lock as a database shell would, knowing nothing of ours."""
    connection = sqlite3.connect(file_of(url), isolation_level=None)
    connection.execute("begin immediate")
    try:
        yield connection
        connection.execute("rollback")
    finally:
        connection.close()


def commits_in_log(url: str) -> int:
    """Count the frames of the write-ahead log that end a commit (SQLite file format, §4.1)."""
    log = Path(f"{file_of(url)}-wal").read_bytes()
    if not log:
        return 0
    (page_size,) = struct.unpack_from(">I", log, 8)
    salt = log[16:24]
    commits = 0
    for place in range(32, len(log), page_size + 24):
        _, size_after, *_ = struct.unpack_from(">II", log, place)
        commits += bool(size_after) and log[place + 8 : place + 16] == salt
    return commits


def open_account(queries: Queries, name: str) -> int:
    return queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=0)


def count(database: Database) -> int:
    row = database.reads.one("select count(*) from accounts")
    assert row is not None
    return int(row[0])


def queue(pool: ThreadPoolExecutor, database: Database, closures: list[Any]) -> list[Future[Any]]:
    futures = [pool.submit(database.write, closure) for closure in closures]
    # Long enough for every thread to have queued its closure.
    time.sleep(0.2)
    return futures


def opening(name: str) -> Any:
    return lambda queries: open_account(queries, name)


def test_writes_that_wait_together_share_a_commit(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    open_account_now = database.write(opening("first"))
    before = commits_in_log(sqlite_url)

    with ThreadPoolExecutor(60) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, [opening(f"a{number}") for number in range(60)])
        values = [future.result(10) for future in futures]

    assert open_account_now == 1
    assert values == [1] * 60
    assert count(database) == 61
    # The first goes alone, for it was alone when the writer took it; the rest go together.
    assert commits_in_log(sqlite_url) - before <= 2


def test_a_closure_that_raises_is_undone_without_harm_to_its_neighbours(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)

    def write_and_raise(queries: Queries) -> None:
        open_account(queries, "undone")
        raise LookupError("mine")

    closures = [opening("plug")]
    for number in range(10):
        closures += [opening(f"kept{number}"), write_and_raise, opening(f"kept{number}")]
    with ThreadPoolExecutor(len(closures)) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, closures)
        errors = [type(future.exception(10)) for future in futures]

    assert errors.count(LookupError) == 10
    assert errors.count(UniqueViolation) == 10
    assert errors.count(type(None)) == 11
    assert count(database) == 11


@pytest.mark.parametrize(
    "statement",
    [
        "create table another (id integer primary key) strict",
        "create index another on accounts (balance)",
        "alter table accounts add column another text",
        "drop index accounts_by_name",
        "drop table owners",
        "delete from accounts",
    ],
)
def test_a_closure_that_raises_leaves_tables_as_they_were(sqlite_url: str, opened: Opener, statement: str) -> None:
    database = opened(sqlite_url)
    described = "select type, name, sql from sqlite_master order by type, name"
    before = database.reads.all(described)

    def change_and_raise(queries: Queries) -> None:
        queries.run(statement)
        raise LookupError("mine")

    closures = [opening("plug"), opening("first"), change_and_raise, opening("last")]
    with ThreadPoolExecutor(len(closures)) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, closures)
        errors = [type(future.exception(10)) for future in futures]

    assert errors == [type(None), type(None), LookupError, type(None)]
    assert database.reads.all(described) == before
    assert count(database) == 3


def test_what_raises_before_it_changes_anything_makes_nobody_run_again(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    database.write(opening("taken"))
    runs: list[str] = []

    def tracked(name: str, closure: Any) -> Any:
        def run(queries: Queries) -> Any:
            runs.append(name)
            return closure(queries)

        return run

    def find_nothing(queries: Queries) -> None:
        assert queries.run("update accounts set balance = 1 where id = 'nobody'") == 0
        raise LookupError("nobody")

    closures = [opening("plug"), tracked("first", opening("first")), tracked("nothing", find_nothing)]
    closures += [tracked("taken", opening("taken")), tracked("last", opening("last"))]
    with ThreadPoolExecutor(len(closures)) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, closures)
        errors = [type(future.exception(10)) for future in futures]

    assert errors == [type(None), type(None), LookupError, UniqueViolation, type(None)]
    assert sorted(runs) == ["first", "last", "nothing", "taken"]
    assert count(database) == 4


def test_a_batch_that_runs_again_gives_what_the_second_run_gave(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    runs: list[int] = []

    def change_mind(queries: Queries) -> str:
        open_account(queries, "changed mind")
        runs.append(1)
        if len(runs) == 1:
            raise LookupError("the first time only")
        return "the second time"

    closures = [opening("plug"), opening("first"), change_mind, opening("last")]
    with ThreadPoolExecutor(len(closures)) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, closures)
        values = [future.result(10) for future in futures]

    assert values == [1, 1, "the second time", 1]
    assert count(database) == 4


def test_a_foreign_lock_is_waited_for_a_bounded_time_and_the_next_try_works(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url, patience=0.3)

    with foreign_writer(sqlite_url):
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable) as caught:
            database.write(opening("a"))
        waited = time.monotonic() - began
        assert count(database) == 0

    assert 0.2 < waited < 2
    assert caught.value.retry_after == 1
    assert database.write(opening("a")) == 1


def test_reads_go_on_while_a_writer_holds_the_lock(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    database.write(opening("a"))

    with foreign_writer(sqlite_url) as foreign:
        foreign.execute("delete from accounts")
        began = time.monotonic()
        assert count(database) == 1
        assert time.monotonic() - began < 0.5


def test_a_full_queue_refuses_at_once_and_serves_what_it_took(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url, queue_size=4)

    with ThreadPoolExecutor(30) as pool:
        with foreign_writer(sqlite_url):
            plug = queue(pool, database, [opening("plug")])
            futures = queue(pool, database, [opening(f"a{number}") for number in range(29)])
            refused, _ = wait(futures, timeout=0)
        errors = [future.exception(10) for future in futures]

    assert len(refused) == 25
    assert all(isinstance(future.exception(), ServiceUnavailable) for future in refused)
    assert errors.count(None) == 4
    assert plug[0].result(10) == 1
    assert count(database) == 5


def test_closing_finishes_what_is_queued(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)

    with ThreadPoolExecutor(20) as pool:
        with foreign_writer(sqlite_url):
            futures = queue(pool, database, [opening(f"a{number}") for number in range(20)])
            closing = threading.Thread(target=database.close)
            closing.start()
            time.sleep(0.05)
        closing.join(10)
        values = [future.result(10) for future in futures]

    assert values == [1] * 20
    assert count(opened(sqlite_url)) == 20


def test_a_failure_in_the_commit_fails_every_caller_and_nothing_is_there(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    database.write(opening("before"))

    def vanish(queries: Queries) -> None:
        open_account(queries, "vanishing")
        # What SQLite itself does with a full disk: the whole transaction is gone.
        queries.run("rollback")

    with ThreadPoolExecutor(11) as pool:
        with foreign_writer(sqlite_url):
            plug = queue(pool, database, [opening("plug")])
            together = queue(pool, database, [*[opening(f"a{n}") for n in range(5)], vanish])
        errors = [future.exception(10) for future in together]

    assert [type(error) for error in errors] == [ServiceUnavailable] * 6
    assert plug[0].result(10) == 1
    assert count(database) == 2
    assert database.write(opening("after")) == 1


def test_a_read_cannot_write(sqlite_url: str, opened: Opener) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        opened(sqlite_url).reads.run("delete from accounts")


def test_threads_that_end_leave_no_connection_behind(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    name = file_of(sqlite_url).name

    def open_files() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(name in str(link.readlink()) for link in links if link.exists())

    for _ in range(10):
        threads = [threading.Thread(target=count, args=(database,)) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)

    assert open_files() < 3 * 25
    before = open_files()
    for _ in range(100):
        thread = threading.Thread(target=count, args=(database,))
        thread.start()
        thread.join(10)
    assert open_files() <= before


def test_a_database_that_is_forgotten_ends_its_thread(sqlite_url: str, opened: Opener) -> None:
    opened(sqlite_url)  # keeps the file in use, as a second process would
    from gatelodge.kit.database import open_database

    before = threading.active_count()
    forgotten = open_database(sqlite_url)
    forgotten.write(opening("a"))
    assert threading.active_count() == before + 1

    del forgotten

    assert threading.active_count() == before


def test_a_file_that_vanished_is_not_made_anew(sqlite_url: str, opened: Opener) -> None:
    database = opened(sqlite_url)
    file_of(sqlite_url).unlink()

    with pytest.raises(ServiceUnavailable):
        database.write(opening("a"))

    assert not file_of(sqlite_url).exists()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_nothing_is_acknowledged_that_goes_to_a_file_without_a_name(
    is_replaced: bool,  # noqa: FBT001 (a column of the table)
    sqlite_url: str,
    opened: Opener,
) -> None:
    database = opened(sqlite_url)
    database.write(opening("before"))
    file = file_of(sqlite_url)
    elsewhere = file.with_name("elsewhere.db")
    file.rename(elsewhere)
    if is_replaced:
        shutil.copyfile(elsewhere, file)

    # The connections are open, and would go on with the file that they have.
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            database.write(opening("lost"))
    elsewhere.replace(file)
    database.write(opening("after"))

    assert {row[0] for row in database.reads.all("select id from accounts")} == {"before", "after"}


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path, opened: Opener) -> None:
    database = opened(f"sqlite:///{tmp_path / 'new.db'}")
    database.write(lambda queries: queries.run("create table t (a text)"))

    modes = {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir()}

    assert set(modes) >= {"new.db", "new.db-wal", "new.db-lock", "new.db-turn"}
    assert set(modes.values()) == {0}
