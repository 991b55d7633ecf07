"""Migrations: numbered SQL files, applied forward only, once, and in order.

A file is `NNNN_name.sql`, one text for both engines in PostgreSQL's types; where that
cannot be, `NNNN_name.postgres.sql` replaces it on PostgreSQL. Each is applied in one
transaction under a lock, so that it is there whole or not at all, and of many processes
that start at once one applies it and the others find nothing to do.
"""

from __future__ import annotations

import functools
import hashlib
import re
from importlib import resources
from typing import TYPE_CHECKING, NamedTuple

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.schema import describe_schema
from gatelodge.kit.database.statements import replace_words, split_statements

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.resources.abc import Traversable

    from gatelodge.kit.database.interface import Database, Queries

__all__ = [
    "Applied",
    "Migration",
    "MigrationChanged",
    "MigrationInvalid",
    "SchemaBehind",
    "SchemaFault",
    "SchemaTooNew",
    "check_schema",
    "describe_schema",
    "list_tables",
    "migrate",
    "pending",
]

_FILE_NAME = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9_]+)(?P<postgres>\.postgres)?\.sql")
_SQLITE_WORDS = {"bigint": "integer", "boolean": "integer", "jsonb": "text", "bytea": "blob"}
_CREATE_TABLE = re.compile(r"create\s+table\b.*\)", re.IGNORECASE | re.DOTALL)
_MADE_TABLE = re.compile(r"^create table (\w+)", re.MULTILINE)
_OWN_TRANSACTION = re.compile(
    r"(begin|start|commit|end|rollback|savepoint|release|vacuum|pragma|attach|detach)\b", re.IGNORECASE
)
# Any number will do as long as it never changes: "gatelodg" in ASCII.
_LOCK_KEY = 0x676174656C6F6467
_WAITS = 24

_CREATE_HISTORY = """
create table if not exists schema_migrations (
  version bigint primary key, name text not null, hash text not null, applied_at bigint not null
)
"""


class Migration(NamedTuple):
    """A file that can be applied; `hash` is the SHA-256 of its text."""

    version: int
    name: str
    hash: str
    text: str


class Applied(NamedTuple):
    """A migration that a database has; `applied_at` is in milliseconds."""

    version: int
    name: str
    hash: str
    applied_at: int


class SchemaFault(Exception):
    """The schema and this version of Gatelodge do not go together; the message is one line."""


class SchemaTooNew(SchemaFault):
    """A newer version of Gatelodge has migrated this database."""


class SchemaBehind(SchemaFault):
    """The database lacks migrations."""


class MigrationChanged(SchemaFault):
    """The file of a migration differs from what was applied."""


class MigrationInvalid(SchemaFault):
    """A migration's file cannot be applied."""


def migrate(database: Database, *, now: int, directory: Traversable | None = None) -> list[Applied]:
    """Apply what is pending, each migration in a transaction of its own; give what was applied here.

    `now` is in milliseconds. A process that finds another at work waits for it, for
    two minutes at most. A migration that fails leaves those before it applied and
    nothing of its own.

    Raises:
        SchemaTooNew: A newer version has migrated the database.
        MigrationChanged: A file was edited after it had been applied.
        MigrationInvalid: A file is no good, or a statement of it failed.
        ServiceUnavailable: The database is lost, full or busy beyond the wait.
    """
    migrations = _read_migrations(database.dialect, directory)
    if not _compare(migrations, _history(database)):
        return []
    done = []
    for migration in migrations:
        closure = _application(migration, migrations, dialect=database.dialect, now=now)
        if applied := _write_patiently(database, closure):
            done.append(applied)
    return done


def pending(database: Database, *, directory: Traversable | None = None) -> list[Migration]:
    """List the migrations that the database lacks, in order; raise as `migrate` does."""
    return _compare(_read_migrations(database.dialect, directory), _history(database))


def check_schema(database: Database, *, directory: Traversable | None = None) -> None:
    """Make sure that this version of Gatelodge can work with the database.

    Raises:
        SchemaBehind: Migrations are pending.
        SchemaTooNew: A newer version has migrated the database.
        MigrationChanged: A file was edited after it had been applied.
    """
    if lacking := pending(database, directory=directory):
        raise SchemaBehind(
            f"The database lacks {len(lacking)} migration(s), from {_label(lacking[0])} on; run `gatelodge migrate`."
        )


@functools.cache
def list_tables() -> tuple[str, ...]:
    """List the tables that the shipped migrations make: the schema may hold others, which are not ours."""
    return tuple(name for migration in _read_own("postgres") for name in _MADE_TABLE.findall(migration.text))


def _read_migrations(dialect: str, directory: Traversable | None) -> list[Migration]:
    return list(_read_own(dialect)) if directory is None else _read_folder(dialect, directory)


@functools.cache
def _read_own(dialect: str) -> tuple[Migration, ...]:
    """Read those of this package, which every start asks for twice, once in a process."""
    return tuple(_read_folder(dialect, resources.files("gatelodge").joinpath("migrations")))


def _read_folder(dialect: str, directory: Traversable) -> list[Migration]:
    found: dict[int, Migration] = {}
    # The file for one engine comes before the common one, and so takes its place.
    for file in sorted((entry for entry in directory.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name):
        parts = _FILE_NAME.fullmatch(file.name)
        if parts is None:
            raise MigrationInvalid(f"{file.name} is not a migration's name, which is NNNN_name.sql.")
        if parts["postgres"] and dialect != "postgres":
            continue
        version = int(parts["version"])
        known = found.get(version)
        if known is None:
            found[version] = _read(file, version=version, name=parts["name"])
        elif known.name != parts["name"]:
            raise MigrationInvalid(f"Two migrations have the number {version:04}: {known.name} and {parts['name']}.")
    return [found[version] for version in sorted(found)]


def _read(file: Traversable, *, version: int, name: str) -> Migration:
    text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    return Migration(version, name, hashlib.sha256(text.encode()).hexdigest(), text)


def _history(database: Database) -> list[Applied]:
    if database.dialect == "sqlite":
        exists = database.reads.one("select 1 from sqlite_master where name = 'schema_migrations'")
    else:
        exists = database.reads.one("select 1 where to_regclass('schema_migrations') is not null")
    return _applied(database.reads) if exists else []


def _applied(queries: Queries) -> list[Applied]:
    rows = queries.all("select version, name, hash, applied_at from schema_migrations order by version")
    return [Applied(*row) for row in rows]


def _compare(migrations: list[Migration], applied: list[Applied]) -> list[Migration]:
    """Give what is pending, once it is sure that the rest is what was applied."""
    files = {migration.version: migration for migration in migrations}
    for row in applied:
        if row.version not in files:
            raise SchemaTooNew(
                f"The database has migration {_label(row)}, which this version of Gatelodge does not know; "
                "use the version that made it, or a newer one."
            )
        if files[row.version].hash != row.hash:
            raise MigrationChanged(f"Migration {_label(row)} was changed after it had been applied; restore its file.")
    latest = applied[-1].version if applied else -1
    have = {row.version for row in applied}
    lacking = [migration for migration in migrations if migration.version not in have]
    if lacking and lacking[0].version < latest:
        raise MigrationInvalid(
            f"Migration {_label(lacking[0])} comes before {latest:04}, which is applied; give it a new number."
        )
    return lacking


def _application(
    migration: Migration, migrations: list[Migration], *, dialect: str, now: int
) -> Callable[[Queries], Applied | None]:
    """Make the closure that applies one migration, unless another process has done so."""

    def apply(queries: Queries) -> Applied | None:
        if dialect == "postgres":
            # What the process before has committed must be seen once the lock is had.
            queries.run("set transaction isolation level read committed")
            # Ends with the transaction, so a transaction pooler does no harm.
            queries.one("select pg_advisory_xact_lock(:key)", key=_LOCK_KEY)
        queries.run(_CREATE_HISTORY if dialect == "postgres" else _for_sqlite(_CREATE_HISTORY.strip()))
        if migration not in _compare(migrations, _applied(queries)):
            return None
        for number, statement in enumerate(split_statements(migration.text), start=1):
            _run(queries, statement, dialect=dialect, place=f"{_label(migration)}, statement {number}")
        queries.run(
            "insert into schema_migrations (version, name, hash, applied_at) values (:version, :name, :hash, :now)",
            version=migration.version,
            name=migration.name,
            hash=migration.hash,
            now=now,
        )
        return Applied(migration.version, migration.name, migration.hash, now)

    return apply


def _run(queries: Queries, statement: str, *, dialect: str, place: str) -> None:
    if _OWN_TRANSACTION.match(statement):
        raise MigrationInvalid(f"Migration {place}: a migration is one transaction and cannot begin or end one.")
    if "deferrable" in statement.lower():
        # A check put off to the commit would fail the commit of SQLite's whole batch.
        raise MigrationInvalid(f"Migration {place}: deferrable constraints are not supported.")
    try:
        queries.run(statement if dialect == "postgres" else _for_sqlite(statement))
    except ServiceUnavailable:
        raise
    except Exception as error:
        reason = str(error).partition("\n")[0]
        raise MigrationInvalid(f"Migration {place}: {reason}") from error


def _for_sqlite(statement: str) -> str:
    """Exchange the types that strict tables refuse, and make the table strict."""
    statement = replace_words(statement, _SQLITE_WORDS)
    return f"{statement} strict" if _CREATE_TABLE.fullmatch(statement) else statement


def _write_patiently(database: Database, closure: Callable[[Queries], Applied | None]) -> Applied | None:
    """Write, waiting longer than usual for whoever holds the lock."""
    for _ in range(_WAITS - 1):
        try:
            return database.write(closure)
        except ServiceUnavailable:
            # The lock was waited for already, so there is no pause here; a server that is
            # down answers at once, and the last try below says so.
            continue
    return database.write(closure)


def _label(migration: Migration | Applied) -> str:
    return f"{migration.version:04}_{migration.name}"
