"""bcrypt, as `$2a$`, `$2b$` and `$2y$` write it."""

from __future__ import annotations

import re

import bcrypt

from gatelodge.kit.hashing.errors import UnusableHash

HEADS = ("$2a$", "$2b$", "$2y$")

_SHAPE = re.compile(r"\$2[aby]\$([0-9]{2})\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})", re.ASCII)
_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_LEAST_COST, _MOST_COST = 4, 14
_BYTES_READ = 72
_UNUSED_SALT_BITS, _UNUSED_DIGEST_BITS = 4, 2


def accept_bcrypt(text: str) -> str:
    """Check a bcrypt hash and write it canonically."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise UnusableHash("not a bcrypt hash of version 2a, 2b or 2y")
    if not _LEAST_COST <= int(shape[1]) <= _MOST_COST:
        raise UnusableHash(f"the cost must be from {_LEAST_COST} to {_MOST_COST}")
    salt, digest = _clear(shape[2], _UNUSED_SALT_BITS), _clear(shape[3], _UNUSED_DIGEST_BITS)
    return text[: shape.start(2)] + salt + digest


def matches_bcrypt(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed, as far as bcrypt reads them: 72 bytes."""
    return bcrypt.checkpw(secret[:_BYTES_READ], accept_bcrypt(stored).encode("ascii"))


def _clear(text: str, bits: int) -> str:
    # Some systems leave chance in the unused bits of the last letter, and others, the
    # library here among them, compare it.
    last = _ALPHABET.index(text[-1]) >> bits << bits
    return text[:-1] + _ALPHABET[last]
