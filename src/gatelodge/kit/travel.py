"""The movable clock of development mode: an offset in the database that all processes see.

Every lifetime of ours follows it. Other people's clocks do not: tokens' `iat` and `exp`,
TOTP steps and webhook times stay on the wall clock.
"""

from __future__ import annotations

from gatelodge.kit.clock import Clock
from gatelodge.kit.database import Database


class TravellingClock:
    """The wall clock plus the offset that is stored now."""

    def __init__(self, wall: Clock, database: Database) -> None:
        """Read the offset from this database at each call."""
        self._wall = wall
        self._database = database

    def now(self) -> int:
        """Tell the travelled instant in milliseconds."""
        return self._wall.now() + find_offset(self._database)


def find_offset(database: Database) -> int:
    """Find the offset in milliseconds."""
    row = database.reads.one("select milliseconds from clock_offsets where id = 1")
    return 0 if row is None else int(row[0])


def advance(database: Database, milliseconds: int) -> int:
    """Move the clock on; answers the new offset."""
    row = database.write(
        lambda queries: queries.one(
            """
            insert into clock_offsets (id, milliseconds) values (1, :milliseconds)
            on conflict (id) do update
               set milliseconds = clock_offsets.milliseconds + excluded.milliseconds
            returning milliseconds
            """,
            milliseconds=milliseconds,
        )
    )
    return 0 if row is None else int(row[0])


def reset(database: Database) -> None:
    """Bring the clock back to the wall."""
    database.write(lambda queries: queries.run("delete from clock_offsets"))
