"""The page that shows where a user is signed in, and signs out there."""

from __future__ import annotations

from gatelodge.doors.hosted.account.access import Account, come_back, read_done
from gatelodge.doors.hosted.account.agents import read_agent
from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication import places
from gatelodge.features.authentication.places import Place

SESSIONS = "/account/sessions"
_LONGEST_ID = 64


def show_sessions(visit: Visit, account: Account) -> Response:
    """List where the user is signed in, this browser first."""
    found = places.list_places(visit.unit, account.user.id, current=account.session.id)
    return show(visit, "account_sessions", done=read_done(visit), places=[_describe(visit, place) for place in found])


def _describe(visit: Visit, place: Place) -> dict[str, object]:
    clients = [applications.find_client(visit.unit, client_id) for client_id in place.client_ids]
    browser, system = read_agent(place.user_agent or "")
    return {
        "id": place.id,
        "apps": [client.name for client in clients if client is not None],
        "at": place.signed_in_at,
        "browser": browser,
        "current": place.is_current,
        "ip_address": place.ip_address,
        "system": system,
    }


def sign_out_place(visit: Visit, account: Account) -> Response:
    """Sign out of one place; this browser has a button of its own."""
    place_id = visit.field("place", _LONGEST_ID)
    if place_id != account.session.id:
        places.sign_out_place(visit.unit, account.user.id, place_id)
    return come_back(visit, SESSIONS, done="one")


def sign_out_elsewhere(visit: Visit, account: Account) -> Response:
    """Sign out of every place but this browser."""
    places.sign_out_elsewhere(visit.unit, account.user.id, keep=account.session.id)
    return come_back(visit, SESSIONS, done="all")
