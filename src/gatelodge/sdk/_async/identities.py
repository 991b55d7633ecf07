"""The accounts at social providers that users sign in by (contract page 24 §5)."""

from __future__ import annotations

from gatelodge.contract import identities as contract
from gatelodge.contract.identities import UserIdentity
from gatelodge.contract.users import UserId
from gatelodge.sdk._async.calls import AsyncCalls


class AsyncIdentities(AsyncCalls):
    """The method for identities."""

    async def list_user_identities(self, user_id: str) -> list[UserIdentity]:
        """List the accounts at social providers that a user signs in by, all at once.

        `GET /user_management/users/{user_id}/identities`, contract page 24 §5.

        Example:
            identities = await um.list_user_identities(user.id)

        Raises:
            NotFound: This environment has no such user.
        """
        return await self._get(contract.LIST_USER_IDENTITIES, UserId(user_id=user_id), list[UserIdentity])
