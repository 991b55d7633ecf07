"""Password reset on the wire (contract page 16)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import User


class PasswordReset(msgspec.Struct, frozen=True, kw_only=True):
    """A link that was mailed to set a new password by, in the clear for an app with mails of its own."""

    object: Literal["password_reset"] = "password_reset"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    password_reset_token: str
    """What the link carries; good once, for an hour."""
    password_reset_url: str
    """The page that the mail leads to, with the token in its query."""


class PasswordResetId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a password reset."""

    password_reset_id: str
    """The id of the reset, as its creation or its event told it."""


class CreatePasswordReset(msgspec.Struct, frozen=True, kw_only=True):
    """Mail a link to set a new password by."""

    email: str


class ResetPassword(msgspec.Struct, frozen=True, kw_only=True):
    """Set a new password by the token of the link; it does not sign in."""

    token: Annotated[str, msgspec.Meta(max_length=512)]
    """The token of the link."""
    new_password: str
    """The password to set; it is checked against the policy."""


class ResetPasswordResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The user with the new password."""

    user: User


_TAG = "user-management.users"

CREATE_PASSWORD_RESET = Operation(
    name="create_password_reset",
    method="POST",
    path="/user_management/password_reset",
    access=Access.API_KEY,
    request=CreatePasswordReset,
    result=PasswordReset,
    status=201,
    tag=_TAG,
    summary="Mail a link to set a new password by.",
    errors=("daily_quota_exceeded", "email_password_auth_disabled", "entity_not_found", "password_reset_not_allowed"),
)
GET_PASSWORD_RESET = Operation(
    name="get_password_reset",
    method="GET",
    path="/user_management/password_reset/{password_reset_id}",
    access=Access.API_KEY,
    request=PasswordResetId,
    result=PasswordReset,
    tag=_TAG,
    summary="Get a password reset with its token.",
)
RESET_PASSWORD = Operation(
    name="reset_password",
    method="POST",
    path="/user_management/password_reset/confirm",
    access=Access.API_KEY,
    request=ResetPassword,
    result=ResetPasswordResponse,
    tag=_TAG,
    summary="Set a new password by the token of the link.",
    errors=("email_password_auth_disabled", "entity_not_found", "password_reset_error", "password_reset_not_allowed"),
)

OPERATIONS = (CREATE_PASSWORD_RESET, GET_PASSWORD_RESET, RESET_PASSWORD)
