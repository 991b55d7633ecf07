"""Hash and verify passwords."""

from __future__ import annotations

import os
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatelodge.kit.entropy import Entropy, SystemEntropy
from gatelodge.kit.hashing.argon2id import (
    CHEAPEST,
    DEFAULT,
    NATIVE,
    NATIVE_HEAD,
    SALT_BYTES,
    Profile,
    derive,
    make_native,
    read_native,
)
from gatelodge.kit.hashing.errors import PasswordMismatch, PasswordUnhashable, UnusableHash
from gatelodge.kit.hashing.gate import HashGate
from gatelodge.kit.hashing.schemes import Scheme, accept_hash, find_scheme
from gatelodge.kit.hashing.text import encode_password, list_spellings

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHEAPEST", "DEFAULT", "PasswordHasher", "Profile", "Verdict"]

_WAITERS = 64


@dataclass(frozen=True, slots=True)
class Verdict:
    """The password was right; `needs_rehash` asks to store a fresh native hash of it."""

    needs_rehash: bool


class PasswordHasher:
    """Hash, verify and import passwords; safe to share between threads."""

    def __init__(
        self,
        profile: Profile = DEFAULT,
        *,
        gate: HashGate | None = None,
        entropy: Entropy | None = None,
    ) -> None:
        """Take a gate that other hashers of the process share, if there are any."""
        self._profile = profile
        self._gate = gate or HashGate(os.cpu_count() or 1, _WAITERS)
        self._entropy = entropy or SystemEntropy()
        self._evaluations: Counter[str] = Counter()
        self._counting = threading.Lock()

    @property
    def evaluations(self) -> Mapping[str, int]:
        """Give how often each kind of hash was evaluated: the work done, for tests to compare."""
        with self._counting:
            return dict(self._evaluations)

    def hash(self, password: str) -> str:
        """Make a native hash in PHC form.

        Raises:
            PasswordUnhashable: The policy would have refused it; ask that first.
            ServiceUnavailable: Too many are waiting.
        """
        secret = encode_password(password)
        salt = self._entropy.token_bytes(SALT_BYTES)

        def evaluate() -> str:
            self._count(NATIVE)
            return make_native(secret, salt, profile=self._profile)

        return self._gate.run(evaluate)

    def verify(self, stored: str, password: str) -> Verdict:
        """Prove a password against a stored hash.

        A native hash is tried with the NFC form alone. What another system hashed is tried
        with the NFC form and, where they differ, with the bytes as typed, since it is not
        known which it was. bcrypt reads 72 bytes, as it did there; the native hash that
        follows is of the whole password.

        An imported hash takes the time of its own kind, or the decoy's, where it takes none;
        `waste` can be given the like of it.

        A password that cannot be hashed is refused without any work, as `waste` does with
        it, so the time tells nothing. A stored hash that cannot be used costs the decoy.

        Raises:
            PasswordMismatch: It is another password.
            ServiceUnavailable: Too many are waiting.
        """
        try:
            spellings = list_spellings(password)
        except PasswordUnhashable as error:
            raise PasswordMismatch from error
        try:
            if stored.startswith(NATIVE_HEAD):
                return self._verify_native(stored, spellings[0])
            return self._verify_imported(stored, spellings)
        except UnusableHash as error:
            self.waste(password)
            raise PasswordMismatch from error

    def waste(self, password: str = "", *, like: str | None = None) -> None:
        """Do the work of a wrong password, for an account that has none.

        It is that of a native hash, or of the stored hash that it is to be `like`. Whether
        the password matches that one shows in nothing, not in the work either.

        Raises:
            ServiceUnavailable: Too many are waiting; as often as for a real account.
        """
        try:
            spellings = list_spellings(password)
        except PasswordUnhashable:
            return
        try:
            self._evaluate(like, spellings)
        except UnusableHash:
            self._waste_native(spellings[0])

    def _evaluate(self, stored: str | None, spellings: list[bytes]) -> None:
        if stored is None:
            self._waste_native(spellings[0])
        elif stored.startswith(NATIVE_HEAD):
            native = read_native(stored)
            self._count(NATIVE)
            self._gate.run(lambda: native.matches(spellings[0]))
        else:
            scheme = find_scheme(stored)
            if scheme.is_instant:
                self._waste_native(b"")
            self._gate.run(lambda: self._try_all(scheme, stored, spellings))

    def _try_all(self, scheme: Scheme, stored: str, spellings: list[bytes]) -> None:
        for secret in spellings:
            self._count(scheme.kind)
            scheme.matches(stored, secret)

    def _waste_native(self, secret: bytes) -> None:
        def evaluate() -> None:
            self._count(NATIVE)
            derive(secret, bytes(SALT_BYTES), profile=self._profile)

        self._gate.run(evaluate)

    def import_hash(self, hash: str, kind: str, salt_position: str | None = None) -> str:  # noqa: A002 (the wire's own word)
        """Check what another system hashed and give the form to store.

        `kind` is a `password_hash_type` of the wire. `salt_position` is for `ssha256`;
        elsewhere its default, `suffix`, is let pass. Nothing is evaluated.

        Raises:
            UnusableHash: It cannot be read, or its parameters are beyond the caps.
        """
        return accept_hash(hash, kind, salt_position)

    def _verify_native(self, stored: str, secret: bytes) -> Verdict:
        native = read_native(stored)

        def evaluate() -> bool:
            self._count(NATIVE)
            return native.matches(secret)

        if not self._gate.run(evaluate):
            raise PasswordMismatch
        return Verdict(needs_rehash=native.profile != self._profile)

    def _verify_imported(self, stored: str, spellings: list[bytes]) -> Verdict:
        scheme = find_scheme(stored)
        if scheme.is_instant:
            self.waste()

        def evaluate() -> bool:
            for secret in spellings:
                self._count(scheme.kind)
                if scheme.matches(stored, secret):
                    return True
            return False

        if not self._gate.run(evaluate):
            raise PasswordMismatch
        return Verdict(needs_rehash=True)

    def _count(self, kind: str) -> None:
        with self._counting:
            self._evaluations[kind] += 1
