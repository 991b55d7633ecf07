"""Sessions on the wire (contract page 13)."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest
from gatelodge.contract.presence import always

AuthMethod = Literal[
    "cross_app_auth",
    "external_auth",
    "impersonation",
    "magic_code",
    "migrated_session",
    "oauth",
    "passkey",
    "password",
    "sso",
    "unknown",
]


class Impersonator(msgspec.Struct, frozen=True, kw_only=True):
    """The operator who acts as the user."""

    email: str
    reason: str | None


class UserSession(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A sign-in that lasts: `active`, or ended as `expired` or `revoked`."""

    object: Literal["session"] = always("session")
    id: str
    user_id: str
    organization_id: str | None = None
    impersonator: Impersonator | None = None
    ip_address: str | None
    user_agent: str | None
    auth_method: AuthMethod
    status: Literal["active", "expired", "revoked"]
    expires_at: str
    ended_at: str | None
    created_at: str
    updated_at: str


class ListSessions(PageRequest, frozen=True, kw_only=True):
    """List a user's active sessions."""

    user_id: str


class RevokeSession(msgspec.Struct, frozen=True, kw_only=True):
    """End a session; ending it again changes nothing."""

    session_id: str


class Logout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """End the session and send the browser on."""

    session_id: str
    return_to: str | None = None


LIST_SESSIONS = Operation(
    name="list_sessions",
    method="GET",
    path="/user_management/users/{user_id}/sessions",
    access=Access.API_KEY,
    request=ListSessions,
    result=Page[UserSession],
    tag="user-management.users",
    summary="List a user's active sessions.",
)
REVOKE_SESSION = Operation(
    name="revoke_session",
    method="POST",
    path="/user_management/sessions/revoke",
    access=Access.API_KEY,
    request=RevokeSession,
    result=UserSession,
    tag="user-management.authentication",
    summary="End a session.",
    errors=("invalid_session_id",),
)
LOGOUT = Operation(
    name="logout",
    method="GET",
    path="/user_management/sessions/logout",
    access=Access.PUBLIC,
    request=Logout,
    result=Nothing,
    status=302,
    tag="user-management.authentication",
    summary="End the session and redirect the browser.",
    redirects=True,
)

OPERATIONS = (LIST_SESSIONS, LOGOUT, REVOKE_SESSION)
