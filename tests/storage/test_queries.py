"""What both engines promise alike."""

from __future__ import annotations

import enum
import threading
from collections.abc import Callable

import pytest

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database import (
    Database,
    NestedWrite,
    Queries,
    ReferenceViolation,
    TransactionOver,
    UniqueViolation,
    open_database,
)
from gatelodge.kit.database.interface import CannotOpen
from tests.storage.conftest import OPEN_ACCOUNT


def open_account(queries: Queries, name: str, *, balance: int = 0) -> int:
    return queries.run(OPEN_ACCOUNT, environment_id="e", id=name, balance=balance)


def names(database: Database) -> list[str]:
    return [row[0] for row in database.reads.all("select id from accounts order by id")]


def test_what_was_written_is_read_by_the_next_statement(database: Database) -> None:
    touched = database.write(lambda queries: open_account(queries, "a", balance=7))

    assert touched == 1
    assert database.reads.one("select balance from accounts where id = :id", id="a") == (7,)
    assert database.reads.one("select balance from accounts where id = :id", id="b") is None


def test_values_come_back_as_they_went_in(database: Database) -> None:
    def insert(queries: Queries) -> None:
        queries.run(
            "insert into accounts (environment_id, id, name, balance, is_open, notes, seal)"
            " values ('e', 'a', :name, :balance, :is_open, :notes, :seal)",
            name="50 % of it's 'ö' \U0001f511 :name $1",
            balance=2**62,
            is_open=False,
            notes='{"a": [1, null]}',
            seal=b"\x00\xff'",
        )

    database.write(insert)

    row = database.reads.one("select name, balance, is_open, notes, seal, owner_id from accounts")
    assert row is not None
    name, balance, is_open, notes, seal, owner = row
    assert name == "50 % of it's 'ö' \U0001f511 :name $1"
    assert balance == 2**62
    assert bool(is_open) is False
    assert notes == '{"a": [1, null]}'
    assert bytes(seal) == b"\x00\xff'"
    assert owner is None


def test_sums_and_counts_of_integers_are_integers(database: Database) -> None:
    database.write(lambda queries: [open_account(queries, name, balance=2**40) for name in "abc"])

    row = database.reads.one("select sum(balance), count(*) from accounts")

    assert row == (3 * 2**40, 3)
    assert [type(value) for value in row] == [int, int]


def test_a_closure_that_raises_leaves_nothing(database: Database) -> None:
    def write_and_raise(queries: Queries) -> None:
        open_account(queries, "a")
        raise LookupError("no")

    with pytest.raises(LookupError, match="no"):
        database.write(write_and_raise)

    assert names(database) == []


def test_returning_gives_rows_and_touches_all_of_them(database: Database) -> None:
    database.write(lambda queries: [open_account(queries, name) for name in "abc"])
    raise_balance = "update accounts set balance = balance + 1 where environment_id = 'e' returning id"

    first = database.write(lambda queries: queries.one(raise_balance))
    every = database.write(lambda queries: queries.all(raise_balance))
    touched = database.write(lambda queries: queries.run(raise_balance))

    assert first is not None
    assert sorted(every) == [("a",), ("b",), ("c",)]
    assert touched == 3
    assert database.reads.all("select distinct balance from accounts") == [(3,)]


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("insert into accounts (environment_id, id, name, balance) values ('e', 'a', 'x', 0)", "accounts_pkey"),
        ("insert into accounts (environment_id, id, name, balance) values ('e', 'x', 'a', 0)", "accounts_by_name"),
        ("update accounts set seal = 's' where environment_id = 'e'", "accounts_environment_id_seal_key"),
        ("insert into owners (id) values ('o'), ('o')", "owners_pkey"),
    ],
)
def test_a_taken_key_is_named_alike_on_both_engines(database: Database, sql: str, constraint: str) -> None:
    database.write(lambda queries: [open_account(queries, name) for name in "ab"])
    if database.dialect == "sqlite":
        # A strict table takes a text for bytes only when it is written as bytes.
        sql = sql.replace("'s'", "x'73'")

    with pytest.raises(UniqueViolation) as caught:
        database.write(lambda queries: queries.run(sql))

    assert caught.value.constraint == constraint
    assert names(database) == ["a", "b"]


def test_a_reference_to_nothing_is_refused_and_deletion_cascades(database: Database) -> None:
    def belong(queries: Queries) -> int:
        return queries.run("update accounts set owner_id = 'o'")

    database.write(lambda queries: open_account(queries, "a"))

    with pytest.raises(ReferenceViolation):
        database.write(belong)

    database.write(lambda queries: queries.run("insert into owners (id) values ('o')"))
    database.write(belong)
    database.write(lambda queries: queries.run("delete from owners"))
    assert names(database) == []


def test_a_violation_is_caught_around_the_write(database: Database) -> None:
    def once(queries: Queries) -> str:
        open_account(queries, "a")
        return "made"

    def make() -> str:
        try:
            return database.write(once)
        except UniqueViolation:
            return "taken"

    assert [make(), make()] == ["made", "taken"]


def test_going_on_after_a_failed_statement_is_refused_and_undone(database: Database) -> None:
    database.write(lambda queries: open_account(queries, "a"))

    def swallow(queries: Queries, *, go_on: bool) -> None:
        open_account(queries, "b")
        with pytest.raises(UniqueViolation):
            open_account(queries, "a")
        if go_on:
            open_account(queries, "c")

    for go_on in (False, True):
        with pytest.raises(TransactionOver):
            database.write(lambda queries, go_on=go_on: swallow(queries, go_on=go_on))  # type: ignore[misc]

    assert names(database) == ["a"]


def test_queries_of_a_finished_write_are_refused(database: Database) -> None:
    kept = database.write(lambda queries: queries)

    with pytest.raises(TransactionOver):
        open_account(kept, "a")


def test_a_write_inside_a_write_is_refused_and_not_a_deadlock(database: Database) -> None:
    def nested(queries: Queries) -> None:
        open_account(queries, "a")
        database.write(lambda inner: open_account(inner, "b"))

    with pytest.raises(NestedWrite):
        database.write(nested)

    assert names(database) == []
    assert database.write(lambda queries: open_account(queries, "c")) == 1


def test_reads_inside_a_write_see_what_was_committed_before(database: Database) -> None:
    database.write(lambda queries: open_account(queries, "a"))

    def look(queries: Queries) -> tuple[list[str], int]:
        open_account(queries, "b")
        return names(database), len(queries.all("select id from accounts"))

    assert database.write(look) == (["a"], 2)


def test_a_race_for_one_key_has_one_winner(database: Database) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(16)

    def race(number: int) -> None:
        start.wait(10)
        try:
            database.write(lambda queries: open_account(queries, "one", balance=number))
            outcomes.append("won")
        except UniqueViolation:
            outcomes.append("lost")

    in_threads(16, race)

    assert sorted(outcomes) == ["lost"] * 15 + ["won"]


def test_a_closed_database_answers_that_it_is_unavailable(database: Database) -> None:
    assert names(database) == []
    database.close()
    database.close()

    with pytest.raises(ServiceUnavailable):
        names(database)
    with pytest.raises(ServiceUnavailable):
        database.write(lambda queries: open_account(queries, "a"))


def test_a_missing_parameter_is_an_error_and_a_superfluous_one_is_not(database: Database) -> None:
    with pytest.raises(Exception, match="id"):
        database.reads.one("select name from accounts where id = :id")

    assert database.reads.one("select name from accounts where id = :id", id="a", more=1) is None


@pytest.mark.parametrize("url", ["", "app.db", "mysql://h/d", "sqlite://app.db", "sqlite:///", "sqlite:///:memory:"])
def test_an_address_that_is_not_understood_is_refused_in_one_line(url: str) -> None:
    with pytest.raises(CannotOpen) as caught:
        open_database(url)

    assert "\n" not in str(caught.value)


def in_threads(number: int, work: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=work, args=(each,)) for each in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


class Level(enum.StrEnum):
    LOW = "low"


class Number(enum.IntEnum):
    SEVEN = 7


def test_enumerations_travel_as_what_they_are(database: Database) -> None:
    database.write(
        lambda queries: queries.run(
            "insert into accounts (environment_id, id, name, balance, is_open, notes, seal)"
            " values ('e', 'a', :name, :balance, :is_open, '{}', :seal)",
            name=Level.LOW,
            balance=Number.SEVEN,
            is_open=True,
            seal=None,
        )
    )

    assert database.reads.one("select name, balance, seal from accounts") == ("low", 7, None)


def test_a_number_that_no_column_holds_is_refused(database: Database) -> None:
    with pytest.raises(OverflowError):
        database.write(lambda queries: open_account(queries, "a", balance=2**63))
    assert names(database) == []
