"""The only source of chance, and the secrets that are made straight from it.

A secret's plain form is a *token* when a program carries it and a *code* when a person
types it.
"""

from __future__ import annotations

import base64
import secrets
from typing import Protocol

TOKEN_BYTES = 32

_DRAWS = 64
_SPARE_BITS = 24


class Entropy(Protocol):
    """Gives unpredictable bytes."""

    def token_bytes(self, n: int) -> bytes:
        """Give `n` unpredictable bytes."""
        ...


class SystemEntropy:
    """The operating system's generator."""

    def token_bytes(self, n: int) -> bytes:
        """Give `n` unpredictable bytes."""
        return secrets.token_bytes(n)


def issue_token(entropy: Entropy) -> str:
    """Make a token of 256 bits: 43 characters of base64url without padding."""
    token = base64.urlsafe_b64encode(entropy.token_bytes(TOKEN_BYTES))
    return token.rstrip(b"=").decode("ascii")


def issue_code(entropy: Entropy, digits: int = 6) -> str:
    """Make a code of decimal digits, every value equally likely, leading zeros kept.

    Draws that would favour the low values are thrown away rather than folded in by the
    modulus. Of 2**24 draws fewer than one is, so 64 in a row mean a broken source.

    Raises:
        RuntimeError: The source gave only unusable draws.
    """
    values: int = 10**digits
    width = (values.bit_length() + _SPARE_BITS + 7) // 8
    fair = 256**width // values * values
    for _ in range(_DRAWS):
        drawn = int.from_bytes(entropy.token_bytes(width), "big")
        if drawn < fair:
            return str(drawn % values).zfill(digits)
    raise RuntimeError("the entropy source gives no usable bytes")
