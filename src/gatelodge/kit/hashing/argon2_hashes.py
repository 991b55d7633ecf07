"""argon2 with parameters of another system's choosing (RFC 9106)."""

from __future__ import annotations

from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, verify_secret

from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.phc import Phc, check_size, read_phc, write_phc

IMPORTED = "imported"
HEADS = (f"{IMPORTED}$argon2",)

_TYPES = {"argon2id": Type.ID, "argon2i": Type.I, "argon2d": Type.D}
_NAMES = frozenset({"m", "t", "p"})
_VERSION = "19"
_LEAST_MEMORY, _MOST_MEMORY = 4096, 262_144
_LEAST_ROUNDS = {"argon2id": 1, "argon2i": 3, "argon2d": 1}
_MOST_ROUNDS, _MOST_LANES = 5, 8


def accept_argon2(text: str) -> str:
    """Check an argon2 hash and write it canonically, marked as not our own.

    The mark keeps it apart from a native hash that happens to have the same parameters:
    only of the native one is it known that it was made over the NFC form.
    """
    return IMPORTED + _check(text)


def matches_argon2(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    text = _check(stored.removeprefix(IMPORTED))
    return matches_encoded(text, secret, _TYPES[text.split("$", 2)[1]])


def matches_encoded(text: str, secret: bytes, kind: Type) -> bool:
    """Evaluate an encoded argon2 hash whose parameters have been checked."""
    try:
        return verify_secret(text.encode("ascii"), secret, kind)
    except VerifyMismatchError:
        return False
    except (VerificationError, HashingError) as error:
        raise UnusableHash("argon2 cannot evaluate it") from error


def _check(text: str) -> str:
    phc = read_phc(text, names=_NAMES)
    if phc.id not in _TYPES or phc.version != _VERSION:
        raise UnusableHash("not an argon2id, argon2i or argon2d hash of version 19")
    memory = phc.number("m", least=_LEAST_MEMORY, most=_MOST_MEMORY)
    rounds = phc.number("t", least=_LEAST_ROUNDS[phc.id], most=_MOST_ROUNDS)
    lanes = phc.number("p", least=1, most=_MOST_LANES)
    check_size(phc.salt, "salt", least=8, most=64)
    check_size(phc.digest, "digest", least=16, most=64)
    parameters = {"m": str(memory), "t": str(rounds), "p": str(lanes)}
    return write_phc(Phc(phc.id, _VERSION, parameters, phc.salt, phc.digest))
