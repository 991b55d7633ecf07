"""AES-256-GCM in standard base64, which the Go and Ruby SDKs share in different layouts."""

from __future__ import annotations

import base64
import binascii
import functools

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
TAG_BYTES = 16
KEY_BYTES = 32


# Few keys are ever in use, and setting one up costs as much as a whole opening.
@functools.lru_cache(maxsize=32)
def _prepare(key: bytes) -> AESGCM:
    return AESGCM(key)


def encrypt(plain: bytes, *, key: bytes, nonce: bytes) -> bytes:
    """Encrypt; the last 16 bytes are the tag."""
    return _prepare(key).encrypt(nonce, plain, None)


def decrypt(sealed: bytes, *, key: bytes, nonce: bytes) -> bytes | None:
    """Decrypt what ends in its tag; None when it was changed or the key is another."""
    if len(nonce) != NONCE_BYTES or len(sealed) < TAG_BYTES:
        return None
    try:
        return _prepare(key).decrypt(nonce, sealed, None)
    except InvalidTag:
        return None


def write_text(content: bytes) -> str:
    """Write bytes as one line of base64."""
    return base64.b64encode(content).decode("ascii")


def read_text(text: str) -> bytes | None:
    """Read base64, in lines as some Rubies write it or in one; None when it is none."""
    try:
        return base64.b64decode(text.replace("\n", "").encode("ascii"), validate=True)
    except (binascii.Error, ValueError):
        return None
