"""scrypt (RFC 7914), and what Firebase makes of it.

Firebase encrypts a signer key, one for the whole project, with the key that scrypt derives
from the password; the ciphertext is the hash.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.phc import (
    Phc,
    check_size,
    decode_base64,
    encode_base64,
    read_phc,
    write_phc,
)

SCRYPT_HEADS = ("$scrypt$",)
FIREBASE_HEADS = ("$firebase-scrypt$",)

_SCRYPT_NAMES = frozenset({"n", "r", "p", "kl"})
_FIREBASE_NAMES = frozenset({"m", "r", "sk", "ss"})
# Time goes with n times r times p and memory, in units of 128 bytes, with n times r: both
# stay below 256 MiB and about a second.
_MOST_WORK = 1 << 21
_MOST_BLOCKS, _MOST_LANES = 64, 16
_SPARE_MEMORY = 1 << 20
_AES_KEY_BYTES = 32


class _Firebase(NamedTuple):
    phc: Phc
    memory_cost: int
    rounds: int
    separator: bytes
    signer_key: bytes


def accept_scrypt(text: str) -> str:
    """Check an scrypt hash and write it canonically."""
    return write_phc(_read_scrypt(text))


def matches_scrypt(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    phc = _read_scrypt(stored)
    n, r, p, length = (int(phc.parameters[name]) for name in ("n", "r", "p", "kl"))
    derived = _derive(secret, phc.salt, n=n, r=r, p=p, length=length)
    return hmac.compare_digest(derived, phc.digest)


def accept_firebase(text: str) -> str:
    """Check a hash of Firebase and write it canonically."""
    firebase = _read_firebase(text)
    parameters = {
        "m": str(firebase.memory_cost),
        "r": str(firebase.rounds),
        "ss": encode_base64(firebase.separator),
        "sk": encode_base64(firebase.signer_key),
    }
    phc = firebase.phc
    return write_phc(Phc(phc.id, None, parameters, phc.salt, phc.digest))


def matches_firebase(stored: str, secret: bytes) -> bool:
    """Tell whether these bytes were hashed."""
    firebase = _read_firebase(stored)
    salt = firebase.phc.salt + firebase.separator
    n = 1 << firebase.memory_cost
    key = _derive(secret, salt, n=n, r=firebase.rounds, p=1, length=_AES_KEY_BYTES)
    encryptor = Cipher(AES(key), CTR(bytes(16))).encryptor()
    made = encryptor.update(firebase.signer_key) + encryptor.finalize()
    return hmac.compare_digest(made, firebase.phc.digest)


def _derive(secret: bytes, salt: bytes, *, n: int, r: int, p: int, length: int) -> bytes:
    memory = 128 * r * (n + p) + _SPARE_MEMORY
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=length)


def _read_scrypt(text: str) -> Phc:
    phc = read_phc(text, names=_SCRYPT_NAMES)
    if phc.id != "scrypt" or phc.version not in ("1", None):
        raise UnusableHash("not an scrypt hash of version 1")
    n = phc.number("n", least=2, most=_MOST_WORK)
    r = phc.number("r", least=1, most=_MOST_BLOCKS)
    p = phc.number("p", least=1, most=_MOST_LANES)
    if n & (n - 1) or n >= 1 << 16 * r:
        raise UnusableHash("n must be a power of two and below 2**(16 * r)")
    if n * r * p > _MOST_WORK:
        raise UnusableHash("n, r and p together ask for too much work")
    length = phc.number("kl", least=16, most=128)
    check_size(phc.salt, "salt", least=1, most=256)
    check_size(phc.digest, "digest", least=length, most=length)
    parameters = {"n": str(n), "r": str(r), "p": str(p), "kl": str(length)}
    return Phc(phc.id, "1", parameters, phc.salt, phc.digest)


def _read_firebase(text: str) -> _Firebase:
    phc = read_phc(text, names=_FIREBASE_NAMES)
    if phc.id != "firebase-scrypt" or phc.version not in ("1", None):
        raise UnusableHash("not a firebase-scrypt hash")
    # What Firebase's own import allows.
    memory_cost = phc.number("m", least=1, most=14)
    rounds = phc.number("r", least=1, most=8)
    separator = decode_base64(phc.parameters["ss"])
    signer_key = decode_base64(phc.parameters["sk"])
    check_size(phc.salt, "salt", least=1, most=256)
    check_size(separator, "salt separator", least=0, most=64)
    check_size(signer_key, "signer key", least=16, most=256)
    check_size(phc.digest, "digest", least=len(signer_key), most=len(signer_key))
    return _Firebase(phc, memory_cost, rounds, separator, signer_key)
