"""The bytes of a password."""

from __future__ import annotations

import unicodedata

from gatelodge.kit.hashing.errors import PasswordUnhashable

LARGEST_PASSWORD = 1024
"""Bytes of UTF-8; 256 characters never need more."""


def normalise(password: str) -> str:
    """Write a password in Unicode form NFC, the one form in which it is hashed and measured.

    NFC and not NFKC: it joins what looks the same on any screen, and leaves apart what a
    person can see to be different, such as full-width letters.
    """
    return unicodedata.normalize("NFC", password)


def encode_password(password: str) -> bytes:
    """Give the bytes that are hashed natively.

    Raises:
        PasswordUnhashable: It is larger than `LARGEST_PASSWORD` or not whole text. A NUL is
            refused because some systems stop reading there.
    """
    if len(password) > LARGEST_PASSWORD:
        raise PasswordUnhashable("the password is too long")
    return _encode(normalise(password))


def list_spellings(password: str) -> list[bytes]:
    """Give the bytes that another system may have hashed: in NFC, and as they were typed.

    Raises:
        PasswordUnhashable: As for `encode_password`.
    """
    normal = encode_password(password)
    try:
        typed = _encode(password)
    except PasswordUnhashable:
        return [normal]
    return [normal] if typed == normal else [normal, typed]


def _encode(text: str) -> bytes:
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise PasswordUnhashable("the password is not whole text") from None
    if len(content) > LARGEST_PASSWORD:
        raise PasswordUnhashable("the password is too long")
    if b"\0" in content:
        raise PasswordUnhashable("the password holds a NUL")
    return content
