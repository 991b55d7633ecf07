"""argon2id, as our own hashes use it (RFC 9106).

libsodium computes it: a tenth faster than argon2-cffi, and 1.6 times as fast where the system
gives everybody huge pages (docs/decisions/0015). It has one lane and
salts of 16 bytes; argon2-cffi computes the rest.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from argon2.low_level import Type, hash_secret_raw
from nacl import bindings

from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.phc import Phc, check_size, read_phc, write_phc

NATIVE = "argon2id"
NATIVE_HEAD = f"${NATIVE}$"
SALT_BYTES = 16

_DIGEST_BYTES = 32
_NAMES = frozenset({"m", "t", "p"})
_VERSION = "19"
_LEAST_MEMORY_KIB = 8
"""For each lane (RFC 9106 §3.1)."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a native hash costs: memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int = 1


DEFAULT = Profile(memory_kib=19 * 1024, passes=2)
"""OWASP's first choice for argon2id; about 20 ms."""

CHEAPEST = Profile(memory_kib=8, passes=1)
"""The least that argon2 allows: for tests, and for nothing else."""

_CEILING = Profile(memory_kib=262_144, passes=5, lanes=8)


@dataclass(frozen=True, slots=True)
class NativeHash:
    """A native hash, taken apart."""

    profile: Profile
    salt: bytes
    digest: bytes

    def matches(self, secret: bytes) -> bool:
        """Evaluate it: tell whether these bytes were hashed."""
        return hmac.compare_digest(derive(secret, self.salt, profile=self.profile, size=len(self.digest)), self.digest)


def read_native(text: str) -> NativeHash:
    """Take a native hash apart.

    Raises:
        UnusableHash: It is none, or its parameters are beyond the caps.
    """
    phc = read_phc(text, names=_NAMES)
    if phc.id != NATIVE or phc.version != _VERSION:
        raise UnusableHash("not an argon2id hash of version 19")
    check_size(phc.salt, "salt", least=8, most=64)
    check_size(phc.digest, "digest", least=16, most=64)
    lanes = phc.number("p", least=1, most=_CEILING.lanes)
    profile = Profile(
        memory_kib=phc.number("m", least=_LEAST_MEMORY_KIB * lanes, most=_CEILING.memory_kib),
        passes=phc.number("t", least=1, most=_CEILING.passes),
        lanes=lanes,
    )
    return NativeHash(profile, phc.salt, phc.digest)


def make_native(secret: bytes, salt: bytes, *, profile: Profile) -> str:
    """Hash a password and write it in PHC form."""
    digest = derive(secret, salt, profile=profile)
    parameters = {"m": str(profile.memory_kib), "t": str(profile.passes), "p": str(profile.lanes)}
    return write_phc(Phc(NATIVE, _VERSION, parameters, salt, digest))


def derive(secret: bytes, salt: bytes, *, profile: Profile, size: int = _DIGEST_BYTES) -> bytes:
    """Compute argon2id of some bytes, `size` bytes of it."""
    if profile.lanes == 1 and len(salt) == SALT_BYTES:
        memory = profile.memory_kib * 1024
        return bindings.crypto_pwhash_alg(
            size, secret, salt, profile.passes, memory, bindings.crypto_pwhash_ALG_ARGON2ID13
        )
    return hash_secret_raw(
        secret,
        salt,
        time_cost=profile.passes,
        memory_cost=profile.memory_kib,
        parallelism=profile.lanes,
        hash_len=size,
        type=Type.ID,
    )
