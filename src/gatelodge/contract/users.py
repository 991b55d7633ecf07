"""Users on the wire (contract page 10)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest

PasswordHashType = Literal["bcrypt", "firebase-scrypt", "ssha", "ssha256", "scrypt", "pbkdf2", "argon2"]
SaltPosition = Literal["prefix", "suffix"]
ExternalId = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern=r"^[\x01-\x7f]+$")]
Name = Annotated[str, msgspec.Meta(max_length=256)]
Address = Annotated[str, msgspec.Meta(max_length=64)]
Agent = Annotated[str, msgspec.Meta(max_length=1024)]


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A user of one environment.

    `metadata` is always an object; timestamps are UTC with three fractional digits.
    """

    object: Literal["user"] = "user"
    id: str
    email: str
    email_verified: bool
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    profile_picture_url: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = {}
    last_sign_in_at: str | None = None
    locale: str | None = None
    created_at: str
    updated_at: str


class UserId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a user by id."""

    user_id: str


class ExternalUserId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a user by the caller's own identifier."""

    external_id: str


class ListUsers(PageRequest, frozen=True, kw_only=True):
    """List users, newest first, by address or by organization."""

    email: str | None = None
    organization_id: str | None = None
    organization: str | None = None
    """Deprecated alias of `organization_id`."""


class Credential(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A password in the clear, or a hash of one from elsewhere; never both."""

    password: str | None | UnsetType = UNSET
    password_hash: str | None | UnsetType = UNSET
    password_hash_type: PasswordHashType | None | UnsetType = UNSET
    password_salt_position: SaltPosition | None | UnsetType = UNSET


class CreateUser(Credential, frozen=True, kw_only=True, omit_defaults=True):
    """Create a user; no mail is sent and the sign-up switch does not apply."""

    email: str
    first_name: Name | None | UnsetType = UNSET
    last_name: Name | None | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    email_verified: bool | None | UnsetType = UNSET
    external_id: ExternalId | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET
    ip_address: Address | None | UnsetType = UNSET
    user_agent: Agent | None | UnsetType = UNSET
    signals_id: str | None | UnsetType = UNSET


class UpdateUser(Credential, frozen=True, kw_only=True, omit_defaults=True):
    """Change what is given; what is absent stays, and null clears.

    `metadata` is merged: a key with null or an empty string is removed, and
    `metadata: null` removes all.
    """

    user_id: str
    email: str | UnsetType = UNSET
    first_name: Name | None | UnsetType = UNSET
    last_name: Name | None | UnsetType = UNSET
    name: Name | None | UnsetType = UNSET
    email_verified: bool | None | UnsetType = UNSET
    external_id: ExternalId | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET
    locale: str | None | UnsetType = UNSET


_TAG = "user-management.users"
_PASSWORD_ERRORS = (
    "password_strength_error",
    "invalid_password_hash",
    "password_and_password_hash_provided",
    "password_and_password_hash_type_provided",
    "password_salt_position_requires_password_hash",
    "invalid_metadata",
    "external_id_already_used",
)

LIST_USERS = Operation(
    name="list_users",
    method="GET",
    path="/user_management/users",
    access=Access.API_KEY,
    request=ListUsers,
    result=Page[User],
    tag=_TAG,
    summary="List users.",
)
CREATE_USER = Operation(
    name="create_user",
    method="POST",
    path="/user_management/users",
    access=Access.API_KEY,
    request=CreateUser,
    result=User,
    status=201,
    tag=_TAG,
    summary="Create a user.",
    errors=("user_creation_error", *_PASSWORD_ERRORS),
)
GET_USER_BY_EXTERNAL_ID = Operation(
    name="get_user_by_external_id",
    method="GET",
    path="/user_management/users/external_id/{external_id*}",
    access=Access.API_KEY,
    request=ExternalUserId,
    result=User,
    tag=_TAG,
    summary="Get a user by the caller's own identifier.",
)
GET_USER = Operation(
    name="get_user",
    method="GET",
    path="/user_management/users/{user_id}",
    access=Access.API_KEY,
    request=UserId,
    result=User,
    tag=_TAG,
    summary="Get a user.",
)
UPDATE_USER = Operation(
    name="update_user",
    method="PUT",
    path="/user_management/users/{user_id}",
    access=Access.API_KEY,
    request=UpdateUser,
    result=User,
    tag=_TAG,
    summary="Change a user.",
    errors=(
        "email_change_not_allowed",
        "email_not_available",
        "invalid_email",
        "invalid_locale",
        *_PASSWORD_ERRORS,
    ),
)
DELETE_USER = Operation(
    name="delete_user",
    method="DELETE",
    path="/user_management/users/{user_id}",
    access=Access.API_KEY,
    request=UserId,
    result=Nothing,
    tag=_TAG,
    summary="Delete a user and all that hangs on it.",
)

OPERATIONS = (
    CREATE_USER,
    DELETE_USER,
    GET_USER,
    GET_USER_BY_EXTERNAL_ID,
    LIST_USERS,
    UPDATE_USER,
)
