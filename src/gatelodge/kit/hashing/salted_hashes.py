"""One round of SHA over password and salt, as LDAP servers keep it.

`{SSHA}` has SHA-1 over password and salt. `{SSHA256}` has SHA-256, and the salt either
after the password or before it, which the stored form says: `{SSHA256-PREFIX}`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.phc import check_length, check_size, decode_base64

SSHA_HEADS = ("{SSHA}",)
SSHA256_HEADS = ("{SSHA256}", "{SSHA256-PREFIX}")

_SHA1_BYTES = 20
_SHA256_BYTES = 32


def accept_ssha(text: str) -> str:
    """Check a salted SHA-1 hash and write it canonically."""
    return _write("{SSHA}", *_read(text, "{SSHA}", _SHA1_BYTES))


def matches_ssha(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    digest, salt = _read(stored, "{SSHA}", _SHA1_BYTES)
    made = hashlib.sha1(secret + salt, usedforsecurity=False).digest()
    return hmac.compare_digest(made, digest)


def accept_ssha256(text: str) -> str:
    """Check a salted SHA-256 hash, the salt after the password, and write it canonically."""
    return _write("{SSHA256}", *_read(text, "{SSHA256}", _SHA256_BYTES))


def accept_ssha256_prefix(text: str) -> str:
    """Check a salted SHA-256 hash, the salt before the password, and write it canonically."""
    return _write("{SSHA256-PREFIX}", *_read(text, "{SSHA256}", _SHA256_BYTES))


def matches_ssha256(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    if stored.startswith("{SSHA256-PREFIX}"):
        digest, salt = _read(stored, "{SSHA256-PREFIX}", _SHA256_BYTES)
        salted = salt + secret
    else:
        digest, salt = _read(stored, "{SSHA256}", _SHA256_BYTES)
        salted = secret + salt
    return hmac.compare_digest(hashlib.sha256(salted).digest(), digest)


def _read(text: str, head: str, size: int) -> tuple[bytes, bytes]:
    check_length(text)
    if not text.startswith(head):
        raise UnusableHash(f"it must begin with {head}")
    content = decode_base64(text.removeprefix(head))
    digest, salt = content[:size], content[size:]
    check_size(digest, "digest", least=size, most=size)
    check_size(salt, "salt", least=1, most=256)
    return digest, salt


def _write(head: str, digest: bytes, salt: bytes) -> str:
    return head + base64.b64encode(digest + salt).decode("ascii")
