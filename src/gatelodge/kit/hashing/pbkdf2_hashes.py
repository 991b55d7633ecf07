"""PBKDF2 with HMAC-SHA-256 or HMAC-SHA-512 (RFC 8018 §5.2)."""

from __future__ import annotations

import hashlib
import hmac

from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.phc import Phc, check_size, read_phc, write_phc

HEADS = ("$pbkdf2$",)

_NAMES = frozenset({"i", "d"})
_LEAST_ITERATIONS = {"sha256": 600_000, "sha512": 210_000}
_MOST_ITERATIONS = 1_000_000


def accept_pbkdf2(text: str) -> str:
    """Check a PBKDF2 hash and write it canonically."""
    return write_phc(_read(text))


def matches_pbkdf2(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    phc = _read(stored)
    derived = hashlib.pbkdf2_hmac(phc.parameters["d"], secret, phc.salt, int(phc.parameters["i"]), len(phc.digest))
    return hmac.compare_digest(derived, phc.digest)


def _read(text: str) -> Phc:
    phc = read_phc(text, names=_NAMES)
    digest = phc.parameters["d"]
    if phc.id != "pbkdf2" or phc.version not in ("1", None) or digest not in _LEAST_ITERATIONS:
        raise UnusableHash("not a pbkdf2 hash with sha256 or sha512")
    iterations = phc.number("i", least=_LEAST_ITERATIONS[digest], most=_MOST_ITERATIONS)
    check_size(phc.salt, "salt", least=1, most=256)
    # Every further block of output costs all iterations again, so no more than one.
    check_size(phc.digest, "digest", least=16, most=hashlib.new(digest).digest_size)
    parameters = {"i": str(iterations), "d": digest}
    return Phc(phc.id, None, parameters, phc.salt, phc.digest)
