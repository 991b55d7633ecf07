"""One-time codes: six digits that a person reads in a mail and types back.

A code is sealed where the wire reads it back, and a keyed hash that is bound to its row
is there for comparison: equal codes of two people do not look alike. A try is charged to
the code, in a write of its own, before it is judged here.
"""

from __future__ import annotations

import hmac
from typing import Protocol

import msgspec

from gatelodge.contract.errors import (
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeTooManyAttempts,
    OneTimeCodeUsed,
)
from gatelodge.kit.entropy import issue_code
from gatelodge.kit.unit import Unit

CODE_TTL = 600_000
"""Milliseconds that a code is valid (contract page 11 §9)."""
CODE_MINUTES = CODE_TTL // 60_000
MOST_ATTEMPTS = 5
"""Tries of one code, right or wrong; then it is no good, and a new one must be asked for."""


class IssuedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A new code: as it is mailed, and as it is stored."""

    plain: str
    sealed: bytes
    code_hash: bytes


class StoredCode(Protocol):
    """A row that holds a code; instants in milliseconds."""

    @property
    def id(self) -> str:
        """Give the id that the hash is bound to."""

    @property
    def code_hash(self) -> bytes:
        """Give the keyed hash."""

    @property
    def spent_at(self) -> int | None:
        """Give the instant of its use."""

    @property
    def expires_at(self) -> int:
        """Give the end of its validity."""


def issue(unit: Unit, row_id: str, *, purpose: str) -> IssuedCode:
    """Make a code for a row, and both of its stored forms."""
    plain = issue_code(unit.random)
    return IssuedCode(
        plain=plain,
        sealed=unit.sealer.seal(plain.encode(), purpose=purpose),
        code_hash=hash_code(unit, row_id, plain, purpose=purpose),
    )


def hash_code(unit: Unit, row_id: str, code: str, *, purpose: str) -> bytes:
    """Hash a code as typed, outer blanks left out, for the row that it was made for."""
    return unit.sealer.keyed_hash(f"{row_id}\x1f{code.strip()}", purpose=purpose)


def judge(unit: Unit, stored: StoredCode | None, typed: str, *, purpose: str, charged: bool) -> None:
    """Let the right code pass.

    `charged` says that the try could be charged, which only a code that is neither spent,
    expired nor exhausted lets happen.

    Raises:
        OneTimeCodeInvalid: There is no code, or it is another one.
        OneTimeCodeUsed: It was this one, and is spent.
        OneTimeCodeExpired: Its ten minutes are over, or a newer one was sent.
        OneTimeCodeTooManyAttempts: It was tried too often.
    """
    if stored is None:
        raise OneTimeCodeInvalid
    is_right = hmac.compare_digest(hash_code(unit, stored.id, typed, purpose=purpose), stored.code_hash)
    if charged:
        if not is_right:
            raise OneTimeCodeInvalid
        return
    if stored.spent_at is not None:
        raise OneTimeCodeUsed if is_right else OneTimeCodeInvalid
    raise OneTimeCodeExpired if stored.expires_at <= unit.now else OneTimeCodeTooManyAttempts
