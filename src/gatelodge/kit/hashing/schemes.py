"""The hashes of other systems that are taken over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatelodge.kit.hashing import argon2_hashes, bcrypt_hashes, pbkdf2_hashes
from gatelodge.kit.hashing.errors import UnusableHash
from gatelodge.kit.hashing.salted_hashes import (
    SSHA256_HEADS,
    SSHA_HEADS,
    accept_ssha,
    accept_ssha256,
    accept_ssha256_prefix,
    matches_ssha,
    matches_ssha256,
)
from gatelodge.kit.hashing.scrypt_hashes import (
    FIREBASE_HEADS,
    SCRYPT_HEADS,
    accept_firebase,
    accept_scrypt,
    matches_firebase,
    matches_scrypt,
)

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of hash.

    `heads` are the beginnings of its stored form. `accept` checks and rewrites what is
    imported, `matches` evaluates what is stored; both raise `UnusableHash`. One that
    `is_instant` takes no time to speak of.
    """

    kind: str
    heads: tuple[str, ...]
    accept: Callable[[str], str]
    matches: Callable[[str, bytes], bool]
    accept_prefix: Callable[[str], str] | None = None
    is_instant: bool = False


SCHEMES = (
    Scheme(
        "argon2",
        argon2_hashes.HEADS,
        argon2_hashes.accept_argon2,
        argon2_hashes.matches_argon2,
    ),
    Scheme(
        "bcrypt",
        bcrypt_hashes.HEADS,
        bcrypt_hashes.accept_bcrypt,
        bcrypt_hashes.matches_bcrypt,
    ),
    Scheme("firebase-scrypt", FIREBASE_HEADS, accept_firebase, matches_firebase),
    Scheme(
        "pbkdf2",
        pbkdf2_hashes.HEADS,
        pbkdf2_hashes.accept_pbkdf2,
        pbkdf2_hashes.matches_pbkdf2,
    ),
    Scheme("scrypt", SCRYPT_HEADS, accept_scrypt, matches_scrypt),
    Scheme("ssha", SSHA_HEADS, accept_ssha, matches_ssha, is_instant=True),
    Scheme(
        "ssha256",
        SSHA256_HEADS,
        accept_ssha256,
        matches_ssha256,
        accept_prefix=accept_ssha256_prefix,
        is_instant=True,
    ),
)


def find_scheme(stored: str) -> Scheme:
    """Find the scheme of a stored hash.

    Raises:
        UnusableHash: No scheme writes such strings.
    """
    for scheme in SCHEMES:
        if stored.startswith(scheme.heads):
            return scheme
    raise UnusableHash("no known kind of hash")


def accept_hash(text: str, kind: str, salt_position: str | None) -> str:
    """Check an imported hash and give the form to store.

    Raises:
        UnusableHash: It cannot be read, is of no known kind, or asks for too much work.
    """
    scheme = next((scheme for scheme in SCHEMES if scheme.kind == kind), None)
    if scheme is None:
        raise UnusableHash(f"the kind must be one of {', '.join(each.kind for each in SCHEMES)}")
    match salt_position:
        case None | "suffix":
            return scheme.accept(text)
        case "prefix" if scheme.accept_prefix is not None:
            return scheme.accept_prefix(text)
        case "prefix":
            raise UnusableHash(f"a salt position means nothing to {kind}")
        case _:
            raise UnusableHash("the salt position is either prefix or suffix")
