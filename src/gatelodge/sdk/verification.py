"""Verify access tokens: JWS compact form, RS256, and nothing else (RFC 7515, RFC 8725).

A signature that was right stays right, so the claims of verified tokens are remembered by
the SHA-256 of the token, and checked anew each time against what can change: the clock,
and the key, which must still be in the set that was last fetched. The memory is bounded,
holds claims and no token, and so nothing that could be sent anywhere.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
import math
import threading
from typing import TYPE_CHECKING, Any

import msgspec

from gatelodge.contract.shapes import ready

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

LARGEST_TOKEN = 16_384
"""Characters; a longer token is refused unread."""

LEEWAY = 60
"""Seconds that another clock may be ahead of ours: `iat` and `nbf` may lie so far ahead. An expiry has no grace."""

_ALGORITHM = "RS256"
# A header may bring its own key, say where to fetch one, change how the rest is read, or
# add rules that must be understood (RFC 7515 §4). None of that is asked for.
_HEADER_MEMBERS = frozenset({"alg", "kid", "typ", "x5t", "x5t#S256"})
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_LEAST_BITS, _MOST_BITS = 2048, 8192
_LEAST_EXPONENT, _MOST_EXPONENT = 3, 2**33
_REMEMBERED = 2048


class TokenRefused(Exception):
    """The token is not valid here and now."""


class KeyUnknown(Exception):
    """The token names a key that is not in the set."""

    def __init__(self, kid: str) -> None:
        super().__init__(kid)
        self.kid = kid


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says (contract page 12 §6). Unknown claims are left out."""

    sub: str
    sid: str
    exp: float
    iat: float | None = None
    nbf: float | None = None
    iss: str | None = None
    client_id: str | None = None
    org_id: str | None = None
    role: str | None = None
    roles: tuple[str, ...] | None = None
    permissions: tuple[str, ...] | None = None
    entitlements: tuple[str, ...] | None = None
    feature_flags: tuple[str, ...] | None = None
    sub_profile: str | None = None
    sub_type: Any = None


class VerifyingKey:
    """A public RSA key that checks signatures."""

    def __init__(self, key: RSAPublicKey) -> None:
        """Prepare what each check needs."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.hashes import SHA256

        self._key = key
        self._numbers = key.public_numbers()
        self._padding, self._digest, self._wrong = PKCS1v15(), SHA256(), InvalidSignature

    def is_same(self, other: VerifyingKey) -> bool:
        """Tell whether the two are one key."""
        return self._numbers == other._numbers

    def has_signed(self, signed: bytes, signature: bytes) -> bool:
        """Tell whether the signature is this key's (RFC 8017 §8.2.2)."""
        try:
            self._key.verify(signature, signed, self._padding, self._digest)
        except self._wrong:
            return False
        return True


class TokenVerifier:
    """Verify the tokens of one client; safe to share between threads."""

    def __init__(self, *, client_id: str, issuer: tuple[str, ...]) -> None:
        """Hold what is known: an empty client id, or no issuer, is not compared."""
        self._client_id = client_id
        self._issuer = issuer
        self._remembered: dict[bytes, tuple[Claims, str, VerifyingKey]] = {}
        self._lock = threading.Lock()

    def verify(self, token: str, keys: Mapping[str, VerifyingKey], *, now: float | None) -> Claims:
        """Check a token and give its claims.

        `now` is in seconds since the epoch; with None a token is taken that has expired, to
        end its session.

        Raises:
            TokenRefused: It is not signed, is another's, has expired, or is not yet valid.
            KeyUnknown: It names a key that is not among `keys`; nothing else was checked.
        """
        if len(token) > LARGEST_TOKEN or not token.isascii():
            raise TokenRefused("too large, or no token")
        digest = hashlib.sha256(token.encode("ascii")).digest()
        found = self._remembered.get(digest)
        # A key that was withdrawn, or replaced under its name, verifies nothing any more.
        if found is None or keys.get(found[1]) is not found[2]:
            found = self._check(token, keys)
            self._remember(digest, found)
        if now is not None:
            _check_times(found[0], now=now)
        return found[0]

    def _check(self, token: str, keys: Mapping[str, VerifyingKey]) -> tuple[Claims, str, VerifyingKey]:
        head, body, tail = _split(token)
        kid = _read_key_id(head)
        content, signature = _decode(body), _decode(tail)
        key = keys.get(kid)
        if key is None:
            raise KeyUnknown(kid)
        # The claims are not read before the signature holds.
        if not key.has_signed(token.rpartition(".")[0].encode("ascii"), signature):
            raise TokenRefused("wrong signature")
        try:
            claims = msgspec.json.decode(content, type=ready(Claims))
        except (ValueError, RecursionError):
            raise TokenRefused("unreadable claims") from None
        self._check_owner(claims)
        return claims, kid, key

    def _check_owner(self, claims: Claims) -> None:
        if self._issuer and claims.iss not in self._issuer:
            raise TokenRefused("another issuer")
        if self._client_id and claims.client_id not in (None, self._client_id):
            raise TokenRefused("another client")
        # Agents and widgets have tokens of the same keys, and no session (contract page 31 §7).
        if claims.sub_profile not in (None, "user") or claims.sub_type is not None:
            raise TokenRefused("not a user's session")

    def _remember(self, digest: bytes, found: tuple[Claims, str, VerifyingKey]) -> None:
        # Nobody waits to remember: a fork may have copied the lock while another thread held it.
        if not self._lock.acquire(blocking=False):
            return
        try:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.pop(next(iter(self._remembered)), None)
            self._remembered[digest] = found
        finally:
            self._lock.release()


def read_claims(token: str) -> dict[str, Any]:
    """Read all claims of a token that was verified before."""
    claims: dict[str, Any] = msgspec.json.decode(_decode(_split(token)[1]))
    return claims


def load_keys(members: Iterable[object]) -> dict[str, VerifyingKey]:
    """Read the usable keys of a set: RSA of 2,048 bits and more, for RS256 signatures, with an id.

    Others are left out, and so is an id that two keys share, since it names neither.
    """
    found: dict[str, list[VerifyingKey]] = {}
    for member in members:
        if isinstance(member, dict) and isinstance(kid := member.get("kid"), str):
            key = _load_key(member)
            found.setdefault(kid, []).extend([] if key is None else [key])
    return {kid: keys[0] for kid, keys in found.items() if len(keys) == 1}


def _load_key(jwk: dict[str, Any]) -> VerifyingKey | None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

    if jwk.get("kty") != "RSA" or jwk.get("use", "sig") != "sig" or jwk.get("alg", _ALGORITHM) != _ALGORITHM:
        return None
    try:
        modulus, exponent = (int.from_bytes(_decode(jwk[name]), "big") for name in ("n", "e"))
        if not _LEAST_BITS <= modulus.bit_length() <= _MOST_BITS:
            return None
        if not _LEAST_EXPONENT <= exponent < _MOST_EXPONENT:
            return None
        return VerifyingKey(RSAPublicNumbers(exponent, modulus).public_key())
    except (AttributeError, KeyError, TypeError, ValueError, TokenRefused):
        return None


def _split(token: str) -> tuple[str, str, str]:
    match token.split(".", 3):
        case [head, body, tail]:
            return head, body, tail
        case _:
            raise TokenRefused("not three segments")


# The tokens that one key signs have one header. What is refused is not kept.
@functools.lru_cache(maxsize=32)
def _read_key_id(head: str) -> str:
    try:
        members = json.loads(_decode(head), object_pairs_hook=_refuse_duplicates)
    except (ValueError, RecursionError):
        raise TokenRefused("unreadable header") from None
    if not isinstance(members, dict) or not members.keys() <= _HEADER_MEMBERS:
        raise TokenRefused("unexpected header members")
    if members.get("alg") != _ALGORITHM or str(members.get("typ", "JWT")).lower() not in _TYPES:
        raise TokenRefused("another algorithm or type")
    kid = members.get("kid")
    if not isinstance(kid, str):
        raise TokenRefused("no key id")
    return kid


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate members")
    return members


def _check_times(claims: Claims, *, now: float) -> None:
    # Infinity and its kind pass every comparison in one direction or in none.
    if not math.isfinite(claims.exp) or claims.exp <= now:
        raise TokenRefused("expired")
    if max(claims.iat or 0, claims.nbf or 0) > now + LEEWAY:
        raise TokenRefused("not valid yet")


def _decode(segment: str) -> bytes:
    if len(segment) % 4 == 1:
        raise TokenRefused("not base64url")
    try:
        content = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except (binascii.Error, ValueError):
        raise TokenRefused("not base64url") from None
    # Foreign characters, padding and unused bits would let one token be written in several ways.
    if base64.urlsafe_b64encode(content).rstrip(b"=") != segment.encode("utf-8", "replace"):
        raise TokenRefused("not base64url")
    return content
