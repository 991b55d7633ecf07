"""Events on the wire (contract page 23 §1)."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.paging import Limit, Order, Page
from gatelodge.contract.presence import always


class EventActor(msgspec.Struct, frozen=True, kw_only=True):
    """Who caused an event."""

    id: str
    source: Literal["api", "dashboard", "admin_portal", "system"]
    name: str | None


class EventContext(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The circumstances of an event."""

    client_id: str | None = None
    actor: EventActor | None = None
    previous_attributes: dict[str, Any] | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that happened, with the object it happened to."""

    object: Literal["event"] = always("event")
    id: str
    event: str
    data: dict[str, Any]
    """The object it happened to, as it was then; without secrets."""
    created_at: str
    context: EventContext | None = None


class ListEvents(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Read events oldest first, whatever `order` says.

    A consumer keeps the id of the last event it has handled and asks `after` it; no
    event that commits later can come to stand before that position.
    """

    events: list[str] | None = None
    range_start: str | None = None
    range_end: str | None = None
    organization_id: str | None = None
    limit: Limit = 10
    before: str | None = None
    after: str | None = None
    order: Order | None = None


LIST_EVENTS = Operation(
    name="list_events",
    method="GET",
    path="/events",
    access=Access.API_KEY,
    request=ListEvents,
    result=Page[Event],
    tag="events",
    summary="Read events, oldest first.",
)

OPERATIONS = (LIST_EVENTS,)
