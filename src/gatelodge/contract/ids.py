"""Object ids: a prefix and a ULID (contract page 00 §4).

A ULID is 48 bits of milliseconds and 80 bits of chance in 26 characters of upper-case
Crockford base32, so ids of one kind sort by time and carry their own position in a list.
"""

from __future__ import annotations

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
_LENGTH = 26
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)

ULID_RANDOM_BYTES = 10


def make_ulid(milliseconds: int, random: bytes) -> str:
    """Write a ULID from an instant in milliseconds and ten random bytes."""
    number = (milliseconds << 80) | int.from_bytes(random, "big")
    pairs = _PAIRS
    return "".join([pairs[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def make_id(prefix: str, milliseconds: int, random: bytes) -> str:
    """Write an object id such as `user_01J…`."""
    return f"{prefix}_{make_ulid(milliseconds, random)}"


def find_instant(object_id: str, prefix: str) -> int | None:
    """Read the milliseconds inside an id, or None when it is not an id of that kind."""
    head, separator, ulid = object_id.rpartition("_")
    if not separator or head != prefix or len(ulid) != _LENGTH:
        return None
    number = 0
    for letter in ulid:
        value = _VALUES.get(letter)
        if value is None:
            return None
        number = number << 5 | value
    instant = number >> 80
    return instant if instant < 1 << 48 else None
