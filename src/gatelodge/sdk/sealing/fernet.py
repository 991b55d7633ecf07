"""The seal of the Python SDKs: Fernet, the password being its key (contract page 31 §3).

    version 0x80 · time (8 bytes) · iv (16) · ciphertext · HMAC-SHA256 of all before (32)

The library seals. Opening, which every request of an application waits for, takes it twice
as long as the lines below: it checks the mac and the padding through objects made anew.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hmac
import re

from cryptography.fernet import Fernet

from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.sealing import cbc

_PREFIX = "gAAAA"
_TEXT = re.compile(r"[A-Za-z0-9_-]+={0,2}")
_KEY_BYTES = 32
_IV_AT, _CIPHERTEXT_AT, _MAC_BYTES = 9, 25, 32


def is_one(text: str) -> bool:
    """Tell whether a cookie looks like this seal: version 0x80, and a time before the year 2106."""
    return text.startswith(_PREFIX)


def check_password(password: str) -> None:
    """Refuse a password that cannot seal.

    Raises:
        ConfigurationInvalid: It is no Fernet key.
    """
    if _read_keys(password) is None:
        message = "For a Fernet seal the cookie password must be a Fernet key: 32 bytes in URL-safe base64."
        raise ConfigurationInvalid(message)


def seal(plain: bytes, password: str) -> str:
    """Seal with the password as the key."""
    return Fernet(password).encrypt(plain).decode("ascii")


def unseal(text: str, password: str, *, now: float) -> bytes | None:  # noqa: ARG001  # every format is asked alike
    """Give what is inside, or None; the time in the seal ends nothing (contract page 31 §3)."""
    keys = _read_keys(password)
    if keys is None or not _TEXT.fullmatch(text):
        return None
    try:
        token = base64.urlsafe_b64decode(text)
    except binascii.Error:
        return None
    signing_key, encryption_key = keys
    signed, mac = token[:-_MAC_BYTES], token[-_MAC_BYTES:]
    if not hmac.compare_digest(hmac.digest(signing_key, signed, "sha256"), mac):
        return None
    return cbc.decrypt(signed[_CIPHERTEXT_AT:], key=encryption_key, iv=signed[_IV_AT:_CIPHERTEXT_AT])


# Few passwords are ever in use, and the process holds them anyway.
@functools.lru_cache(maxsize=8)
def _read_keys(password: str) -> tuple[bytes, bytes] | None:
    """Read the keys for signing and for encrypting, as the library does."""
    try:
        key = base64.urlsafe_b64decode(password)
    except ValueError:
        return None
    return (key[:16], key[16:]) if len(key) == _KEY_BYTES else None
