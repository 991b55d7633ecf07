"""The seal of the Python SDKs: Fernet, the password being its key (contract page 31 §3)."""

from __future__ import annotations

import functools
import re

from cryptography.fernet import Fernet, InvalidToken

from gatelodge.sdk.errors import ConfigurationInvalid

_PREFIX = "gAAAA"
# The library passes over foreign characters and all that follows a padding.
_TEXT = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def is_one(text: str) -> bool:
    """Tell whether a cookie looks like this seal: version 0x80, and a time before the year 2106."""
    return text.startswith(_PREFIX)


def check_password(password: str) -> None:
    """Refuse a password that cannot seal.

    Raises:
        ConfigurationInvalid: It is no Fernet key.
    """
    if _read_key(password) is None:
        message = "For a Fernet seal the cookie password must be a Fernet key: 32 bytes in URL-safe base64."
        raise ConfigurationInvalid(message)


def seal(plain: bytes, password: str) -> str:
    """Seal with the password as the key."""
    return Fernet(password).encrypt(plain).decode("ascii")


def unseal(text: str, password: str, *, now: float) -> bytes | None:  # noqa: ARG001  # every format is asked alike
    """Give what is inside, or None; the time in the seal ends nothing (contract page 31 §3)."""
    key = _read_key(password)
    if key is None or not _TEXT.fullmatch(text):
        return None
    try:
        return key.decrypt(text)
    except InvalidToken:
        return None


# Few passwords are ever in use, and reading one as a key costs as much as a whole opening.
@functools.lru_cache(maxsize=8)
def _read_key(password: str) -> Fernet | None:
    try:
        return Fernet(password)
    except ValueError:
        return None
