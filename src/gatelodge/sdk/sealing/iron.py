"""The seal of the Node SDKs: iron, `Fe26.2` (contract page 31 §2).

    Fe26.2 * id * encryption salt * iv * ciphertext * expiry * integrity salt * mac ~ version

AES-256-CBC, then HMAC-SHA256 over the six fields before the integrity salt. Both keys come
from the password by PBKDF2 with one iteration, over the salt's text: the password must
bring the strength itself, hence its least length. The version is outside the mac and picks
a layout of the contents only.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Any

import msgspec

from gatelodge.sdk.errors import ConfigurationInvalid
from gatelodge.sdk.retry import draw_bytes
from gatelodge.sdk.sealing import cbc

_PREFIX = "Fe26.2"
_PASSWORD_ID = "1"
_VERSION = "2"
_VERSION_TEXT = re.compile(r"[0-9]{1,3}")
_FIELDS = 8
_SHORTEST_PASSWORD = 32
_SALT_BYTES = 32
_IV_BYTES = 16
_SKEW = 60.0
_LONGEST_EXPIRY = 15


def is_one(text: str) -> bool:
    """Tell whether a cookie looks like this seal."""
    return text.startswith(_PREFIX)


def check_password(password: str) -> None:
    """Refuse a password that cannot seal.

    Raises:
        ConfigurationInvalid: It has fewer than 32 characters.
    """
    if len(password) < _SHORTEST_PASSWORD:
        raise ConfigurationInvalid(f"The cookie password must have at least {_SHORTEST_PASSWORD} characters.")


def seal(plain: bytes, password: str) -> str:
    """Seal without an end of its own: the tokens inside have theirs."""
    salt, iv = draw_bytes(_SALT_BYTES).hex(), draw_bytes(_IV_BYTES)
    ciphertext = cbc.encrypt(plain, key=_derive(password, salt), iv=iv)
    signed = f"{_PREFIX}*{_PASSWORD_ID}*{salt}*{_encode(iv)}*{_encode(ciphertext)}*"
    integrity_salt = draw_bytes(_SALT_BYTES).hex()
    return f"{signed}*{integrity_salt}*{_sign(signed, password, integrity_salt)}~{_VERSION}"


def unseal(text: str, password: str, *, now: float) -> bytes | None:
    """Give what is inside of ASCII text, or None; `now` in seconds, and a minute of grace after an end."""
    sealed, mark, version = text.partition("~")
    fields = sealed.split("*", _FIELDS)
    if len(fields) != _FIELDS or len(password) < _SHORTEST_PASSWORD:
        return None
    if mark and not _VERSION_TEXT.fullmatch(version):
        return None
    prefix, password_id, salt, iv, ciphertext, expiry, integrity_salt, mac = fields
    if prefix != _PREFIX or password_id != _PASSWORD_ID or _is_over(expiry, now):
        return None
    signed = sealed[: -len(integrity_salt) - len(mac) - 2]
    # The text is compared and not its bytes, so that a mac is written in one way only.
    if not hmac.compare_digest(_sign(signed, password, integrity_salt).encode("ascii"), mac.encode("ascii")):
        return None
    plain = cbc.decrypt(_decode(ciphertext), key=_derive(password, salt), iv=_decode(iv))
    return plain if plain is None or version in ("", _VERSION) else _read_old(plain)


def _is_over(expiry: str, now: float) -> bool:
    if not expiry:
        return False
    # Digits only: int() would read spaces, signs and other scripts.
    if not (expiry.isascii() and expiry.isdigit()) or len(expiry) > _LONGEST_EXPIRY:
        return True
    return int(expiry) / 1000 <= now - _SKEW


def _read_old(plain: bytes) -> bytes:
    """Read what older versions of iron-session wrote: the session was one member of it."""
    try:
        contents: Any = msgspec.json.decode(plain)
    except (ValueError, RecursionError):
        return plain
    if isinstance(contents, dict) and isinstance(contents.get("persistent"), dict):
        return msgspec.json.encode(contents["persistent"])
    return plain


def _derive(password: str, salt: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha1", password.encode(), salt.encode("ascii"), 1, 32)


def _sign(text: str, password: str, salt: str) -> str:
    return _encode(hmac.digest(_derive(password, salt), text.encode("ascii"), "sha256"))


def _encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return b""
