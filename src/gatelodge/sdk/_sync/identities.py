# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""The accounts at social providers that users sign in by (contract page 24 §5)."""

from __future__ import annotations

from gatelodge.contract import identities as contract
from gatelodge.contract.identities import UserIdentity
from gatelodge.contract.users import UserId
from gatelodge.sdk._sync.calls import Calls


class Identities(Calls):
    """The method for identities."""

    def list_user_identities(self, user_id: str) -> list[UserIdentity]:
        """List the accounts at social providers that a user signs in by, all at once.

        `GET /user_management/users/{user_id}/identities`, contract page 24 §5.

        Example:
            identities = um.list_user_identities(user.id)

        Raises:
            NotFound: This environment has no such user.
        """
        return self._get(contract.LIST_USER_IDENTITIES, UserId(user_id=user_id), list[UserIdentity])
