"""What a database is made of, in words that are equal on both engines."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gatelodge.kit.database.interface import Database, Queries

_KINDS = {"bigint": "integer", "boolean": "integer", "jsonb": "text", "bytea": "blob"}
_DELETIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}


class Column(NamedTuple):
    """A column; its type is one of SQLite's, to which PostgreSQL's are mapped."""

    name: str
    type: str
    nullable: bool
    has_default: bool


class Index(NamedTuple):
    """An index that is not the primary key's; `desc` follows a column that runs downward."""

    name: str
    columns: tuple[str, ...]
    unique: bool
    partial: bool


class Reference(NamedTuple):
    """A foreign key."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]
    on_delete: str


class Table(NamedTuple):
    """A table; columns stand in their order, indexes and references are sorted."""

    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    indexes: tuple[Index, ...]
    references: tuple[Reference, ...]


def describe_schema(database: Database) -> dict[str, Table]:
    """Describe every table by name, so that the same migrations compare equal on both engines.

    Check constraints and the text of defaults, expressions and conditions are left out.
    """
    queries = database.reads
    describe = _describe_sqlite_table if database.dialect == "sqlite" else _describe_postgres_table
    names = queries.all(_SQLITE_TABLES if database.dialect == "sqlite" else _POSTGRES_TABLES)
    return {name: describe(queries, name) for (name,) in names}


def _describe_sqlite_table(queries: Queries, table: str) -> Table:
    columns = queries.all(_SQLITE_COLUMNS, table=table)
    key = [name for _, name in sorted((place, row[0]) for *row, place in columns if place)]
    indexes = []
    for name, unique, origin, partial in queries.all(_SQLITE_INDEXES, table=table):
        names = tuple(column for (column,) in queries.all(_SQLITE_INDEX_COLUMNS, index=name))
        shown = name if origin == "c" else f"{table}_{'_'.join(names)}_key"
        indexes.append(Index(shown, names, bool(unique), bool(partial)))
    pairs = defaultdict(list)
    for number, target, column, target_column, on_delete in queries.all(_SQLITE_REFERENCES, table=table):
        pairs[number, target, on_delete.lower()].append((column, target_column))
    return Table(
        columns=tuple(
            # The columns of a key are not null in a strict table, said or not.
            Column(name, kind.lower(), not required and not place, bool(has_default))
            for name, kind, required, has_default, place in columns
        ),
        primary_key=tuple(key),
        indexes=tuple(sorted(indexes)),
        references=tuple(
            sorted(
                Reference(tuple(near for near, _ in both), target, tuple(far for _, far in both), on_delete)
                for (_, target, on_delete), both in pairs.items()
            )
        ),
    )


def _describe_postgres_table(queries: Queries, table: str) -> Table:
    key = queries.one(_POSTGRES_KEY, table=table)
    return Table(
        columns=tuple(
            Column(name, _KINDS.get(kind, str(kind)), not required, has_default)
            for name, kind, required, has_default in queries.all(_POSTGRES_COLUMNS, table=table)
        ),
        primary_key=tuple(key[0]) if key else (),
        indexes=tuple(
            sorted(
                Index(name, tuple(columns), unique, partial)
                for name, columns, unique, partial in queries.all(_POSTGRES_INDEXES, table=table)
            )
        ),
        references=tuple(
            sorted(
                Reference(tuple(columns), target, tuple(targets), _DELETIONS[on_delete])
                for columns, target, targets, on_delete in queries.all(_POSTGRES_REFERENCES, table=table)
            )
        ),
    )


_SQLITE_TABLES = """
select name from sqlite_master
where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name
"""

_SQLITE_COLUMNS = """
select name, type, "notnull", dflt_value is not null, pk
from pragma_table_xinfo(:table) where hidden <> 1 order by cid
"""

_SQLITE_INDEXES = """
select name, "unique", origin, partial from pragma_index_list(:table) where origin <> 'pk'
"""

_SQLITE_INDEX_COLUMNS = """
select coalesce(name, '<expression>') || case when "desc" then ' desc' else '' end
from pragma_index_xinfo(:index) where key = 1 order by seqno
"""

_SQLITE_REFERENCES = """
select id, "table", "from", "to", on_delete from pragma_foreign_key_list(:table) order by id, seq
"""

_POSTGRES_TABLES = """
select c.relname::text from pg_class c
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') order by c.relname::text collate "C"
"""

_POSTGRES_COLUMNS = """
select a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef
from pg_attribute a
where a.attrelid = cast(:table as text)::regclass and a.attnum > 0 and not a.attisdropped
order by a.attnum
"""

_POSTGRES_KEY = """
select array(
  select a.attname::text from unnest(i.indkey::smallint[]) with ordinality as k (number, place)
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by k.place
)
from pg_index i where i.indrelid = cast(:table as text)::regclass and i.indisprimary
"""

_POSTGRES_INDEXES = """
select c.relname::text, array(
  select coalesce(a.attname::text, '<expression>') || case when o.flags & 1 = 1 then ' desc' else '' end
  from unnest(i.indkey::smallint[]) with ordinality as k (number, place)
  join unnest(i.indoption::smallint[]) with ordinality as o (flags, place) on o.place = k.place
  left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
  order by k.place
), i.indisunique, i.indpred is not null
from pg_index i join pg_class c on c.oid = i.indexrelid
where i.indrelid = cast(:table as text)::regclass and not i.indisprimary
"""

_POSTGRES_REFERENCES = """
select array(
  select a.attname::text from unnest(k.conkey) with ordinality as n (number, place)
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = n.number order by n.place
), t.relname::text, array(
  select a.attname::text from unnest(k.confkey) with ordinality as n (number, place)
  join pg_attribute a on a.attrelid = k.confrelid and a.attnum = n.number order by n.place
), k.confdeltype::text
from pg_constraint k join pg_class t on t.oid = k.confrelid
where k.conrelid = cast(:table as text)::regclass and k.contype = 'f'
"""
