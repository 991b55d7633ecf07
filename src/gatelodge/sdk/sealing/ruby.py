"""The seals of the Ruby SDK, AES-256-GCM (contract page 31 §1).

Since version 7: a byte 0x01, nonce, tag, ciphertext, under the password's hash. Before:
nonce, ciphertext, tag, under the password's own 32 bytes; such seals are still read.
"""

from __future__ import annotations

import hashlib

from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.retry import draw_bytes
from gatelodge.sdk.sealing import gcm

_VERSION = b"\x01"
_TAG_AT = len(_VERSION) + gcm.NONCE_BYTES
_CIPHERTEXT_AT = _TAG_AT + gcm.TAG_BYTES
_SHORTEST_PASSWORD = 32


def is_one(text: str) -> bool:
    """Tell whether a cookie may be one of these seals: base64 has no stars."""
    return "*" not in text


def check_password(password: str) -> None:
    """Refuse a password that cannot seal.

    Raises:
        ConfigurationInvalid: It has fewer than 32 bytes.
    """
    if len(password.encode()) < _SHORTEST_PASSWORD:
        raise ConfigurationInvalid(f"The cookie password must have at least {_SHORTEST_PASSWORD} bytes.")


def seal(plain: bytes, password: str) -> str:
    """Seal as version 7 and later do."""
    nonce = draw_bytes(gcm.NONCE_BYTES)
    sealed = gcm.encrypt(plain, key=hashlib.sha256(password.encode()).digest(), nonce=nonce)
    ciphertext, tag = sealed[: -gcm.TAG_BYTES], sealed[-gcm.TAG_BYTES :]
    return gcm.write_text(_VERSION + nonce + tag + ciphertext)


def unseal(text: str, password: str, *, now: float) -> bytes | None:  # noqa: ARG001  # every format is asked alike
    """Give what is inside, or None."""
    content = gcm.read_text(text)
    if content is None:
        return None
    secret = password.encode()
    if content[:1] == _VERSION:
        nonce, tag = content[1:_TAG_AT], content[_TAG_AT:_CIPHERTEXT_AT]
        sealed = content[_CIPHERTEXT_AT:] + tag
        plain = gcm.decrypt(sealed, key=hashlib.sha256(secret).digest(), nonce=nonce)
        if plain is not None:
            return plain
    # An older seal whose nonce happens to begin with that byte is read here, too.
    if len(secret) != gcm.KEY_BYTES:
        return None
    return gcm.decrypt(content[gcm.NONCE_BYTES :], key=secret, nonce=content[: gcm.NONCE_BYTES])
