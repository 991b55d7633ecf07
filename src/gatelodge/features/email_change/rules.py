"""Values of e-mail changes."""

from __future__ import annotations

import msgspec

CODE_PURPOSE = "email_change_code"
KIND = "email_change"


class PendingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A change as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    old_email: str
    new_email: str
    code_hash: bytes
    password_version: str | None
    attempts: int
    spent_at: int | None
    expires_at: int
    created_at: int
