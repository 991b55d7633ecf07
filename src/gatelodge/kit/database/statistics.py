"""Statistics of tables that are new to PostgreSQL's planner.

While a table is all but empty every index of it seems to cost the same, and the planner takes
any: of `users` the one by age, of which it then reads everything that an environment has. A
statement keeps that plan until the table is analyzed, which autovacuum does within a minute.
In that minute, with 5,000 users and as many sessions, a user was found in 340 us instead of
160, and a refresh token with its session in 740 instead of 150.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.kit.database.interface import Database

# Rows that are changed again and again are no growth.
_YOUNG = """
select format('%I.%I', spaces.nspname, tables.relname)
  from pg_class as tables join pg_namespace as spaces on spaces.oid = tables.relnamespace
 where tables.relnamespace = (select relnamespace from pg_class where oid = to_regclass('schema_migrations'))
   and tables.relname = any(string_to_array(:names, ' '))
   and tables.relkind = 'r' and tables.reltuples < :old and pg_has_role(tables.relowner, 'usage')
   and pg_stat_get_mod_since_analyze(tables.oid) > :few + greatest(tables.reltuples, 0)
   and pg_stat_get_live_tuples(tables.oid) > :few + 2 * greatest(tables.reltuples, 0)
"""
# Below so many rows any plan will do; autovacuum thinks so, too.
_FEW = 50
# With so many, the tenth part that autovacuum waits for is not many times what there was.
_OLD = 100_000


def study_young_tables(database: Database, names: Sequence[str]) -> None:
    """Analyze those of the tables named that have doubled since they were last analyzed; on SQLite do nothing.

    Its planner prefers the key without being told of rows. Tables of another owner are left
    to autovacuum, as are those that somebody else analyzes at the moment.

    Raises:
        ServiceUnavailable: The database is lost or busy.
    """
    if database.dialect == "sqlite":
        return
    for (table,) in database.reads.all(_YOUNG, names=" ".join(names), old=_OLD, few=_FEW):
        database.reads.run(f"analyze (skip_locked) {table}")
