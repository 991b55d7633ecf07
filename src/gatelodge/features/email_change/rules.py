"""Values of e-mail changes."""

from __future__ import annotations

import msgspec

CODE_PURPOSE = "email_change_code"
KIND = "email_change"

UNDO_PURPOSE = "email_change_undo"
UNDO_DAYS = 7
"""Days for which the old address may take the account back."""
UNDO_TTL = UNDO_DAYS * 86_400_000
UNDO_PAGE = "/undo-email-change"
"""The path of the page that the link leads to."""


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


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """What a link to undo a change stands for; instants in milliseconds."""

    token_hash: bytes
    user_id: str
    old_email: str
    new_email: str
    expires_at: int
    created_at: int
