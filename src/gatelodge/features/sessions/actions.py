"""Open, refresh, list and end sessions."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import NotFound, SessionIdInvalid, TooManyRequests
from gatelodge.contract.ids import find_instant
from gatelodge.contract.paging import Page
from gatelodge.contract.sessions import ListSessions, Logout, RevokeSession, UserSession
from gatelodge.contract.shapes import ready
from gatelodge.features.applications import actions as applications
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.events import actions as events
from gatelodge.features.sessions import store
from gatelodge.features.sessions.rules import (
    SUCCESSOR_PURPOSE,
    TOKEN_PURPOSE,
    Pair,
    Session,
    TokenRecord,
    choose_target,
    end_of,
    render,
    replayable,
    status_of,
)
from gatelodge.kit import throttle
from gatelodge.kit.database import Queries, Question, Queued, Row
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.sealing import SealBroken
from gatelodge.kit.throttle import Charge
from gatelodge.kit.unit import Unit

_DAY = 86_400_000
_KEPT_AFTER_END = 90 * _DAY
_SWEEP_BATCH = 500


class Raced(Exception):
    """Another request has retired the token first."""


def is_active(unit: Unit, session: Session) -> bool:
    """Tell whether a session is neither ended nor past a limit."""
    return status_of(session, now=unit.now, idle_ttl=_idle_ttl(unit)) == "active"


def _idle_ttl(unit: Unit) -> int:
    return unit.settings.session_idle_ttl * 1000


def _render(unit: Unit, session: Session) -> UserSession:
    return render(session, now=unit.now, idle_ttl=_idle_ttl(unit))


def open_session(queries: Queries, unit: Unit, session: Session, refresh_token: str) -> None:
    """Store a session with the hash of its first refresh token, and tell of it."""
    token_hash = unit.sealer.keyed_hash(refresh_token, purpose=TOKEN_PURPOSE)
    store.insert(queries, session, live_token=token_hash)
    events.record(
        queries,
        unit,
        "session.created",
        _render(unit, session),
        organization_id=session.organization_id,
    )


def ask_for_token(unit: Unit, refresh_token: str) -> tuple[Question, Question]:
    """Ask for a refresh token, live or retired, with its session; and for the id of the session's user."""
    token_hash = unit.sealer.keyed_hash(refresh_token, purpose=TOKEN_PURPOSE)
    environment_id = unit.actor.environment_id
    return store.ask_for_token(environment_id, token_hash), store.ask_for_owner(environment_id, token_hash)


def read_token(answer: Row | None) -> TokenRecord | None:
    """Read the answer to the first question of `ask_for_token`."""
    return None if answer is None else store.read_token(answer)


def find_successor(unit: Unit, record: TokenRecord) -> Pair | None:
    """Find the pair that a retired token was traded for; None when its window is over."""
    since, until = replayable(unit.now)
    sealed_pair = store.find_sealed_pair(unit.read, record, since=since, until=until)
    if sealed_pair is None:
        return None
    try:
        plain = unit.sealer.unseal(sealed_pair, purpose=SUCCESSOR_PURPOSE)
    except SealBroken:
        return None
    return msgspec.json.decode(plain, type=ready(Pair))


def seal_pair(unit: Unit, pair: Pair) -> bytes:
    """Seal a pair, before the transaction that stores it."""
    return unit.sealer.seal(msgspec.json.encode(pair), purpose=SUCCESSOR_PURPOSE)


def rotate(queries: Queries, unit: Unit, record: TokenRecord, *, pair: Pair, sealed_pair: bytes) -> Rotation:
    """Trade a live refresh token for its successor, and learn later whether that was done.

    Of many racers the first replaces the token in its session; the others change nothing,
    and find the successor. No answer is waited for, so that all travels with the commit.
    """
    charge = _charge(unit)
    token_hash = unit.sealer.keyed_hash(pair.refresh_token, purpose=TOKEN_PURPOSE)
    replaced = store.replace_token(
        queries, record, token_hash, organization_id=pair.organization_id, charge=charge, now=unit.now
    )
    store.insert_successor(queries, record, token_hash, sealed_pair=sealed_pair, now=unit.now)
    return Rotation(record, charge, replaced=replaced)


class Rotation:
    """The trade of a refresh token that is under way."""

    __slots__ = ("_charge", "_record", "_replaced")

    def __init__(self, record: TokenRecord, charge: Charge | None, *, replaced: Queued) -> None:
        """Take the token, the charge of its session, and the statement that decides."""
        self._record = record
        self._charge = charge
        self._replaced = replaced

    def require(self, queries: Queries) -> None:
        """Make sure that it was done, before the commit or after it; otherwise nothing was changed.

        Raises:
            Raced: The token was retired, or the session ended, in between.
            TooManyRequests: The session refreshes faster than its limit.
        """
        if self._replaced.count():
            return
        tat = store.find_bucket(queries, self._record)
        if tat is None or self._charge is None:
            raise Raced
        raise TooManyRequests(retry_after=self._charge.wait(tat))


def _charge(unit: Unit) -> Charge | None:
    allowance = throttle.read_allowance(unit.settings.limit_per_session)
    return Charge(allowance, now=unit.now) if unit.settings.limits and allowance is not None else None


def settle_refused_refresh(unit: Unit, session: Session) -> None:
    """Charge a refresh that its limit refused once more, in a write of its own.

    The refusal undid what the bucket had become. That matters when the clock has stepped
    back: the bucket is then paid off in the far future, and empties from now on only if
    that is written down.
    """
    charge = _charge(unit)
    if charge is not None:
        unit.write(lambda queries: store.charge(queries, unit.actor.environment_id, session.id, charge=charge))


def end(queries: Queries, unit: Unit, session_id: str) -> UserSession | None:
    """End a session within a transaction and tell of it; None when it had ended before."""
    ended = store.revoke(queries, unit.actor.environment_id, session_id, now=unit.now)
    if ended is None:
        return None
    shown = _render(unit, ended)
    events.record(queries, unit, "session.revoked", shown, organization_id=ended.organization_id)
    return shown


def end_all(queries: Queries, unit: Unit, user_id: str, *, keep: str = "") -> None:
    """End every session of a user, with apps and with our pages, within the transaction of what asks for it.

    `keep` is the browser session that stays, with whatever came of it.
    """
    browser_sessions.end_all(queries, unit, user_id, keep=keep)
    for session in store.list_open(queries, unit.actor.environment_id, user_id):
        if not keep or session.browser_session_id != keep:
            _end_open(queries, unit, session)


def end_browser(queries: Queries, unit: Unit, user_id: str, *, browser_session_id: str) -> None:
    """End a browser session of a user with all that came of it, within a transaction."""
    browser_sessions.end(queries, unit, browser_session_id)
    for session in store.list_open(queries, unit.actor.environment_id, user_id):
        if session.browser_session_id == browser_session_id:
            _end_open(queries, unit, session)


def list_of_user(unit: Unit, user_id: str, *, most: int) -> list[Session]:
    """List the active sessions of a user as they are stored, newest first."""
    return store.list_active(
        unit.read,
        unit.actor.environment_id,
        user_id,
        now=unit.now,
        idle_since=unit.now - _idle_ttl(unit),
        limit=most,
    )


def end_in_organization(queries: Queries, unit: Unit, *, organization_id: str, user_id: str | None = None) -> None:
    """End the sessions bound to an organization, of one user or of all, within a transaction."""
    environment_id = unit.actor.environment_id
    for session in store.list_open_in_organization(queries, environment_id, organization_id, user_id=user_id):
        _end_open(queries, unit, session)


def _end_open(queries: Queries, unit: Unit, session: Session) -> None:
    """End a session; one past its limit ends for good, too, since the clock may step back, but tells nobody."""
    if is_active(unit, session):
        end(queries, unit, session.id)
        return
    ended_at = end_of(session, _idle_ttl(unit))
    store.expire(queries, unit.actor.environment_id, session.id, ended_at=ended_at)


def list_active(unit: Unit, asked: ListSessions) -> Page[UserSession]:
    """List a user's active sessions, newest first; the user's existence is not checked."""
    window = open_window(asked, "session")
    rows = store.list_window(
        unit.read,
        unit.actor.environment_id,
        asked.user_id,
        window,
        now=unit.now,
        idle_since=unit.now - _idle_ttl(unit),
    )
    return fold_page(
        asked,
        window,
        rows,
        lambda row: _render(unit, store.read_session(row)),
        identify=lambda session: session.id,
    )


def revoke_session(unit: Unit, asked: RevokeSession) -> UserSession:
    """End a session at once; ending it again changes nothing and tells nobody.

    Raises:
        SessionIdInvalid: This is no session id.
        NotFound: This environment has no such session.
    """
    if find_instant(asked.session_id, "session") is None:
        raise SessionIdInvalid

    def write(queries: Queries) -> UserSession:
        shown = end(queries, unit, asked.session_id)
        if shown is not None:
            return shown
        found = store.find(queries, unit.actor.environment_id, asked.session_id)
        if found is None:
            raise NotFound.of("Session", asked.session_id)
        return _render(unit, found)

    return unit.conclude(write)


def log_out(unit: Unit, asked: Logout) -> str | None:
    """End the session that a logout link names, and tell where the browser goes next.

    The id is unguessable and rides in the browser's own token; whether it existed is not
    told. A `return_to` that is not configured is never followed: the default sign-out
    redirect is, or the home page, or None when nothing is configured. A session that is
    gone names no environment; its link still leads wherever it can lead only one way.
    """
    session = store.find_anywhere(unit.read, asked.session_id)
    targets = applications.list_sign_out_targets(unit)
    if session is not None:
        actor = msgspec.structs.replace(unit.actor, environment_id=session.environment_id, client_id=session.client_id)
        owner = unit.act_as(actor)
        owner.write(lambda queries: _sign_out(queries, owner, session))
        targets = [target for target in targets if target.environment_id == session.environment_id]
    return choose_target(targets, asked.return_to)


def _sign_out(queries: Queries, unit: Unit, session: Session) -> None:
    end(queries, unit, session.id)
    if session.browser_session_id is not None:
        # Otherwise the next visit would sign the user in again without asking.
        browser_sessions.end(queries, unit, session.browser_session_id)


def has_signed_in_from(unit: Unit, user_id: str, ip_address: str) -> bool:
    """Tell whether the user signed in from this address in the last 30 days."""
    return store.has_session_from(
        unit.read,
        unit.actor.environment_id,
        user_id,
        ip_address=ip_address,
        since=unit.now - 30 * 86_400_000,
    )


def sweep_pairs(unit: Unit) -> int:
    """Remove some of the pairs whose window is over; give how many."""
    before, _ = replayable(unit.now)
    return unit.write(lambda queries: store.remove_pairs(queries, before=before, limit=_SWEEP_BATCH))


def sweep_tokens(unit: Unit) -> int:
    """Remove some of the tokens that are older than a session can become; give how many.

    Whoever presents one is refused as before. Where sessions live for months, a copy of a token
    retired as long ago is refused without an end of the session that it was of.
    """
    before = unit.now - min(unit.settings.session_ttl * 1000 + _DAY, _KEPT_AFTER_END - _DAY)
    return unit.write(lambda queries: store.remove_tokens(queries, before=before, now=unit.now, limit=_SWEEP_BATCH))


def sweep(unit: Unit) -> int:
    """Remove some of the sessions that ended long ago; give how many."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_END, limit=_SWEEP_BATCH))
