"""Where a user is signed in: browsers with what came of them, and sessions of apps by themselves."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.features.authentication.actions import withdraw_sign_ins
from gatelodge.features.authentication.rules import Progress
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Session
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

_MOST = 100


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A browser or an app that a user is signed in with; instants in milliseconds."""

    id: str
    user_agent: str | None
    ip_address: str | None
    signed_in_at: int
    client_ids: tuple[str, ...]
    """The apps that hold a session of it."""
    is_current: bool = False


def list_places(unit: Unit, user_id: str, *, current: str) -> list[Place]:
    """List where a user is signed in, the browser at hand first, then by the time of the sign-in, newest first.

    A session of an app belongs to the browser that it came of; where that has ended, or
    there never was one, it stands by itself. At most a hundred of each are looked at.
    """
    found = sessions.list_of_user(unit, user_id, most=_MOST)
    browsers = browser_sessions.list_of_user(unit, user_id, most=_MOST)
    ids = {browser.id for browser in browsers}
    places = [_of_browser(browser, found, current=current) for browser in browsers]
    places += [_of_app(session) for session in found if session.browser_session_id not in ids]
    return sorted(places, key=lambda place: (not place.is_current, -place.signed_in_at))


def _of_browser(browser: BrowserSession, found: Iterable[Session], *, current: str) -> Place:
    progress = read_progress(browser)
    apps = [session.client_id for session in found if session.browser_session_id == browser.id]
    return Place(
        id=browser.id,
        user_agent=progress.user_agent,
        ip_address=progress.ip_address,
        signed_in_at=browser.authenticated_at,
        client_ids=tuple(dict.fromkeys(apps)),
        is_current=browser.id == current,
    )


def _of_app(session: Session) -> Place:
    return Place(
        id=session.id,
        user_agent=session.user_agent,
        ip_address=session.ip_address,
        signed_in_at=session.authenticated_at,
        client_ids=(session.client_id,),
    )


def read_progress(session: BrowserSession) -> Progress:
    """Tell what a browser session has proved."""
    return msgspec.json.decode(session.state, type=ready(Progress))


def sign_out_place(unit: Unit, user_id: str, place_id: str) -> None:
    """Sign a user out of one place; one that is not theirs, or not any more, is let be."""

    def write(queries: Queries) -> None:
        if users.hold_user(queries, unit, user_id) is None:
            return
        if any(browser.id == place_id for browser in browser_sessions.list_of_user(unit, user_id, most=_MOST)):
            sessions.end_browser(queries, unit, user_id, browser_session_id=place_id)
        elif any(session.id == place_id for session in sessions.list_of_user(unit, user_id, most=_MOST)):
            sessions.end(queries, unit, place_id)
        withdraw_sign_ins(queries, unit, user_id)

    unit.conclude(write)


def sign_out_elsewhere(unit: Unit, user_id: str, *, keep: str) -> None:
    """Sign a user out of every place but the browser session that is kept, with what came of it.

    A sign-in that is under way has to begin again.
    """

    def write(queries: Queries) -> None:
        if users.hold_user(queries, unit, user_id) is not None:
            withdraw_sign_ins(queries, unit, user_id)
            sessions.end_all(queries, unit, user_id, keep=keep)

    unit.conclude(write)
