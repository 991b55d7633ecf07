"""Values of device codes."""

from __future__ import annotations

import re

import msgspec

from gatelodge.kit.entropy import Entropy

CODE_PURPOSE = "device_code"
USER_CODE_PURPOSE = "device_user_code"

CODE_TTL = 300
"""Seconds that a device code is valid (contract page 12 §4)."""
INTERVAL = 5
"""Seconds that must lie between two polls."""

WAITING = "waiting"
APPROVED = "approved"
DENIED = "denied"

# Consonants only, so that no word comes out, and none that is mistaken for a digit.
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
_GROUP = 4
# The largest multiple of twenty in a byte: what is above it would favour some letters.
_FAIR = 240
_OTHER = re.compile(r"[^A-Z]")


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """A device code as it is stored; `state` is the sign-in that confirmed it."""

    code_hash: bytes
    client_id: str
    answer: str
    state: str | None
    polled_at: int | None
    expires_at: int


def issue_user_code(entropy: Entropy) -> str:
    """Make a user code: two groups of four consonants, 34 bits."""
    letters: list[str] = []
    while len(letters) < 2 * _GROUP:
        letters += [_LETTERS[byte % 20] for byte in entropy.token_bytes(16) if byte < _FAIR]
    return "".join(letters[:_GROUP]) + "-" + "".join(letters[_GROUP : 2 * _GROUP])


def fold_user_code(typed: str) -> str:
    """Give the form in which user codes are compared: upper case, letters only."""
    return _OTHER.sub("", typed.upper())
