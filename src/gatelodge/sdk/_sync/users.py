# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Users: create, find, change, delete (contract page 10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from gatelodge.contract import users as contract
from gatelodge.contract.users import PasswordHashType, SaltPosition, User
from gatelodge.sdk._sync.calls import Calls
from gatelodge.sdk.given import given

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._sync.paging import PageOf


class Users(Calls):
    """The methods for users."""

    def get_user(self, user_id: str) -> User:
        """Get a user.

        `GET /user_management/users/{user_id}`, contract page 10.

        Example:
            found = um.get_user(user.id)

        Raises:
            NotFound: This environment has no such user.
        """
        return self._get(contract.GET_USER, contract.UserId(user_id=user_id), User)

    def get_user_by_external_id(self, external_id: str) -> User:
        """Get a user by your own identifier for them.

        `GET /user_management/users/external_id/{external_id}`, contract page 10. The
        identifier may hold slashes, blanks and other signs; they travel escaped.

        Example:
            found = um.get_user_by_external_id(user.external_id)

        Raises:
            NotFound: No user of this environment has this identifier.
        """
        request = contract.ExternalUserId(external_id=external_id)
        return self._get(contract.GET_USER_BY_EXTERNAL_ID, request, User)

    def list_users(
        self,
        email: str | None = None,
        *,
        organization_id: str | None = None,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> PageOf[User]:
        """List users, newest first unless `order` says otherwise.

        `GET /user_management/users`, contract page 10. `email` matches whole addresses,
        whatever their letter case; `limit` is 1 to 100 users a page; `before` and `after`
        are ids.

        Example:
            page = um.list_users(organization_id=organization.id, limit=100)

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListUsers(
            email=email, organization_id=organization_id, limit=limit, before=before, after=after, order=order
        )
        return self._get_page(contract.LIST_USERS, request, User)

    def create_user(
        self,
        email: str,
        *,
        password: str | None = None,
        password_hash: str | None = None,
        password_hash_type: PasswordHashType | None = None,
        password_salt_position: SaltPosition | None = None,
        first_name: str | None = None,
        last_name: str | None = None,
        name: str | None = None,
        email_verified: bool | None = None,
        external_id: str | None = None,
        metadata: Mapping[str, str] | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> User:
        """Create a user, with a password, with a hash of one from elsewhere, or with neither.

        `POST /user_management/users`, contract page 10. No mail is sent. Whoever vouches
        for the address sets `email_verified`; otherwise the first sign-in asks for proof.
        `metadata` holds at most 50 pairs.

        Example:
            user = um.create_user("ada@example.com", first_name="Ada", metadata={"plan": "free"})

        Raises:
            UserCreationError: The address is taken; `errors` says so.
            PasswordStrengthError: The password is too weak; `errors` says why.
            PasswordHashInvalid: The hash cannot be read, or would cost too much to check.
            ExternalIdTaken: Another user has this `external_id`.
            MetadataInvalid: `metadata` breaks a limit.
            RequestInvalid: The address or another member is malformed.
        """
        request = contract.CreateUser(
            email=email,
            password=given(password),
            password_hash=given(password_hash),
            password_hash_type=given(password_hash_type),
            password_salt_position=given(password_salt_position),
            first_name=given(first_name),
            last_name=given(last_name),
            name=given(name),
            email_verified=given(email_verified),
            external_id=given(external_id),
            metadata=UNSET if metadata is None else dict(metadata),
            ip_address=given(ip_address),
            user_agent=given(user_agent),
        )
        return self._get(contract.CREATE_USER, request, User)

    def update_user(
        self,
        user_id: str,
        *,
        email: str | UnsetType = UNSET,
        email_verified: bool | UnsetType = UNSET,
        first_name: str | None | UnsetType = UNSET,
        last_name: str | None | UnsetType = UNSET,
        name: str | None | UnsetType = UNSET,
        password: str | UnsetType = UNSET,
        password_hash: str | UnsetType = UNSET,
        password_hash_type: PasswordHashType | UnsetType = UNSET,
        password_salt_position: SaltPosition | UnsetType = UNSET,
        external_id: str | None | UnsetType = UNSET,
        metadata: Mapping[str, str | None] | None | UnsetType = UNSET,
        locale: str | None | UnsetType = UNSET,
    ) -> User:
        """Change what is given; what is not given stays, and None clears.

        `PUT /user_management/users/{user_id}`, contract page 10. `metadata` is merged:
        a pair whose value is None is removed, and None for the whole removes all pairs. A
        new password ends all sessions of the user; a new address counts as unverified
        unless `email_verified` is given too.

        Example:
            user = um.update_user(user.id, last_name="Lovelace", external_id=None)

        Raises:
            NotFound: This environment has no such user.
            EmailNotAvailable: Another user has this address.
            EmailInvalid: The address is malformed.
            PasswordStrengthError: The password is too weak; `errors` says why.
            PasswordHashInvalid: The hash cannot be read, or would cost too much to check.
            ExternalIdTaken: Another user has this `external_id`.
            MetadataInvalid: `metadata` breaks a limit.
            LocaleInvalid: The locale is not supported.
        """
        request = contract.UpdateUser(
            user_id=user_id,
            email=email,
            email_verified=email_verified,
            first_name=first_name,
            last_name=last_name,
            name=name,
            password=password,
            password_hash=password_hash,
            password_hash_type=password_hash_type,
            password_salt_position=password_salt_position,
            external_id=external_id,
            metadata=dict(metadata) if isinstance(metadata, Mapping) else metadata,
            locale=locale,
        )
        return self._get(contract.UPDATE_USER, request, User)

    def delete_user(self, user_id: str) -> None:
        """Delete a user and all that hangs on it: sessions, memberships, factors, pending mails.

        `DELETE /user_management/users/{user_id}`, contract page 10.

        Example:
            um.delete_user(user.id)

        Raises:
            NotFound: This environment has no such user. That is also the outcome when a
                first try deleted it, but its answer was lost and the call was repeated.
        """
        self._exchange(contract.DELETE_USER, contract.UserId(user_id=user_id))
