"""Values of events and of the questions asked about them."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.event_names import EVENT_NAMES
from gatelodge.contract.events import EventActor, EventContext, ListEvents
from gatelodge.contract.timestamps import read_timestamp
from gatelodge.kit.unit import Actor

LONGEST_RANGE = 30 * 86_400_000
"""Milliseconds that one reading may span (contract page 23 §1)."""
KEPT_FOR = 90 * 86_400_000
"""Milliseconds that events are kept."""


class EventQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A reading of the list, checked; instants in milliseconds, bounds inclusive."""

    names: tuple[str, ...]
    since: int
    until: int
    organization_id: str | None
    after: str | None
    before: str | None
    limit: int


class AuthenticationOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of an `authentication.…` event; all members but `error` are always there."""

    type: str
    status: str
    ip_address: str | None
    user_agent: str | None
    user_id: str | None
    email: str | None
    error: dict[str, str] | msgspec.UnsetType = UNSET


def context_of(actor: Actor) -> EventContext:
    """Tell who caused a change, as far as the caller proved it."""
    caused_by = EventContext(client_id=actor.client_id) if actor.client_id else EventContext()
    if actor.api_key_id is None:
        return caused_by
    by = EventActor(id=actor.api_key_id, source="api", name=actor.api_key_name)
    return msgspec.structs.replace(caused_by, actor=by)


def read_query(asked: ListEvents) -> EventQuery:
    """Check what is asked of the list.

    Raises:
        RequestInvalid: A name is unknown, an instant unreadable, the range too long, or
            `range_start` is combined with `after`.
    """
    unknown = [name for name in asked.events or () if name not in EVENT_NAMES]
    faults = [_fault("events", f"{name!r} is not the name of an event.") for name in unknown]
    since = _instant("range_start", asked.range_start, faults)
    until = _instant("range_end", asked.range_end, faults)
    if asked.range_start and asked.after:
        faults.append(_fault("range_start", "range_start cannot be combined with after."))
    if since is not None and until is not None and until - since > LONGEST_RANGE:
        faults.append(_fault("range_end", "One reading spans at most 30 days."))
    if faults:
        raise RequestInvalid(errors=faults)
    return EventQuery(
        names=tuple(asked.events or ()),
        since=-1 if since is None else since,
        until=1 << 62 if until is None else until,
        organization_id=asked.organization_id or None,
        after=asked.after or None,
        before=asked.before or None,
        limit=asked.limit,
    )


def _instant(name: str, text: str | None, faults: list[Fault]) -> int | None:
    if not text:
        return None
    try:
        return read_timestamp(text)
    except (ValueError, OverflowError):
        faults.append(_fault(name, f"{name} is not an ISO 8601 instant."))
        return None


def _fault(field: str, message: str) -> Fault:
    return Fault(code="invalid", field=field, message=message)
