"""The page on which a device without a browser is let in (RFC 8628 §3.3)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.doors.hosted.authorize import begin
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.rules import Progress
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.authorization.rules import Asked
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.devices import actions as devices
from gatelodge.features.devices.rules import WAITING, DeviceCode
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.users import actions as users
from gatelodge.kit import limits

DEVICE = "/device"
_LONGEST_CODE = 32


def show_device(visit: Visit) -> Response:
    """Ask for the code, or, once that is known and its user signed in, for the word."""
    typed = visit.ask("user_code")[:_LONGEST_CODE]
    if typed and not _may_try(visit):
        return show(visit, "device", typed=typed, fault="too_many_requests", status=429)
    found = _find(visit, typed) if typed else None
    session = visit.find_session() if found is not None else None
    if found is None or session is None:
        return show(visit, "device", typed=typed, fault=None)
    return _ask(visit, typed, found, session=session)


def _find(visit: Visit, typed: str) -> DeviceCode | None:
    environment_id = devices.find_environment(visit.unit, typed)
    if environment_id is None:
        return None
    visit.stand_for(environment_id)
    found = devices.find_waiting(visit.unit, typed)
    if found is None or found.answer != WAITING:
        return None
    visit.stand_for(environment_id, found.client_id)
    return found


def _ask(visit: Visit, typed: str, found: DeviceCode, *, session: BrowserSession) -> Response:
    user = users.find_user(visit.unit, session.user_id)
    client = applications.find_client(visit.unit, found.client_id)
    if user is None or client is None:
        return show(visit, "device", typed=typed, fault="user_code_unknown", status=400)
    active = memberships.list_active(visit.unit, user.id)
    chosen = msgspec.json.decode(session.state, type=ready(Progress)).organization_id
    return show(
        visit, "device_confirm", typed=typed, client=client.name, email=user.email, organizations=active, chosen=chosen
    )


def _may_try(visit: Visit) -> bool:
    """Charge a try of a code to the address that it comes from, so that codes cannot be searched for."""
    unit, setting = visit.unit, visit.settings.limit_per_code_address
    charged = limits.limit_on(unit, setting, "device", "address", unit.actor.ip_address)
    return unit.write(lambda queries: limits.charge(queries, unit, charged)) is None


def take_code(visit: Visit) -> Response:
    """Take the typed code; whoever is not signed in here signs in first."""
    typed = visit.field("user_code", _LONGEST_CODE)
    if not _may_try(visit):
        return show(visit, "device", typed=typed, fault="too_many_requests", status=429)
    found = _find(visit, typed)
    if found is None:
        return show(visit, "device", typed=typed, fault="user_code_unknown", status=400)
    here = write_redirect(DEVICE, user_code=typed)
    if visit.find_session() is not None:
        return go_to(visit, here)
    return begin(visit, Asked(client_id=found.client_id, returns_to=here))


def answer(visit: Visit) -> Response:
    """Let the device in as whoever is signed in here, or refuse it."""
    typed = visit.field("user_code", _LONGEST_CODE)
    found = _find(visit, typed)
    session = visit.find_session() if found is not None else None
    if found is None or session is None:
        return show(visit, "device", typed=typed, fault="user_code_unknown", status=400)
    is_allowed = visit.field("answer", 8) == "allow"
    if is_allowed:
        is_answered = devices.approve_device(visit.unit, found, session=session, state=_state(visit, session))
    else:
        is_answered = devices.refuse_device(visit.unit, found)
    if not is_answered:
        return show(visit, "device", typed=typed, fault="user_code_unknown", status=400)
    return show(visit, "device_done", allowed=is_allowed)


def _state(visit: Visit, session: BrowserSession) -> str:
    progress = msgspec.json.decode(session.state, type=ready(Progress))
    chosen = visit.field("organization_id", 64) or None
    if chosen is not None and memberships.find_active(visit.unit, session.user_id, chosen) is None:
        chosen = None
    confirmed = msgspec.structs.replace(
        progress,
        client_id=visit.unit.actor.client_id or "",
        organization_id=chosen,
        authenticated_at=session.authenticated_at,
        browser_session_id=session.id,
    )
    return msgspec.json.encode(confirmed).decode()
