"""Our own signed tokens: JWS compact form, RS256, and nothing else (RFC 7515, RFC 7519).

Only tokens that this package signed are read here, so the reader accepts exactly the header
it writes. Tokens of other issuers are another matter and another library.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Mapping

PublicKey: TypeAlias = RSAPublicKey

LARGEST_TOKEN = 16_384
"""Characters; a longer token is refused unread."""

_KEY_BITS = 2048
_EXPONENT = 65537
_HEADER_MEMBERS = {"alg", "typ", "kid"}
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+")
_DAY = dt.timedelta(days=1)
# RFC 5280 §4.1.2.5 gives this instant to certificates that have no end of their own: the
# life of a signing key is a row of ours, and a client that compared dates would only break.
_NO_END = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
_DIGEST = hashes.SHA256()
_PADDING = PKCS1v15()


class TokenInvalid(Exception):
    """The token is not one that we signed, or not valid now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key, its self-signed certificate and the id that both go by."""

    kid: str
    private_key_der: bytes = field(repr=False)
    certificate_der: bytes


def generate_signing_key(*, now: int) -> SigningKey:
    """Make an RSA key of 2048 bits with a self-signed certificate.

    `now` is in milliseconds. The key id is the public key's thumbprint (RFC 7638), so two
    keys never share one. This takes some tenths of a second: not inside a transaction.
    """
    private_key = generate_private_key(public_exponent=_EXPONENT, key_size=_KEY_BITS)
    kid = f"key_{thumbprint(private_key.public_key())}"
    return SigningKey(
        kid=kid,
        private_key_der=private_key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        certificate_der=_certify(private_key, kid, now=now),
    )


def _certify(private_key: RSAPrivateKey, kid: str, *, now: int) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, kid)])
    made_at = dt.datetime.fromtimestamp(now // 1000, dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made_at - _DAY)
        .not_valid_after(_NO_END)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(private_key, _DIGEST)
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def load_public_key(certificate_der: bytes) -> PublicKey:
    """Read the RSA public key of a certificate."""
    public_key = x509.load_der_x509_certificate(certificate_der).public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise TypeError("the certificate does not hold an RSA key")
    return public_key


def jwk(certificate_der: bytes, kid: str) -> dict[str, Any]:
    """Write the public key as a JSON Web Key with its certificate (RFC 7517 §4)."""
    numbers = load_public_key(certificate_der).public_numbers()
    return {
        "alg": "RS256",
        "kty": "RSA",
        "use": "sig",
        "x5c": [base64.b64encode(certificate_der).decode("ascii")],
        "n": _write_integer(numbers.n),
        "e": _write_integer(numbers.e),
        "kid": kid,
        "x5t#S256": _encode(hashlib.sha256(certificate_der).digest()).decode("ascii"),
    }


def thumbprint(public_key: PublicKey) -> str:
    """Give the key's SHA-256 thumbprint in base64url (RFC 7638 §3)."""
    numbers = public_key.public_numbers()
    members = f'{{"e":"{_write_integer(numbers.e)}","kty":"RSA","n":"{_write_integer(numbers.n)}"}}'
    return _encode(hashlib.sha256(members.encode("ascii")).digest()).decode("ascii")


class Signer:
    """Sign claims with one key; safe to share between threads."""

    def __init__(self, key: SigningKey) -> None:
        # Nobody but us made it, and its seal was whole: to look for primes again would take 40 ms at each start.
        private_key = serialization.load_der_private_key(
            key.private_key_der, password=None, unsafe_skip_rsa_key_validation=True
        )
        if not isinstance(private_key, RSAPrivateKey):
            raise TypeError("a signing key is an RSA key")
        self.kid: str = key.kid
        self._private_key = private_key
        header = {"alg": "RS256", "typ": "JWT", "kid": key.kid}
        self._header = _encode(msgspec.json.encode(header)) + b"."

    def sign(self, claims: Mapping[str, object]) -> str:
        """Make a token of these claims, just as they are given."""
        signed = self._header + _encode(msgspec.json.encode(claims))
        signature = self._private_key.sign(signed, _PADDING, _DIGEST)
        return (signed + b"." + _encode(signature)).decode("ascii")


def verify(
    token: str,
    keys: Mapping[str, PublicKey],
    *,
    now: int,
    issuer: str | None = None,
    leeway: int = 0,
) -> dict[str, Any]:
    """Check a token of ours and give its claims.

    `now` and `leeway` are in seconds. `exp` is required; `iat` and `nbf` may be absent but
    not lie ahead. The audience and the purpose are the caller's to check. The claims are
    not parsed before the signature holds.

    Raises:
        TokenInvalid: Anything about it is not as we write it, or it is not valid now.
    """
    if len(token) > LARGEST_TOKEN:
        raise TokenInvalid("too large")
    match token.split(".", 3):
        case [head, body, tail]:
            pass
        case _:
            raise TokenInvalid("not three segments")
    key = keys.get(_read_key_id(_decode(head)))
    if key is None:
        raise TokenInvalid("unknown key")
    payload = _decode(body)
    try:
        key.verify(_decode(tail), f"{head}.{body}".encode("ascii"), _PADDING, _DIGEST)
    except InvalidSignature:
        raise TokenInvalid("wrong signature") from None
    claims = _read_claims(payload)
    _check_times(claims, now=now, leeway=leeway)
    if issuer is not None and claims.get("iss") != issuer:
        raise TokenInvalid("wrong issuer")
    return claims


def _read_key_id(header: bytes) -> str:
    try:
        members = json.loads(header, object_pairs_hook=_refuse_duplicates)
    except (ValueError, RecursionError):
        raise TokenInvalid("unreadable header") from None
    # RFC 7515 §4 lets a header bring its own key, say where to fetch one, change how the
    # payload is read, or add a rule that must be understood. We write none of these.
    if not isinstance(members, dict) or members.keys() != _HEADER_MEMBERS:
        raise TokenInvalid("unexpected header members")
    if members["alg"] != "RS256" or members["typ"] != "JWT":
        raise TokenInvalid("wrong algorithm or type")
    kid = members["kid"]
    if not isinstance(kid, str):
        raise TokenInvalid("unknown key")
    return kid


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate members")
    return members


def _read_claims(payload: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise TokenInvalid("unreadable claims") from None


def _check_times(claims: Mapping[str, Any], *, now: int, leeway: int) -> None:
    for name in ("exp", "iat", "nbf"):
        # `type` and not `isinstance`: True is no instant.
        if name in claims and type(claims[name]) is not int:
            raise TokenInvalid(f"{name} is not a whole number")
    if "exp" not in claims:
        raise TokenInvalid("no expiry")
    if now >= claims["exp"] + leeway:
        raise TokenInvalid("expired")
    if max(claims.get("iat", now), claims.get("nbf", now)) > now + leeway:
        raise TokenInvalid("not valid yet")


def _encode(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def _decode(segment: str) -> bytes:
    if not _SEGMENT.fullmatch(segment) or len(segment) % 4 == 1:
        raise TokenInvalid("not base64url")
    content = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    # Unused bits at the end would let one token be written in several ways.
    if _encode(content) != segment.encode("ascii"):
        raise TokenInvalid("not base64url")
    return content


def _write_integer(number: int) -> str:
    return _encode(number.to_bytes((number.bit_length() + 7) // 8, "big")).decode("ascii")
