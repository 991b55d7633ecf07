# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Where session cookies are judged: who is there, and who may stay longer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from gatelodge.sdk._sync.signing_keys import SigningKeys
from gatelodge.sdk.errors import (
    AnswerUnreadable,
    ClientError,
    ConnectionFailed,
    GatelodgeError,
    RequestTimedOut,
    SessionCookieInvalid,
)
from gatelodge.sdk.flights import Flights
from gatelodge.sdk.refusals import explain
from gatelodge.sdk.verdicts import AuthenticatedSession, RefreshedSession, RefusedSession, SessionFailureReason
from gatelodge.sdk.verification import Claims, KeyUnknown, TokenRefused, TokenVerifier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk.configuration import Configuration
    from gatelodge.sdk.retry import Timing
    from gatelodge.sdk.sealing.contents import SealedSession

    Renew = Callable[[str, str | None], AuthenticationResponse]

RENEWAL_KEPT = 5.0
"""Seconds that the answer to a refresh is given again to whoever has the same cookie.

A server does the same for 30 seconds (contract page 11 §7); this spares it the asking.
"""

_PASSING = (AnswerUnreadable, ConnectionFailed, RequestTimedOut)


class SessionDesk:
    """Judges cookies for one client; shared by all its sessions."""

    def __init__(
        self, configuration: Configuration, *, keys: SigningKeys, timing: Timing, renew: Renew
    ) -> None:
        """Hold what a judgement needs; `renew` trades a refresh token, perhaps for another organization."""
        self._keys = keys
        self._timing = timing
        self._renew = renew
        self._verifier = TokenVerifier(client_id=configuration.client_id, issuer=configuration.issuer)
        self._renewals: Flights[AuthenticationResponse] = Flights(timing, keep=RENEWAL_KEPT)

    def authenticate(
        self, session_data: str | None, passwords: Sequence[str]
    ) -> AuthenticatedSession | RefusedSession:
        """Tell who is there; see `Session.authenticate`."""
        from gatelodge.sdk.sealing.cookies import open_cookie

        if not session_data:
            return RefusedSession(reason=SessionFailureReason.NO_SESSION_COOKIE_PROVIDED)
        now = self._timing.now()
        opened = open_cookie(session_data, passwords, now=now)
        if opened is None or opened.session.user is None or not opened.session.access_token:
            return RefusedSession(reason=SessionFailureReason.INVALID_SESSION_COOKIE)
        claims = self._verify(opened.session.access_token, now=now)
        if claims is None or claims.sub != opened.session.user.id:
            return RefusedSession(reason=SessionFailureReason.INVALID_JWT)
        return AuthenticatedSession(**_describe(opened.session, claims))

    def refresh(
        self,
        session_data: str | None,
        passwords: Sequence[str],
        *,
        organization_id: str | None,
        seal_with: Sequence[str],
    ) -> RefreshedSession | RefusedSession:
        """Trade the refresh token in a cookie; see `Session.refresh`."""
        from gatelodge.sdk.sealing.cookies import check_format, open_cookie, seal_cookie, take_session

        if not session_data:
            return RefusedSession(reason=SessionFailureReason.NO_SESSION_COOKIE_PROVIDED)
        opened = open_cookie(session_data, passwords, now=self._timing.now())
        if opened is None or opened.session.user is None or not opened.session.refresh_token:
            return RefusedSession(reason=SessionFailureReason.INVALID_SESSION_COOKIE)
        check_format(opened.seal_format, seal_with[0])
        try:
            response = self._trade(opened.session.refresh_token, organization_id)
        except GatelodgeError as error:
            # What the client lacks is no matter of this session.
            if isinstance(error, ClientError) and not isinstance(error, _PASSING):
                raise
            return explain(error)
        claims = self._verify(response.access_token, now=self._timing.now())
        if claims is None or claims.sub != response.user.id:
            return RefusedSession(reason=SessionFailureReason.INVALID_JWT)
        session = take_session(response)
        sealed = seal_cookie(session, seal_with[0], seal_format=opened.seal_format)
        return RefreshedSession(**_describe(session, claims), sealed_session=sealed, session=response)

    def read_session_id(self, session_data: str | None, passwords: Sequence[str]) -> str:
        """Give the id of the session in a cookie, even when its access token has expired.

        Raises:
            SessionCookieInvalid: The cookie holds no session of this client.
        """
        from gatelodge.sdk.sealing.cookies import open_cookie

        opened = open_cookie(session_data or "", passwords, now=self._timing.now())
        claims = None if opened is None else self._verify(opened.session.access_token, now=None)
        if claims is None:
            raise SessionCookieInvalid
        return claims.sid

    def _trade(self, refresh_token: str, organization_id: str | None) -> AuthenticationResponse:
        # Before the token is spent: an answer that cannot be verified would lose the session.
        self._keys.make_ready()
        # The token itself is not kept, only its answer.
        key = (hashlib.sha256(refresh_token.encode("utf-8", "surrogatepass")).digest(), organization_id)
        return self._renewals.share(key, lambda: self._renew(refresh_token, organization_id))

    def _verify(self, token: str, *, now: float | None) -> Claims | None:
        try:
            return self._verifier.verify(token, self._keys.get_known(), now=now)
        except TokenRefused:
            return None
        except KeyUnknown:
            pass
        keys = self._keys.look_again()
        try:
            return self._verifier.verify(token, keys, now=now)
        except (KeyUnknown, TokenRefused):
            return None


def _describe(session: SealedSession, claims: Claims) -> dict[str, Any]:
    return {
        "session_id": claims.sid,
        "user": session.user,
        "organization_id": claims.org_id,
        "role": claims.role,
        "roles": claims.roles or (),
        "permissions": claims.permissions or (),
        "entitlements": claims.entitlements or (),
        "feature_flags": claims.feature_flags or (),
        "impersonator": session.impersonator,
        "authentication_method": session.authentication_method,
        "access_token": session.access_token,
        "expires_at": int(claims.exp),
    }
