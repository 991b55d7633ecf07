"""Values of e-mail verifications."""

from __future__ import annotations

import msgspec

CODE_PURPOSE = "email_verification_code"
KIND = "email_verification"
"""The word for it in the names of events and buckets, and the prefix of its ids."""


class Verification(msgspec.Struct, frozen=True, kw_only=True):
    """A verification as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    email: str
    code: bytes
    code_hash: bytes
    attempts: int
    spent_at: int | None
    expires_at: int
    created_at: int
    updated_at: int


class VerificationCreated(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of `email_verification.created`: everything but the code."""

    object: str = KIND
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
