"""Passwords: hash them natively, verify what other systems hashed, refuse what costs too much.

Native hashes are argon2id over the UTF-8 bytes of the password in Unicode form NFC, so it
is the same password whichever keyboard composed its accents. Nothing else about it is
changed: spaces and letter case count, and all of its bytes do.

What other systems hashed is kept as they made it until its owner signs in; `Verdict` then
asks for a native hash. Its parameters are checked against caps when it is imported and
again before each evaluation, so no stored string can order more work than the caps allow.
"""

from __future__ import annotations

from gatelodge.kit.hashing.errors import PasswordMismatch, PasswordUnhashable, UnusableHash
from gatelodge.kit.hashing.gate import NICENESS, HashGate
from gatelodge.kit.hashing.hasher import CHEAPEST, DEFAULT, PasswordHasher, Profile, Verdict
from gatelodge.kit.hashing.text import LARGEST_PASSWORD, normalise

__all__ = [
    "CHEAPEST",
    "DEFAULT",
    "LARGEST_PASSWORD",
    "NICENESS",
    "HashGate",
    "PasswordHasher",
    "PasswordMismatch",
    "PasswordUnhashable",
    "Profile",
    "UnusableHash",
    "Verdict",
    "normalise",
]
