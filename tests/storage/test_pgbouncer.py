"""Behind a transaction pooler: two server connections, handed from transaction to transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest

from gatelodge.kit.database import Queries
from gatelodge.kit.migrate import check_schema, migrate
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine
from tests.harness.guard import Guard
from tests.harness.unavailable import bring
from tests.storage.conftest import OPEN_ACCOUNT, Opener
from tests.storage.pgbouncer import Pooler, start_pooler, through

ADD = "update accounts set balance = balance + 1 where environment_id = 'e' and id = :id"


@pytest.fixture(scope="module")
def pooler(guard: Guard, postgres_url: str) -> Iterator[Pooler]:
    """Start a pgbouncer before the run's cluster."""
    pooler = bring(lambda: start_pooler(guard, postgres_url))
    yield pooler
    pooler.stop()


def test_reads_and_writes_work_behind_a_transaction_pooler(
    pooler: Pooler, accounts_url: Callable[[Engine], str], opened: Opener
) -> None:
    url = through(pooler, accounts_url("postgres"))
    database = opened(f"{url}?prepared_statements=off")
    errors: list[Exception] = []

    def work(number: int) -> None:
        name = f"a{number}"
        try:
            database.write(lambda queries: queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=0))
            for expected in range(1, 26):
                database.write(lambda queries: queries.run(ADD, id=name))
                assert database.reads.one("select balance from accounts where id = :id", id=name) == (expected,)
        except Exception as error:  # noqa: BLE001  # reported by the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert errors == []
    assert database.reads.one("select sum(balance) from accounts") == (200,)


def test_a_write_that_is_undone_leaves_no_trace_for_the_next_client(
    pooler: Pooler, accounts_url: Callable[[Engine], str], opened: Opener
) -> None:
    url = accounts_url("postgres")
    database = opened(f"{through(pooler, url)}?prepared_statements=off", patience=0.3)
    database.write(lambda queries: queries.run(OPEN_ACCOUNT, environment_id="e", id="a", balance=0))

    def fail(queries: Queries) -> None:
        queries.run(ADD, id="a")
        raise LookupError

    for _ in range(6):
        with pytest.raises(LookupError):
            database.write(fail)

    assert database.reads.one("select balance from accounts") == (0,)
    # What bounds the wait for locks must end with its transaction, not stay on a shared connection.
    for _ in range(4):
        with psycopg.connect(through(pooler, url), prepare_threshold=None) as other:
            assert other.execute("show lock_timeout").fetchone() == ("0",)


def test_migrations_are_applied_once_behind_a_transaction_pooler(
    pooler: Pooler, empty_database: FreshDatabase, opened: Opener
) -> None:
    url = f"{through(pooler, empty_database('postgres'))}?prepared_statements=off"
    applied: list[int] = []

    def work() -> None:
        applied.extend(each.version for each in migrate(opened(url), now=1))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert applied
    assert len(applied) == len(set(applied))
    check_schema(opened(url))
