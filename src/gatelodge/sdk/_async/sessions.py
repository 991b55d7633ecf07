"""Sessions: list, revoke, and the address to sign out at (contract page 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import sessions as contract
from gatelodge.contract.sessions import UserSession
from gatelodge.sdk._async.calls import AsyncCalls
from gatelodge.sdk.decoding import decode_answer
from gatelodge.sdk.urls import write_logout_url

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._async.paging import AsyncPageOf


class AsyncSessions(AsyncCalls):
    """The methods for sessions."""

    async def list_sessions(
        self,
        user_id: str,
        *,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> AsyncPageOf[UserSession]:
        """List a user's active sessions, newest first unless `order` says otherwise.

        `GET /user_management/users/{user_id}/sessions`, contract page 13. `limit` is 1 to
        100 sessions a page; `before` and `after` are ids.

        Example:
            page = await um.list_sessions(user.id)

        Raises:
            NotFound: This environment has no such user.
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListSessions(user_id=user_id, limit=limit, before=before, after=after, order=order)
        return await self._get_page(contract.LIST_SESSIONS, request, UserSession)

    async def revoke_session(self, session_id: str) -> UserSession | None:
        """End a session: its refresh token dies now, its access tokens when they expire.

        `POST /user_management/sessions/revoke`, contract page 13. Ending it again changes
        nothing. Gives the session as it is now, or None on a server that does not show it.

        Example:
            ended = await um.revoke_session(session.id)

        Raises:
            NotFound: This environment has no such session.
            SessionIdInvalid: This is no id of a session.
        """
        response = await self._exchange(contract.REVOKE_SESSION, contract.RevokeSession(session_id=session_id))
        shown = response.body.startswith(b"{") and b'"id"' in response.body
        return decode_answer(response, UserSession) if shown else None

    def get_logout_url(self, session_id: str, *, return_to: str | None = None) -> str:
        """Write the address that ends a session when the user's browser visits it.

        `GET /user_management/sessions/logout`, contract pages 12 §5 and 32 §3. Nothing is sent. The
        id is the `sid` of an access token; `return_to` must be among the configured
        sign-out redirects.

        Example:
            url = um.get_logout_url(session.id, return_to="https://app.example.com")

        Raises:
            ValueError: The id is empty.
            ConfigurationInvalid: The client has no base URL.
        """
        return write_logout_url(self._configuration.need_base_url(), session_id, return_to=return_to)
