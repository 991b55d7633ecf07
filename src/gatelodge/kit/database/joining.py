"""Choose how a caller's transaction is joined: by whose connection it is."""

from __future__ import annotations

import sqlite3
import sys

from gatelodge.kit.database.interface import Database
from gatelodge.kit.database.joined import JoinedDatabase, JoiningRefused

_DEEPEST = 4


def join(database: Database, connection: object) -> JoinedDatabase:
    """Join the transaction of a caller's connection to the same database.

    The connection is `sqlite3`'s or psycopg's, or what SQLAlchemy or Django wrap around
    one. Where no transaction is open yet, and the connection would open one by itself, one
    is opened.

    Raises:
        JoiningRefused: It is no such connection, leads to another database, or commits each
            statement by itself.
    """
    raw = _unwrap(connection)
    if isinstance(raw, sqlite3.Connection):
        from gatelodge.kit.database.joined_sqlite import join_sqlite

        return JoinedDatabase(join_sqlite(database, raw))
    # Whoever holds a connection of psycopg has imported it.
    psycopg = sys.modules.get("psycopg")
    if psycopg is not None and isinstance(raw, psycopg.Connection):
        from gatelodge.kit.database.joined_postgres import join_postgres

        return JoinedDatabase(join_postgres(database, raw))
    raise JoiningRefused(
        f"A {type(connection).__name__} is neither a connection of sqlite3 nor one of psycopg (version 3)."
    )


def _unwrap(connection: object) -> object:
    """Find the driver's connection inside SQLAlchemy's or Django's."""
    for _ in range(_DEEPEST):
        if isinstance(connection, sqlite3.Connection):
            return connection
        inner = getattr(connection, "driver_connection", None) or getattr(connection, "connection", None)
        if inner is None:
            return connection
        connection = inner
    return connection
