"""Let a device in, as a user does who is signed in to the pages."""

from __future__ import annotations

from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.devices import actions as devices
from gatelodge.kit.unit import Unit


def approve(unit: Unit, typed: object, *, user_id: str, state: str) -> bool:
    """Confirm the device that shows this code from a browser that has just signed the user in."""
    code = devices.find_waiting(unit, str(typed))
    assert code is not None
    session = browser_sessions.new_session(
        unit, session_id=unit.new_id("browser_session"), user_id=user_id, token=f"cookie of {typed}", state=state
    )
    unit.write(lambda queries: browser_sessions.keep(queries, unit, session))
    return devices.approve_device(unit, code, session=session, state=state)
