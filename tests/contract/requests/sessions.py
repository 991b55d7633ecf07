"""List and end sessions."""

from __future__ import annotations

from tests.contract.requests.life import Send, session_of
from tests.harness.inprocess import Answer, House


def list_sessions(house: House) -> Answer:
    """List a user's sessions, of which there is one."""
    return house.get(f"/user_management/users/{session_of(house)['user_id']}/sessions")


def logout(house: House) -> Answer:
    """Follow a logout link."""
    query = {"session_id": session_of(house)["id"], "return_to": "http://localhost:3000"}
    return house.call("GET", "/user_management/sessions/logout", key=None, query=query)


def revoke_session(house: House) -> Answer:
    """End a session."""
    return house.post("/user_management/sessions/revoke", {"session_id": session_of(house)["id"]})


REQUESTS: dict[str, Send] = {
    "list_sessions": list_sessions,
    "logout": logout,
    "revoke_session": revoke_session,
}
