"""What hashing may answer instead of a result."""

from __future__ import annotations


class PasswordMismatch(Exception):
    """The password is not the one that was hashed."""


class PasswordUnhashable(ValueError):
    """The password is too long to hash, or holds a NUL or half a surrogate pair."""


class UnusableHash(Exception):
    """The hash cannot be read, or asks for more work than is allowed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
