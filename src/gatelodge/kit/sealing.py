"""Keep secrets at rest: seal what is read back, hash what is only compared.

A sealed value says which data key opens it, so keys can be added while old values live on.
Each value has a key and a nonce of its own, derived from the data key and a random salt: no
count of values wears a data key out, which plain AES-GCM with random nonces would after
2**32 (NIST SP 800-38D §8.3). The purpose is bound in, so that a value moved to another
column or table does not open there.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatelodge.kit.entropy import Entropy

KEY_BYTES = 32
FIRST_KEY_ID = 1

_FORMAT = b"\x01"
_ID_BYTES = 4
_SALT_BYTES = 24
_NONCE_BYTES = 12
_TAG_BYTES = 16
_PREFIX_BYTES = len(_FORMAT) + _ID_BYTES + _SALT_BYTES
_SHORTEST = _PREFIX_BYTES + _TAG_BYTES


class SealBroken(Exception):
    """The sealed value was changed, was made for another purpose, or its key is unknown."""


class Sealer:
    """Seal, unseal and hash with a ring of data keys; safe to share between threads.

    `find_key` is asked once for a key id that the ring lacks, so that a process need not be
    restarted when another has added a key.
    """

    def __init__(
        self,
        keys: Mapping[int, bytes],
        *,
        current: int,
        entropy: Entropy,
        find_key: Callable[[int], bytes | None] | None = None,
    ) -> None:
        self._keys = dict(keys)
        if any(len(key) != KEY_BYTES for key in self._keys.values()):
            raise ValueError(f"a data key has {KEY_BYTES} bytes")
        self._current = current
        self._current_key = self._keys[current]
        self._entropy = entropy
        self._find_key = find_key
        self._hash_key = derive_key(self._keys[FIRST_KEY_ID], use="keyed hash")
        self._begun: dict[str, hmac.HMAC] = {}

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt with the current key; the same bytes never seal alike twice."""
        salt = self._entropy.token_bytes(_SALT_BYTES)
        prefix = _FORMAT + self._current.to_bytes(_ID_BYTES, "big") + salt
        cipher, nonce = _derive_cipher(self._current_key, salt, purpose)
        return prefix + cipher.encrypt(nonce, plain, _bind(prefix, purpose))

    def unseal(self, sealed: bytes, *, purpose: str) -> bytes:
        """Give back what was sealed for this very purpose.

        Raises:
            SealBroken: It does not open, for whatever reason.
        """
        if len(sealed) < _SHORTEST or not sealed.startswith(_FORMAT):
            raise SealBroken("not a sealed value")
        prefix, content = sealed[:_PREFIX_BYTES], sealed[_PREFIX_BYTES:]
        key = self._get_key(int.from_bytes(prefix[1 : 1 + _ID_BYTES], "big"))
        cipher, nonce = _derive_cipher(key, prefix[-_SALT_BYTES:], purpose)
        try:
            return cipher.decrypt(nonce, content, _bind(prefix, purpose))
        except InvalidTag:
            raise SealBroken("changed, or sealed for another purpose") from None

    def keyed_hash(self, secret: str, *, purpose: str) -> bytes:
        """Hash a secret for look-up: 32 bytes that nobody without the key can test guesses on.

        It hangs on the first data key, so it stays the same when keys are added. Compare
        two of them in SQL by equality: what an attacker learns from the time is about the
        hash of a guess, which is of no use. The purpose is a constant of the code.
        """
        # Setting up the key costs more than the hash (2.3 against 1.0 µs), and each request has one.
        begun = self._begun.get(purpose)
        if begun is None:
            begun = self._begun[purpose] = hmac.new(self._hash_key, _frame(purpose), hashlib.sha256)
        digest = begun.copy()
        digest.update(secret.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def _get_key(self, key_id: int) -> bytes:
        key = self._keys.get(key_id)
        if key is None and self._find_key is not None:
            key = self._find_key(key_id)
        if key is None:
            raise SealBroken(f"there is no data key {key_id}")
        self._keys[key_id] = key
        return key


def derive_key(secret: bytes, *, use: str) -> bytes:
    """Derive a key for one use from a secret of high entropy (RFC 5869)."""
    info = b"gatelodge 1 " + use.encode()
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=info).derive(secret)


def _derive_cipher(key: bytes, salt: bytes, purpose: str) -> tuple[AESGCM, bytes]:
    info = b"gatelodge 1 seal " + _frame(purpose)
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES + _NONCE_BYTES, salt=salt, info=info)
    derived = hkdf.derive(key)
    return AESGCM(derived[:KEY_BYTES]), derived[KEY_BYTES:]


def _bind(prefix: bytes, purpose: str) -> bytes:
    return prefix + _frame(purpose)


def _frame(purpose: str) -> bytes:
    # The length keeps ("a", "bc") and ("ab", "c") apart.
    name = purpose.encode()
    return len(name).to_bytes(2, "big") + name
