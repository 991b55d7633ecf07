"""The seal of the Go SDK: AES-256-GCM as nonce, ciphertext, tag (contract page 31 §1)."""

from __future__ import annotations

import hashlib

from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.retry import draw_bytes
from gatelodge.sdk.sealing import gcm


def is_one(text: str) -> bool:
    """Tell whether a cookie may be this seal: base64 has no stars."""
    return "*" not in text


def check_password(password: str) -> None:
    """Refuse a password that cannot seal.

    Raises:
        ConfigurationInvalid: It is empty.
    """
    if not password:
        raise ConfigurationInvalid("The cookie password must not be empty.")


def seal(plain: bytes, password: str) -> str:
    """Seal with the password's key."""
    nonce = draw_bytes(gcm.NONCE_BYTES)
    return gcm.write_text(nonce + gcm.encrypt(plain, key=_derive(password), nonce=nonce))


def unseal(text: str, password: str, *, now: float) -> bytes | None:  # noqa: ARG001  # every format is asked alike
    """Give what is inside, or None."""
    content = gcm.read_text(text)
    if content is None:
        return None
    nonce, sealed = content[: gcm.NONCE_BYTES], content[gcm.NONCE_BYTES :]
    return gcm.decrypt(sealed, key=_derive(password), nonce=nonce)


def _derive(password: str) -> bytes:
    """Take 64 hexadecimal digits as the key itself, and hash anything else."""
    if len(password) == 2 * gcm.KEY_BYTES and password.isascii():
        try:
            return bytes.fromhex(password)
        except ValueError:
            pass
    return hashlib.sha256(password.encode()).digest()
