"""SQL on events and their positions."""

from __future__ import annotations

import msgspec

from gatelodge.contract.events import Event, EventContext
from gatelodge.contract.shapes import ready
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.features.events.rules import EventQuery
from gatelodge.kit.database import Queries, Row


def _event(row: Row) -> Event:
    event_id, name, payload, context, created_at = row
    return Event(
        id=event_id,
        event=name,
        data=msgspec.json.decode(payload),
        created_at=write_timestamp(created_at),
        context=None if context is None else msgspec.json.decode(context, type=ready(EventContext)),
    )


def insert(
    queries: Queries,
    *,
    environment_id: str,
    event_id: str,
    name: str,
    organization_id: str | None,
    payload: str,
    context: str | None,
    now: int,
) -> None:
    """Store an event, as yet without a position."""
    queries.queue(
        """
        insert into events
          (environment_id, id, name, organization_id, payload, context, created_at)
        values (:environment_id, :id, :name, :organization_id, :payload, :context, :now)
        """,
        environment_id=environment_id,
        id=event_id,
        name=name,
        organization_id=organization_id,
        payload=payload,
        context=context,
        now=now,
    )


def has_unplaced(queries: Queries, environment_id: str) -> bool:
    """Tell whether committed events wait for their position."""
    row = queries.one(
        "select 1 from events where environment_id = :environment_id and position is null limit 1",
        environment_id=environment_id,
    )
    return row is not None


def list_environments_unplaced(queries: Queries) -> list[str]:
    """List the environments in which events wait for their position, first the one that waits longest."""
    # Asked for the time as well, SQLite looks through the few that wait, and not through the positions of all.
    rows = queries.all(
        "select environment_id from events where position is null group by environment_id order by min(created_at)"
    )
    return [row[0] for row in rows]


def lock_positions(queries: Queries, environment_id: str) -> int:
    """Take the environment's one row, which other sequencers wait for; give its position."""
    row = queries.one(
        """
        insert into event_positions (environment_id, last_position) values (:environment_id, 0)
        on conflict (environment_id) do update set last_position = event_positions.last_position
        returning last_position
        """,
        environment_id=environment_id,
    )
    return 0 if row is None else row[0]


def place(queries: Queries, environment_id: str, *, after: int, limit: int) -> int:
    """Give visible events that wait for their position the next ones, in order of their instant; answers how many."""
    return queries.run(
        """
        update events set position = waiting.position
          from (select id, :after + row_number() over (order by created_at, id) as position
                  from events where environment_id = :environment_id and position is null
                 order by created_at, id limit :limit) as waiting
         where events.environment_id = :environment_id and events.id = waiting.id
        """,
        environment_id=environment_id,
        after=after,
        limit=limit,
    )


def set_last_position(queries: Queries, environment_id: str, position: int) -> None:
    """Write down the last position given."""
    queries.run(
        "update event_positions set last_position = :position where environment_id = :environment_id",
        environment_id=environment_id,
        position=position,
    )


def find_position(queries: Queries, environment_id: str, event_id: str) -> int | None:
    """Find the position of an event."""
    row = queries.one(
        "select position from events where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=event_id,
    )
    return None if row is None else row[0]


def find_position_at(queries: Queries, environment_id: str, instant: int) -> int:
    """Find the last position among events older than an instant, for a swept cursor."""
    row = queries.one(
        """
        select max(position) from events
         where environment_id = :environment_id and created_at <= :instant
        """,
        environment_id=environment_id,
        instant=instant,
    )
    return 0 if row is None or row[0] is None else row[0]


def list_between(
    queries: Queries, environment_id: str, query: EventQuery, *, low: int, high: int, newest: bool
) -> list[Event]:
    """List placed events between two positions, one more than the page holds."""
    names = {f"name_{index}": name for index, name in enumerate(query.names)}
    by_name = f"and name in ({', '.join(':' + key for key in names)})" if names else ""
    by_organization = "and organization_id = :organization_id" if query.organization_id else ""
    rows = queries.all(
        f"""
        select id, name, payload, context, created_at from events
         where environment_id = :environment_id and position > :low and position < :high
           and created_at >= :since and created_at <= :until
           {by_name} {by_organization}
         order by position {"desc" if newest else "asc"} limit :limit
        """,
        environment_id=environment_id,
        low=low,
        high=high,
        since=query.since,
        until=query.until,
        organization_id=query.organization_id,
        limit=query.limit + 1,
        **names,
    )
    return [_event(row) for row in rows]


def sweep(queries: Queries, *, before: int, limit: int) -> int:
    """Remove events older than an instant."""
    return queries.run(
        """
        delete from events where (environment_id, id) in
          (select environment_id, id from events where created_at < :before limit :limit)
        """,
        before=before,
        limit=limit,
    )
