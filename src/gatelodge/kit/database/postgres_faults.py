"""What PostgreSQL's errors mean to a caller, and which of them ask for another try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract.errors import ServiceUnavailable
from gatelodge.kit.database.interface import ReferenceViolation, UniqueViolation, Unmet

if TYPE_CHECKING:
    import psycopg

_UNIQUE = "23505"
_REFERENCE = frozenset({"23503", "23001"})
_UNMET = "22012"  # division by zero: how a transaction requires a row
_CONFLICT = frozenset({"40001", "40P01"})
_STALE_PLAN = "0A000"
_UNAVAILABLE_CLASSES = ("53", "58")  # out of resources, failing disk
_UNAVAILABLE = frozenset(
    {
        "25006",  # the primary has become a replica
        "55P03",  # lock_timeout
        "57014",  # statement_timeout
    }
)
_LOST_CLASS = "08"
_LOST = frozenset(
    {
        "57P01",
        "57P02",
        "57P03",
        "57P05",
        "25P03",
        "26000",  # the server has forgotten a prepared statement of this connection, and perhaps all
    }
)


class Conflict(Exception):
    """The server chose this transaction to give way; running it again is the cure."""


class Lost(Exception):
    """The connection is gone or of no use; another one may do."""


def fault_of(error: psycopg.Error, connection: psycopg.Connection) -> Exception:
    """Give the exception that stands for this one.

    What is neither a taken key nor a matter of the database's health stays as it is: it
    is our mistake. Of a violation only the name of the constraint is kept, since the
    server's text quotes the row.
    """
    state = error.sqlstate or ""
    if state == _UNIQUE:
        return UniqueViolation(error.diag.constraint_name)
    if state in _REFERENCE:
        return ReferenceViolation(error.diag.constraint_name)
    if state == _UNMET:
        return Unmet()
    if state in _CONFLICT:
        return Conflict(state)
    if connection.closed or state in _LOST or state.startswith(_LOST_CLASS) or _is_stale_plan(error, state):
        return _because(Lost(state), error)
    if state in _UNAVAILABLE or state.startswith(_UNAVAILABLE_CLASSES):
        return _because(ServiceUnavailable("The database is busy or full; try again.", retry_after=1), error)
    return error


def unreachable(cause: Exception) -> ServiceUnavailable:
    """Give the error for a database that does not answer."""
    fault = ServiceUnavailable("The database cannot be reached; try again.", retry_after=1)
    fault.__cause__ = cause
    return fault


def _is_stale_plan(error: psycopg.Error, state: str) -> bool:
    # A migration changed a column's type under a prepared statement of this connection.
    return state == _STALE_PLAN and "cached plan" in str(error)


def _because(fault: Exception, cause: Exception) -> Exception:
    fault.__cause__ = cause
    return fault
