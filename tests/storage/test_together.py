"""Several questions in one statement have the answers that each would have by itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gatelodge.kit.database import Database, Queries, Question, ask_together, open_database


@pytest.fixture
def filled(database_url: str) -> Iterator[Database]:
    database = open_database(database_url)

    def fill(queries: Queries) -> None:
        queries.run("create table places (id text primary key, name text, rank bigint)")
        queries.run("insert into places (id, name, rank) values ('a', null, 1), ('b', null, 2)")

    database.write(fill)
    yield database
    database.close()


def by_id(wanted: str) -> Question:
    return Question("select id, name, rank from places where id = :id", 3, {"id": wanted})


def by_rank(wanted: int) -> Question:
    return Question("select id, rank from places where rank = :rank limit 1", 2, {"rank": wanted})


def test_each_question_has_its_own_answer_or_none(filled: Database) -> None:
    assert ask_together(filled.reads, by_id("a"), by_rank(2)) == [("a", None, 1), ("b", 2)]
    assert ask_together(filled.reads, by_id("x"), by_rank(2)) == [None, ("b", 2)]
    assert ask_together(filled.reads, by_id("a"), by_rank(9), by_id("a")) == [("a", None, 1), None, ("a", None, 1)]
    assert ask_together(filled.reads, by_rank(9)) == [None]


def test_one_name_does_not_stand_for_two_values(filled: Database) -> None:
    with pytest.raises(ValueError, match=":id"):
        ask_together(filled.reads, by_id("a"), by_id("b"))
