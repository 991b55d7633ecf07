"""Read access tokens as a client does: by the published keys and nothing else of ours."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256


def decode(segment: str) -> bytes:
    """Read base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))


def header_of(token: str) -> dict[str, Any]:
    """Read the header, unchecked."""
    header: dict[str, Any] = json.loads(decode(token.partition(".")[0]))
    return header


def claims_of(token: str, jwks: dict[str, Any]) -> dict[str, Any]:
    """Check the signature by the key of the header's `kid`, and give the claims.

    Raises:
        KeyError: No published key has that id.
        cryptography.exceptions.InvalidSignature: The signature is wrong.
    """
    head, body, tail = token.split(".")
    key = {key["kid"]: key for key in jwks["keys"]}[header_of(token)["kid"]]
    numbers = rsa.RSAPublicNumbers(n=_integer(key["n"]), e=_integer(key["e"]))
    numbers.public_key().verify(decode(tail), f"{head}.{body}".encode(), padding.PKCS1v15(), SHA256())
    claims: dict[str, Any] = json.loads(decode(body))
    return claims


def _integer(text: str) -> int:
    return int.from_bytes(decode(text), "big")


def certificate_of(key: dict[str, Any]) -> x509.Certificate:
    """Read the certificate of a published key, checking its thumbprint on the way."""
    der = base64.b64decode(key["x5c"][0])
    assert decode(key["x5t#S256"]) == hashlib.sha256(der).digest()
    return x509.load_der_x509_certificate(der)
