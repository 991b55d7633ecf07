"""Codes that are mailed to sign in by (contract page 17)."""

from __future__ import annotations

from gatelodge.contract import magic_auth as contract
from gatelodge.contract.magic_auth import MagicAuth
from gatelodge.sdk._async.calls import AsyncCalls


class AsyncMagicAuthCodes(AsyncCalls):
    """The methods for mailed codes; `authenticate_with_magic_auth` redeems them."""

    async def create_magic_auth(
        self,
        email: str,
        *,
        invitation_token: str | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> MagicAuth:
        """Mail a code to sign in by, good once and for ten minutes.

        `POST /user_management/magic_auth`, contract page 17. An address that nobody has
        becomes an unverified user now. The result holds the code: never send it to the
        browser that asked for it.

        Example:
            magic_auth = await um.create_magic_auth(user.email)

        Raises:
            SignUpNotAllowed: Nobody has this address, and new users need an invitation.
            InvitationTokenInvalid: The invitation is not open.
            MagicAuthDisabled: Signing in by a mailed code is switched off.
            RequestInvalid: The address is malformed.
            RateLimited: Too many mails to one address; `retry_after` is in seconds.
        """
        request = contract.CreateMagicAuth(
            email=email, invitation_token=invitation_token, ip_address=ip_address, user_agent=user_agent
        )
        return await self._get(contract.CREATE_MAGIC_AUTH, request, MagicAuth)

    async def get_magic_auth(self, magic_auth_id: str) -> MagicAuth:
        """Get a mailed code by its id, for a mail of your own.

        `GET /user_management/magic_auth/{magic_auth_id}`, contract page 17.

        Example:
            magic_auth = await um.get_magic_auth(magic_auth.id)

        Raises:
            NotFound: There is none with this id, or it was swept away after its time.
        """
        return await self._get(contract.GET_MAGIC_AUTH, contract.MagicAuthId(magic_auth_id=magic_auth_id), MagicAuth)
