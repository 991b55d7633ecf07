"""Open, find, use and end browser sessions."""

from __future__ import annotations

from gatelodge.features.browser_sessions import store
from gatelodge.features.browser_sessions.rules import TOKEN_PURPOSE, BrowserSession
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

_SWEEP_BATCH = 500


def new_session(unit: Unit, *, session_id: str, user_id: str, token: str, state: str) -> BrowserSession:
    """Make what `keep` stores; `token` is what the browser's cookie will hold."""
    return BrowserSession(
        id=session_id,
        token_hash=unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE),
        user_id=user_id,
        state=state,
        authenticated_at=unit.now,
        used_at=unit.now,
        expires_at=unit.now + unit.settings.session_ttl * 1000,
        created_at=unit.now,
    )


def keep(queries: Queries, unit: Unit, session: BrowserSession) -> None:
    """Store a browser session within the write that ends the sign-in."""
    store.insert(queries, unit.actor.environment_id, session)


def find(unit: Unit, token: str) -> BrowserSession | None:
    """Find the live browser session of a cookie."""
    return store.find(
        unit.read,
        unit.actor.environment_id,
        unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE),
        now=unit.now,
        idle_since=_idle_since(unit),
    )


def find_anywhere(unit: Unit, token: str) -> tuple[str, BrowserSession] | None:
    """Find the live browser session of a cookie, and before it the environment that it is of."""
    return store.find_anywhere(
        unit.read,
        unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE),
        now=unit.now,
        idle_since=_idle_since(unit),
    )


def _idle_since(unit: Unit) -> int:
    return unit.now - unit.settings.session_idle_ttl * 1000


def list_of_user(unit: Unit, user_id: str, *, most: int) -> list[BrowserSession]:
    """List the live browser sessions of a user, the one used last first."""
    return store.list_of_user(
        unit.read,
        unit.actor.environment_id,
        user_id,
        now=unit.now,
        idle_since=_idle_since(unit),
        limit=most,
    )


def use(queries: Queries, unit: Unit, session: BrowserSession) -> bool:
    """Note that a browser session is used again; False when it has ended in between."""
    return store.touch(queries, unit.actor.environment_id, session.id, now=unit.now)


def remember(queries: Queries, unit: Unit, session: BrowserSession, *, state: str) -> None:
    """Note within a transaction what a later sign-in of the browser has come to."""
    store.update_state(queries, unit.actor.environment_id, session.id, state=state)


def end(queries: Queries, unit: Unit, session_id: str) -> None:
    """End a browser session within a transaction; one that has ended already is let be."""
    store.delete(queries, unit.actor.environment_id, session_id)


def end_all(queries: Queries, unit: Unit, user_id: str, *, keep: str = "") -> None:
    """End every browser session of a user but one, within the transaction of the change that asks for it."""
    store.delete_of_user(queries, unit.actor.environment_id, user_id, keep=keep)


def sweep(unit: Unit) -> int:
    """Remove browser sessions that are past their end."""
    return unit.write(lambda queries: store.sweep(queries, now=unit.now, limit=_SWEEP_BATCH))
