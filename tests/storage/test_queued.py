"""Statements of a transaction that wait for the next one."""

from __future__ import annotations

import sqlite3

import pytest

from gatelodge.kit.database import (
    Database,
    Queries,
    Queued,
    ReferenceViolation,
    TransactionOver,
    UniqueViolation,
    Unmet,
)
from tests.storage.conftest import OPEN_ACCOUNT


def open_account(queries: Queries, name: str) -> int:
    return queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=0)


def names(database: Database) -> list[str]:
    return [row[0] for row in database.reads.all("select id from accounts order by id")]


def queue_account(queries: Queries, name: str) -> Queued:
    return queries.queue(OPEN_ACCOUNT, environment_id="e", id=name, balance=0)


COUNT = "select count(*) from accounts"


def test_what_is_queued_is_run_before_the_next_statement_and_in_its_order(database: Database) -> None:
    def write(queries: Queries) -> list[object]:
        queue_account(queries, "a")
        seen: list[object] = [queries.one(COUNT)]
        queue_account(queries, "b")
        queries.queue("update accounts set balance = balance + 5")
        queries.queue("update accounts set balance = balance * 2")
        seen.append(queries.all("select id, balance from accounts order by id"))
        queue_account(queries, "c")
        seen.append(queries.run("update accounts set balance = 1"))
        return seen

    assert database.write(write) == [(1,), [("a", 10), ("b", 10)], 3]


def test_what_is_still_queued_at_the_end_is_committed(database: Database) -> None:
    queued = database.write(lambda queries: [queue_account(queries, name) for name in "ab"])

    assert names(database) == ["a", "b"]
    assert [statement.count() for statement in queued] == [1, 1]


def test_every_row_of_what_was_queued_is_given_in_the_transaction_and_after_it(database: Database) -> None:
    def write(queries: Queries) -> tuple[Queued, list[object]]:
        queue_account(queries, "a")
        queue_account(queries, "b")
        listed = queries.queue("select id from accounts order by id")
        return queries.queue("select id from accounts order by id desc"), [*listed.all()]

    queued, seen = database.write(write)

    assert seen == [("a",), ("b",)]
    assert queued.all() == [("b",), ("a",)]
    assert database.reads.queue("select id from accounts where id = 'c'").all() == []


def test_what_was_queued_answers_as_often_as_it_is_asked(database: Database) -> None:
    def write(queries: Queries) -> tuple[Queued, Queued, Queued]:
        first = queries.queue(f"{OPEN_ACCOUNT} returning id, balance", environment_id="e", id="a", balance=3)
        second = queries.queue("update accounts set balance = 4 where id = 'b' returning id")
        third = queries.queue("update accounts set balance = balance + 1 where id = :id", id="a")
        assert (third.count(), third.one()) == (1, None)
        return first, second, third

    first, second, third = database.write(write)

    assert (first.one(), first.one(), first.count()) == (("a", 3), ("a", 3), 1)
    assert (second.one(), second.count()) == (None, 0)
    assert third.count() == 1


def test_a_closure_that_raises_by_an_answer_undoes_what_was_queued_behind_it(database: Database) -> None:
    def write(queries: Queries) -> None:
        missing = queries.queue("update accounts set balance = 1 where id = 'nobody'")
        queue_account(queries, "a")
        if not missing.count():
            raise LookupError

    with pytest.raises(LookupError):
        database.write(write)

    assert names(database) == []


@pytest.mark.parametrize("asks", [True, False])
def test_a_queued_statement_that_fails_undoes_everything(database: Database, *, asks: bool) -> None:
    database.write(lambda queries: open_account(queries, "taken"))

    def write(queries: Queries) -> None:
        open_account(queries, "a")
        queue_account(queries, "taken")
        after = queue_account(queries, "b")
        if asks:
            after.count()

    with pytest.raises(UniqueViolation):
        database.write(write)

    assert names(database) == ["taken"]


def test_a_queued_reference_that_leads_nowhere_is_told(database: Database) -> None:
    def write(queries: Queries) -> None:
        open_account(queries, "a")
        queries.queue("update accounts set owner_id = 'nobody'")

    with pytest.raises(ReferenceViolation):
        database.write(write)

    assert names(database) == []


HAS_ACCOUNT = "select 1 from accounts where id = :id"


@pytest.mark.parametrize("asks", [True, False])
def test_a_transaction_stands_by_the_row_that_it_requires(database: Database, *, asks: bool) -> None:
    def write(queries: Queries, required: str) -> Queued:
        queue_account(queries, "a")
        queries.require(HAS_ACCOUNT, id=required)
        made = queue_account(queries, "b")
        if asks:
            made.count()
        return made

    with pytest.raises(Unmet):
        database.write(lambda queries: write(queries, "nobody"))
    before = names(database)
    made = database.write(lambda queries: write(queries, "a"))

    assert before == []
    assert (names(database), made.count()) == (["a", "b"], 1)


def test_what_follows_a_row_that_is_missing_is_refused(database: Database) -> None:
    def require_and_open(queries: Queries) -> None:
        queries.require(HAS_ACCOUNT, id="nobody")
        open_account(queries, "a")

    def write(queries: Queries) -> None:
        with pytest.raises(Unmet):
            require_and_open(queries)
        open_account(queries, "b")

    with pytest.raises(TransactionOver):
        database.write(write)

    assert names(database) == []


def test_a_read_requires_a_row_as_well(database: Database) -> None:
    database.write(lambda queries: open_account(queries, "a"))

    database.reads.require(HAS_ACCOUNT, id="a")
    with pytest.raises(Unmet):
        database.reads.require(HAS_ACCOUNT, id="b")


def test_nothing_can_be_queued_once_a_statement_has_failed_or_the_closure_has_ended(database: Database) -> None:
    kept: list[Queries] = []
    database.write(kept.append)

    def go_on(queries: Queries) -> None:
        open_account(queries, "a")
        with pytest.raises(UniqueViolation):
            open_account(queries, "a")
        queue_account(queries, "b")

    with pytest.raises(TransactionOver):
        database.write(go_on)
    with pytest.raises(TransactionOver):
        queue_account(kept[0], "a")
    assert names(database) == []


def test_a_read_that_is_queued_is_run_at_once(database: Database) -> None:
    counted = database.reads.queue(COUNT)
    database.write(lambda queries: open_account(queries, "a"))

    assert counted.one() == (0,)
    assert database.reads.queue(COUNT).one() == (1,)


def test_a_write_that_asks_nothing_is_allowed(database: Database) -> None:
    assert database.write(lambda _: 7) == 7


def test_a_batch_larger_than_any_buffer_gets_through(database: Database) -> None:
    long = "x" * 400_000

    def write(queries: Queries) -> list[str]:
        for name in "abcdef":
            queries.queue(f"{OPEN_ACCOUNT} returning id", environment_id="e", id=name, balance=0)
        texts = [queries.queue("select cast(:text as text)", text=long + name) for name in "abcdef"]
        return [str((row := text.one()) and row[0]) for text in texts]

    assert database.write(write) == [long + name for name in "abcdef"]


@pytest.mark.parametrize("value", [2**63, "\ud800", object()])
def test_a_value_that_cannot_travel_ends_the_transaction(database: Database, value: object) -> None:
    def write(queries: Queries) -> None:
        queue_account(queries, "a")
        with pytest.raises((OverflowError, ValueError, TypeError, sqlite3.Error)):
            queries.run("update accounts set name = 'x' where name = :value", value=value)
        queue_account(queries, "b")

    for _ in range(2):
        with pytest.raises(TransactionOver):
            database.write(write)

    assert names(database) == []
    database.write(lambda queries: queue_account(queries, "c"))
    assert names(database) == ["c"]
