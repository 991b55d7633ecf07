"""One session, as its cookie holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.sdk._async.session_desk import AsyncSessionDesk
    from gatelodge.sdk.configuration import Configuration
    from gatelodge.sdk.sealing.cookies import CookiePassword
    from gatelodge.sdk.verdicts import AuthenticatedSession, RefreshedSession, RefusedSession


class AsyncSession:
    """A sealed session that was loaded; it changes when it is refreshed.

    Made by `load_sealed_session`, once for each request.
    """

    def __init__(
        self,
        session_data: str | None,
        *,
        passwords: tuple[str, ...],
        desk: AsyncSessionDesk,
        write_logout_url: Callable[..., str],
        configuration: Configuration,
    ) -> None:
        """Hold the cookie; it is not opened yet."""
        self._session_data = session_data or ""
        self._passwords = passwords
        self._desk = desk
        self._write_logout_url = write_logout_url
        self._configuration = configuration

    @property
    def session_data(self) -> str:
        """Give the sealed session as it is now: after a refresh, the new one."""
        return self._session_data

    async def authenticate(self) -> AuthenticatedSession | RefusedSession:
        """Tell who is there, or why nobody is (contract page 31 §4).

        The seal is opened and the access token verified: signature, algorithm, expiry, client,
        and issuer when one is configured. No call is made, save for the signing keys when the
        token's is not at hand; so a session that was ended elsewhere is seen when its access
        token expires. Nothing about a cookie raises.

        Example:
            verdict = await session.authenticate()
            who = verdict.user.email if verdict else verdict.reason

        Raises:
            ConnectionFailed: No keys were ever fetched, and the server cannot be reached; any
                other error of `get_jwks` likewise.
        """
        return await self._desk.authenticate(self._session_data, self._passwords)

    async def refresh(
        self, *, organization_id: str | None = None, cookie_password: CookiePassword | None = None
    ) -> RefreshedSession | RefusedSession:
        """Get new tokens, in the organization asked for or in the session's own.

        `POST /user_management/authenticate`, contract page 31 §5. Set `sealed_session` of the
        verdict as the cookie: it has the format of the old one, and is sealed with
        `cookie_password`, or with the first of the passwords. Callers that hold the same cookie
        at the same time, or within five seconds, share one request. An error of the server is
        a verdict with a reason; where that is `retryable`, the old cookie is still good.

        Example:
            verdict = await session.refresh()
            cookie = verdict.sealed_session if verdict else None

        Raises:
            ConfigurationInvalid: The new password does not suit the cookie's format. Nothing was sent.
            ClientIdRequired: No client id is configured. Nothing was sent.
            SessionTooLarge: The new session does not fit into a cookie.
        """
        fresh = () if cookie_password is None else self._configuration.need_cookie_passwords(cookie_password)
        verdict = await self._desk.refresh(
            self._session_data, self._passwords, organization_id=organization_id, seal_with=fresh or self._passwords
        )
        if verdict.authenticated:
            self._session_data = verdict.sealed_session
            self._passwords = fresh or self._passwords
        return verdict

    async def get_logout_url(self, *, return_to: str | None = None) -> str:
        """Write the address that ends this session when the user's browser visits it.

        As the client's `get_logout_url` (contract page 31 §6), for the session in the cookie,
        even when its access token has expired.

        Example:
            url = await session.get_logout_url(return_to="https://app.example.com")

        Raises:
            SessionCookieInvalid: The cookie holds no session of this client: there is none to end.
            ConfigurationInvalid: The client has no base URL.
        """
        session_id = await self._desk.read_session_id(self._session_data, self._passwords)
        return self._write_logout_url(session_id, return_to=return_to)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of a cookie of {len(self._session_data)} bytes>"
