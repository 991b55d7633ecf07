"""What is said of a session: who is there, or why nobody is.

`if verdict:` tells the two apart, for every type checker as well, and so does
`verdict.authenticated`, which pyright understands as `verdict.authenticated is True`. Nothing
that a browser may send raises; see `SessionFailureReason` for what can be said instead.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from gatelodge.contract.authentication import AuthenticationResponse
from gatelodge.contract.sessions import Impersonator
from gatelodge.contract.users import User
from gatelodge.sdk.errors import GatelodgeError


class SessionFailureReason(StrEnum):
    """Why there is no session; each member equals the text that the official SDKs use."""

    NO_SESSION_COOKIE_PROVIDED = "no_session_cookie_provided"
    INVALID_SESSION_COOKIE = "invalid_session_cookie"
    """It does not open, was changed, or holds no session."""
    INVALID_JWT = "invalid_jwt"
    """The access token has expired, which a refresh mends, or it is not one of this client's."""
    INVALID_GRANT = "invalid_grant"
    """The session has ended: sign in again."""
    MFA_CHALLENGE_REQUIRED = "mfa_challenge_required"
    MFA_ENROLLMENT_REQUIRED = "mfa_enrollment_required"
    SSO_REQUIRED = "sso_required"
    EMAIL_VERIFICATION_REQUIRED = "email_verification_required"
    ORGANIZATION_SELECTION_REQUIRED = "organization_selection_required"
    ORGANIZATION_AUTH_METHODS_REQUIRED = "organization_auth_methods_required"
    AUTHENTICATION_METHOD_NOT_ALLOWED = "authentication_method_not_allowed"
    RADAR_CHALLENGE_REQUIRED = "radar_challenge_required"
    REFRESH_DENIED = "refresh_denied"
    """The server refused for another reason: see `error`."""
    REFRESH_NETWORK_ERROR = "refresh_network_error"
    """No answer came; keep the cookie and try again."""
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    """Keep the cookie and try again after `retry_after` seconds."""
    SERVER_ERROR = "server_error"
    """Keep the cookie and try again."""


class AuthenticatedSession(msgspec.Struct, frozen=True, kw_only=True):
    """Who is there. The access token was verified; `expires_at` in seconds since the epoch.

    A session that was revoked meanwhile is seen when its access token expires: no call is
    made to find out (contract page 31 §4).
    """

    authenticated: Literal[True] = True
    """Tells this verdict from `RefusedSession`."""
    session_id: str
    user: User
    """As the cookie has it: of the last sign-in or refresh."""
    organization_id: str | None = None
    role: str | None = None
    """The slug of the first of `roles`."""
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    """What the roles allow, as the access token says it."""
    entitlements: tuple[str, ...] = ()
    """What the organization has bought, where the server tells it."""
    feature_flags: tuple[str, ...] = ()
    """What is switched on for the user, where the server tells it."""
    impersonator: Impersonator | None = None
    authentication_method: str | None = None
    access_token: str
    expires_at: int
    """When the access token is over, in seconds since the epoch; the session goes on by a refresh."""

    def __bool__(self) -> Literal[True]:
        """Be true: somebody is there."""
        return True

    @property
    def claims(self) -> dict[str, Any]:
        """Give all claims of the access token, those of a JWT template among them; yours to change."""
        from gatelodge.sdk.verification import read_claims

        return read_claims(self.access_token)

    def __repr__(self) -> str:
        """Show nothing that is secret."""
        where = f" in {self.organization_id}" if self.organization_id else ""
        return f"<{type(self).__name__} {self.session_id} of {self.user.id}{where}>"


class RefreshedSession(AuthenticatedSession, frozen=True, kw_only=True):
    """Who is there, with new tokens: set `sealed_session` as the cookie, or the session is soon lost."""

    sealed_session: str
    """What the cookie must hold from now on."""
    session: AuthenticationResponse
    """The whole answer to the refresh."""


class RefusedSession(msgspec.Struct, frozen=True, kw_only=True):
    """Why nobody is there.

    Where `retryable` is true, the cookie may still be good: keep it. `retry_after` is in
    seconds, where the server told; `error` is what it answered to a refresh.
    """

    authenticated: Literal[False] = False
    """Tells this verdict from `AuthenticatedSession`."""
    reason: SessionFailureReason
    """Equal to the text that the official SDKs use."""
    retryable: bool = False
    """Whether the cookie may still be good."""
    retry_after: int | None = None
    """Seconds to wait, where the server told."""
    error: GatelodgeError | None = None
    """What the server answered to a refresh."""

    def __bool__(self) -> Literal[False]:
        """Be false: nobody is there."""
        return False
