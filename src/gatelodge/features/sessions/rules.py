"""Values and pure functions of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast

import msgspec

from gatelodge.contract.sessions import AuthMethod, Impersonator, UserSession
from gatelodge.contract.timestamps import write_optional, write_timestamp
from gatelodge.features.applications.rules import HOME_PAGE, SIGN_OUT_REDIRECT, SignOutTarget

TOKEN_PURPOSE = "refresh_token"
SUCCESSOR_PURPOSE = "refresh_successor"

REPLAY_WINDOW = 30_000
"""Milliseconds in which a retired refresh token still gives its successor (page 11 §7)."""

Status = Literal["active", "expired", "revoked"]

# The value of `auth_method` for each `authentication_method` (contract page 11 §3).
AUTH_METHODS = {
    "CrossAppAuth": "cross_app_auth",
    "ExternalAuth": "external_auth",
    "Impersonation": "impersonation",
    "MagicAuth": "magic_code",
    "MigratedSession": "migrated_session",
    "Passkey": "passkey",
    "Password": "password",
    "SSO": "sso",
}


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session as it is stored; instants in milliseconds."""

    environment_id: str
    id: str
    user_id: str
    client_id: str
    organization_id: str | None
    authentication_method: str | None
    auth_method: str
    ip_address: str | None
    user_agent: str | None
    impersonator: Impersonator | None
    authenticated_at: int
    refreshed_at: int
    expires_at: int
    ended_at: int | None
    revoked: bool
    created_at: int
    updated_at: int
    browser_session_id: str | None = None
    """The browser session with the sign-in pages that it came of."""
    factor_proved: bool | None = None
    """Whether a second factor was proved when it began; None for those from before this was noted."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What a refresh gives: a new refresh token, and the access token signed with it."""

    refresh_token: str
    access_token: str
    organization_id: str | None


class TokenRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token as it is stored, with its session."""

    token_hash: bytes
    is_live: bool
    """Whether it is the session's present one; otherwise it is retired."""
    session: Session


def auth_method_of(authentication_method: str | None) -> str:
    """Give the session's word for a method of authentication."""
    if authentication_method is None:
        return "unknown"
    return AUTH_METHODS.get(authentication_method, "oauth")


def end_of(session: Session, idle_ttl: int) -> int:
    """Tell when a session ends by itself: its absolute limit, or its idle one before that."""
    return min(session.expires_at, session.refreshed_at + idle_ttl)


def status_of(session: Session, *, now: int, idle_ttl: int) -> Status:
    """Tell the state of a session; `idle_ttl` in milliseconds."""
    if session.ended_at is not None:
        return "revoked" if session.revoked else "expired"
    return "expired" if now >= end_of(session, idle_ttl) else "active"


def replayable(now: int) -> tuple[int, int]:
    """Give the first and the last instant of a trade whose retired token may still give what it was traded for.

    A clock that steps back must not open the window for hours, so it is bounded on both
    sides.
    """
    return now - REPLAY_WINDOW, now + REPLAY_WINDOW


def choose_target(targets: Sequence[SignOutTarget], return_to: str | None) -> str | None:
    """Choose where a logout link leads: where it asks to go if that is listed, else to the default.

    The default is the sign-out redirect, or the home page; None when there is none, or
    more than one environment has one and it is not known which is meant.
    """
    listed = [target for target in targets if target.kind == SIGN_OUT_REDIRECT]
    if return_to and any(target.uri == return_to for target in listed):
        return return_to
    if len({target.environment_id for target in targets}) != 1:
        return None
    homes = [target for target in targets if target.kind == HOME_PAGE]
    return next((target.uri for target in (*listed, *homes) if target.is_default), None)


def render(session: Session, *, now: int, idle_ttl: int) -> UserSession:
    """Write a session as the wire shows it."""
    status = status_of(session, now=now, idle_ttl=idle_ttl)
    ended_at = session.ended_at
    if status == "expired" and ended_at is None:
        ended_at = end_of(session, idle_ttl)
    return UserSession(
        id=session.id,
        user_id=session.user_id,
        organization_id=session.organization_id,
        impersonator=session.impersonator,
        ip_address=session.ip_address,
        user_agent=session.user_agent,
        auth_method=cast("AuthMethod", session.auth_method),
        status=status,
        expires_at=write_timestamp(session.expires_at),
        ended_at=write_optional(ended_at),
        created_at=write_timestamp(session.created_at),
        updated_at=write_timestamp(session.updated_at),
    )
