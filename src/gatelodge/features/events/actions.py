"""Record events, number them after their commit, and list them."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.events import Event, EventContext, ListEvents
from gatelodge.contract.ids import find_instant
from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.features.events import store
from gatelodge.features.events.rules import KEPT_FOR, context_of, read_query
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

_BATCH = 1000
_LAST = 1 << 62


def record(
    queries: Queries,
    unit: Unit,
    name: str,
    subject: msgspec.Struct | dict[str, object],
    *,
    organization_id: str | None = None,
    environment_id: str | None = None,
) -> None:
    """Write an event in the transaction of the change that it tells of.

    `subject` becomes the payload as it is, so it must hold no secret. Events of one
    instant keep the order in which they were recorded: cause before effect.
    """
    context = context_of(unit.actor)
    store.insert(
        queries,
        environment_id=environment_id or unit.actor.environment_id,
        event_id=unit.new_ordered_id("event"),
        name=name,
        organization_id=organization_id,
        payload=msgspec.json.encode(subject).decode(),
        context=None if context == EventContext() else msgspec.json.encode(context).decode(),
        now=unit.now,
    )


def place_events(unit: Unit, environment_id: str) -> int:
    """Give positions to committed events that have none; answers how many.

    Two sequencers exclude each other by the environment's row, and each numbers only
    what is visible to it, so a position once readable has none missing before it.
    """

    def write(queries: Queries) -> int:
        last = store.lock_positions(queries, environment_id)
        count = store.place(queries, environment_id, after=last, limit=_BATCH)
        store.set_last_position(queries, environment_id, last + count)
        return count

    placed = 0
    while store.has_unplaced(unit.read, environment_id) and placed < 100 * _BATCH:
        placed += unit.write(write)
    return placed


def place_all_events(unit: Unit) -> int:
    """Give positions in every environment; called by the worker."""
    waiting = store.list_environments_unplaced(unit.read)
    return sum(place_events(unit, environment_id) for environment_id in waiting)


def list_events(unit: Unit, asked: ListEvents) -> Page[Event]:
    """List events oldest first; `after` gives what came later than that event.

    Raises:
        RequestInvalid: A name, an instant or a cursor cannot be used.
    """
    query = read_query(asked)
    environment_id = unit.actor.environment_id
    place_events(unit, environment_id)
    low = _position(unit, "after", query.after) if query.after else 0
    high = _position(unit, "before", query.before) if query.before else _LAST
    backwards = query.before is not None and query.after is None
    events = store.list_between(unit.read, environment_id, query, low=low, high=high, newest=backwards)
    more = len(events) > query.limit
    events = events[: query.limit]
    if backwards:
        events.reverse()
    if not events:
        return Page(data=[], list_metadata=ListMetadata())
    has_before = more if backwards else query.after is not None
    has_after = backwards or more
    return Page(
        data=events,
        list_metadata=ListMetadata(
            before=events[0].id if has_before else None,
            after=events[-1].id if has_after else None,
        ),
    )


def _position(unit: Unit, name: str, cursor: str) -> int:
    instant = find_instant(cursor, "event")
    if instant is None:
        fault = Fault(code="invalid", field=name, message=f"{name} is not the id of an event.")
        raise RequestInvalid(errors=[fault])
    found = store.find_position(unit.read, unit.actor.environment_id, cursor)
    if found is not None:
        return found
    return store.find_position_at(unit.read, unit.actor.environment_id, instant)


def sweep(unit: Unit) -> int:
    """Remove events past their 90 days."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - KEPT_FOR, limit=_BATCH))
