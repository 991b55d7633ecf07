"""Values of magic auth."""

from __future__ import annotations

import msgspec

CODE_PURPOSE = "magic_auth_code"
KIND = "magic_auth"
"""The word for it in the names of events and buckets, and the prefix of its ids."""


class MagicCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it is stored; instants in milliseconds."""

    id: str
    user_id: str
    email: str
    sealed: bytes
    code_hash: bytes
    attempts: int
    spent_at: int | None
    expires_at: int
    created_at: int
    updated_at: int


class MagicAuthCreated(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of `magic_auth.created`: everything but the code."""

    object: str = KIND
    id: str
    user_id: str
    email: str
    expires_at: str
    created_at: str
    updated_at: str
