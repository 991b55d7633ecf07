"""Changes of e-mail on the wire (contract page 24 §6)."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.contract.email_verification import Code
from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import User


class EmailChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change that waits for the code that was mailed to the new address."""

    object: Literal["email_change"] = "email_change"
    user: User
    new_email: str
    """The address that the user moves to once the code comes back."""
    expires_at: str
    created_at: str


class EmailChangeConfirmation(msgspec.Struct, frozen=True, kw_only=True):
    """The user with the new address."""

    object: Literal["email_change_confirmation"] = "email_change_confirmation"
    user: User


class SendEmailChange(msgspec.Struct, frozen=True, kw_only=True):
    """Mail a code to the address that a user wants to change to."""

    user_id: str
    new_email: str
    """The address to move to; it must be free."""


class ConfirmEmailChange(msgspec.Struct, frozen=True, kw_only=True):
    """Change a user's address by the code."""

    user_id: str
    code: Code


_TAG = "user-management.users"

CONFIRM_EMAIL_CHANGE = Operation(
    name="confirm_email_change",
    method="POST",
    path="/user_management/users/{user_id}/email_change/confirm",
    access=Access.API_KEY,
    request=ConfirmEmailChange,
    result=EmailChangeConfirmation,
    tag=_TAG,
    summary="Change a user's address by the code.",
    errors=(
        "email_change_code_expired",
        "email_change_code_incorrect",
        "email_change_code_previously_used",
        "email_change_not_allowed",
        "email_change_too_many_attempts",
        "email_not_available",
        "no_pending_email_change",
    ),
)
SEND_EMAIL_CHANGE = Operation(
    name="send_email_change",
    method="POST",
    path="/user_management/users/{user_id}/email_change/send",
    access=Access.API_KEY,
    request=SendEmailChange,
    result=EmailChange,
    tag=_TAG,
    summary="Mail a code to the address that a user wants to change to.",
    errors=(
        "daily_quota_exceeded",
        "email_change_not_allowed",
        "email_change_not_needed",
        "email_not_available",
        "invalid_email",
    ),
)

OPERATIONS = (CONFIRM_EMAIL_CHANGE, SEND_EMAIL_CHANGE)
