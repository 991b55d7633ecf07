# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Events: what happened, in order (contract page 23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import events as contract
from gatelodge.contract.events import Event
from gatelodge.sdk._sync.calls import Calls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatelodge.sdk._sync.paging import PageOf


class Events(Calls):
    """The methods for events."""

    def list_events(
        self,
        events: Sequence[str] | None = None,
        *,
        organization_id: str | None = None,
        range_start: str | None = None,
        range_end: str | None = None,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
    ) -> PageOf[Event]:
        """Read events, oldest first, of the kinds named in `events` or of all.

        `GET /events`, contract page 23 §1. Keep the id of the last event that you have
        handled and give it as `after`: no event is ever skipped. `range_start` and
        `range_end` are ISO 8601 instants; `limit` is 1 to 100 events a page.

        Example:
            page = um.list_events(["user.created", "user.deleted"], after=last_event_id)

        Raises:
            RequestInvalid: A name, an instant, `limit` or a cursor cannot be used.
        """
        names = [events] if isinstance(events, str) else events
        request = contract.ListEvents(
            events=None if names is None else list(names),
            organization_id=organization_id,
            range_start=range_start,
            range_end=range_end,
            limit=limit,
            before=before,
            after=after,
        )
        return self._get_page(contract.LIST_EVENTS, request, Event)
