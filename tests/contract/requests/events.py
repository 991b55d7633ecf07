"""Read what happened."""

from __future__ import annotations

from collections.abc import Callable

from tests.contract.requests.life import Send, session_of
from tests.harness.inprocess import Answer, House


def list_events(house: House) -> Answer:
    """List the events of a life: sign-ins that fail and succeed, sessions, a deletion."""
    session = session_of(house)
    steps: tuple[Callable[[], object], ...] = (
        lambda: house.sign_in(password="another horse 18"),
        lambda: house.create_user("grace@example.com", email_verified=False),
        lambda: house.sign_in("grace@example.com"),
        lambda: house.post("/user_management/sessions/revoke", {"session_id": session["id"]}),
        lambda: house.put(f"/user_management/users/{session['user_id']}", {"locale": "en-GB"}),
        lambda: house.delete(f"/user_management/users/{session['user_id']}"),
    )
    for step in steps:
        # One instant for each, so that their order is the same in every run.
        house.clock.advance(seconds=1)
        step()
    return house.get("/events", limit=100)


REQUESTS: dict[str, Send] = {
    "list_events": list_events,
}
