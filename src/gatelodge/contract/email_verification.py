"""E-mail verification on the wire (contract page 15)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import User

Code = Annotated[str, msgspec.Meta(max_length=64)]


class EmailVerification(msgspec.Struct, frozen=True, kw_only=True):
    """A code that was mailed to prove an address, in the clear for an app with mails of its own."""

    object: Literal["email_verification"] = "email_verification"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
    code: str


class EmailVerificationId(msgspec.Struct, frozen=True, kw_only=True):
    """Name an e-mail verification."""

    email_verification_id: str


class SendVerificationEmail(msgspec.Struct, frozen=True, kw_only=True):
    """Mail a new code to a user; older ones lapse."""

    user_id: str


class SendVerificationEmailResponse(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a code was sent to."""

    user: User


class VerifyEmail(msgspec.Struct, frozen=True, kw_only=True):
    """Prove a user's address by the code."""

    user_id: str
    code: Code


class VerifyEmailResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The user whose address is proved."""

    user: User


_TAG = "user-management.users"

GET_EMAIL_VERIFICATION = Operation(
    name="get_email_verification",
    method="GET",
    path="/user_management/email_verification/{email_verification_id}",
    access=Access.API_KEY,
    request=EmailVerificationId,
    result=EmailVerification,
    tag=_TAG,
    summary="Get an e-mail verification with its code.",
)
SEND_VERIFICATION_EMAIL = Operation(
    name="send_verification_email",
    method="POST",
    path="/user_management/users/{user_id}/email_verification/send",
    access=Access.API_KEY,
    request=SendVerificationEmail,
    result=SendVerificationEmailResponse,
    tag=_TAG,
    summary="Mail a verification code to a user.",
    errors=("daily_quota_exceeded", "email_already_verified"),
)
VERIFY_EMAIL = Operation(
    name="verify_email",
    method="POST",
    path="/user_management/users/{user_id}/email_verification/confirm",
    access=Access.API_KEY,
    request=VerifyEmail,
    result=VerifyEmailResponse,
    tag=_TAG,
    summary="Prove a user's address by the code.",
    errors=(
        "email_previously_verified",
        "email_verification_code_expired",
        "email_verification_code_incorrect",
        "email_verification_code_previously_used",
    ),
)

OPERATIONS = (GET_EMAIL_VERIFICATION, SEND_VERIFICATION_EMAIL, VERIFY_EMAIL)
