"""Reading SQL: parameters, literals, the ends of statements."""

from __future__ import annotations

import pytest

from gatelodge.kit.database.statements import number_parameters, place_parameters, replace_words, split_statements


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("select :a, :b, :a", "select $1, $2, $1", ("a", "b")),
        ("where x = :environment_id)", "where x = $1)", ("environment_id",)),
        ("select :a::text, '{}'::jsonb", "select $1::text, '{}'::jsonb", ("a",)),
        ("select ':a', 'it''s :b', :c", "select ':a', 'it''s :b', $1", ("c",)),
        ("select E'\\':a', e'\\\\', :b", "select E'\\':a', e'\\\\', $1", ("b",)),
        ('select ":a" from t where i = :i', 'select ":a" from t where i = $1', ("i",)),
        ("select 1 -- :a\n, :b", "select 1 -- :a\n, $1", ("b",)),
        ("select /* :a\n */ :b", "select /* :a\n */ $1", ("b",)),
        ("do $$ :a $$; select :b", "do $$ :a $$; select $1", ("b",)),
        ("do $f$ :a $$ $f$; select :b", "do $f$ :a $$ $f$; select $1", ("b",)),
        ("select 5 % 3, '100%' like :p", "select 5 % 3, '100%' like $1", ("p",)),
        ("select a[1:2]", "select a[1:2]", ()),
        ("values(:a,:b)", "values($1,$2)", ("a", "b")),
    ],
)
def test_parameters_are_numbered_and_nothing_else_is_touched(sql: str, text: str, names: tuple[str, ...]) -> None:
    assert number_parameters(sql) == (text, names)


def test_sqlite_takes_each_parameter_by_its_place() -> None:
    placed = place_parameters("select :a, ':b', :a where c = :d")
    assert placed == ("select ?, ':b', ? where c = ?", ("a", "a", "d"))


def test_a_script_is_cut_at_its_semicolons_and_nowhere_else() -> None:
    script = """
    -- one; two
    create table a (x text default ';'); /* ; */
    insert into a values ('it''s; -- not a comment');;
    select 1
    """

    assert split_statements(script) == [
        "create table a (x text default ';')",
        "insert into a values ('it''s; -- not a comment')",
        "select 1",
    ]


def test_words_are_exchanged_only_where_they_stand_bare() -> None:
    sql = "create table t (a BIGINT, \"bigint\" text, bigint_b bigint default 'bigint'::bigint) -- bigint"

    assert replace_words(sql, {"bigint": "integer"}) == (
        "create table t (a integer, \"bigint\" text, bigint_b integer default 'bigint'::integer) -- bigint"
    )
