"""Values of e-mail verifications."""

from __future__ import annotations

import msgspec

CODE_PURPOSE = "email_verification_code"

CODE_TTL = 600_000
"""Milliseconds that a code is valid (contract page 11 §9)."""


class VerificationCreated(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of `email_verification.created`: everything but the code."""

    object: str = "email_verification"
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
