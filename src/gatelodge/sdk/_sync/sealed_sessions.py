# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Sessions that a browser keeps, sealed in a cookie (contract page 31)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import tokens as contract
from gatelodge.sdk._sync.authentication import Authentication
from gatelodge.sdk._sync.session import Session
from gatelodge.sdk._sync.session_desk import SessionDesk
from gatelodge.sdk._sync.sessions import Sessions
from gatelodge.sdk._sync.signing_keys import SigningKeys

if TYPE_CHECKING:
    from gatelodge.contract.authentication import AuthenticationResponse
    from gatelodge.sdk._sync.transport import Transport
    from gatelodge.sdk.configuration import Configuration
    from gatelodge.sdk.retry import Timing
    from gatelodge.sdk.sealing.cookies import CookiePassword
    from gatelodge.sdk.verdicts import AuthenticatedSession, RefusedSession
    from gatelodge.sdk.wire import WireResponse


class SealedSessions(Sessions, Authentication):
    """The methods for sealed sessions."""

    def __init__(self, configuration: Configuration, *, transport: Transport, timing: Timing) -> None:
        super().__init__(configuration, transport=transport, timing=timing)
        keys = SigningKeys(self._fetch_keys, timing=timing, is_remote=lambda: not self._transport.trusted)
        self._desk = SessionDesk(configuration, keys=keys, timing=timing, renew=self._renew)

    def load_sealed_session(
        self, session_data: str | None, *, cookie_password: CookiePassword | None = None
    ) -> Session:
        """Load the session of a cookie that any official SDK may have sealed.

        Nothing is opened or sent yet (contract page 31). Of several passwords the first seals
        and each opens, so that one can be changed without signing anybody out. Without
        `cookie_password` the client's own is used, which may come from
        `GATELODGE_COOKIE_PASSWORD` or `WORKOS_COOKIE_PASSWORD`.

        Example:
            session = um.load_sealed_session(cookie)

        Raises:
            ConfigurationInvalid: There is no password.
        """
        return Session(
            session_data,
            passwords=self._configuration.need_cookie_passwords(cookie_password),
            desk=self._desk,
            write_logout_url=self.get_logout_url,
            configuration=self._configuration,
        )

    def authenticate_with_session_cookie(
        self, session_data: str | None, *, cookie_password: CookiePassword | None = None
    ) -> AuthenticatedSession | RefusedSession:
        """Tell who is there by a session cookie, or why nobody is.

        The same as `load_sealed_session` and its `authenticate`, in one call (contract page
        31 §4). When the signing keys are not at hand, `GET /sso/jwks/{client_id}` brings them;
        nothing else is sent. Nothing about a cookie raises.

        Example:
            verdict = um.authenticate_with_session_cookie(cookie)

        Raises:
            ConfigurationInvalid: There is no password.
            ConnectionFailed: No keys were ever fetched, and the server cannot be reached; any
                other error of `get_jwks` likewise.
        """
        passwords = self._configuration.need_cookie_passwords(cookie_password)
        return self._desk.authenticate(session_data, passwords)

    def _fetch_keys(self) -> WireResponse:
        request = contract.GetJwks(client_id=self._configuration.need_client_id())
        return self._exchange(contract.GET_JWKS, request)

    def _renew(self, refresh_token: str, organization_id: str | None) -> AuthenticationResponse:
        return self.authenticate_with_refresh_token(refresh_token, organization_id=organization_id)
