"""An authenticator in software: it makes passkeys and signs with them, as browsers do, or wrongly on purpose."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost:4100"
PARTY = "localhost"

_USER_PRESENT, _USER_VERIFIED, _HAS_CREDENTIAL = 0x01, 0x04, 0x40


def write_bytes(value: bytes) -> str:
    """Write base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def read_bytes(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Held:
    """A passkey as the authenticator holds it."""

    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""
    count: int = 0
    """How often it has signed; one that does not count stays at 0."""


@dataclass
class Authenticator:
    """An authenticator in a browser; what is set here is what it says of itself and of the page."""

    origin: str = ORIGIN
    party: str = PARTY
    verifies_user: bool = True
    counts: bool = False
    cross_origin: bool = False
    held: list[Held] = field(default_factory=list)

    def make(self, options: dict[str, Any], *, held: Held | None = None) -> str:
        """Make a passkey for what the page was told to ask (`navigator.credentials.create`)."""
        held = held or Held()
        held.user_handle = read_bytes(options["user"]["id"])
        self.held.append(held)
        attested = bytes(16) + len(held.credential_id).to_bytes(2, "big") + held.credential_id + _write_key(held.key)
        statement = {"fmt": "none", "attStmt": {}, "authData": self._authenticator_data(held, attested)}
        response = {
            "attestationObject": write_bytes(cbor2.dumps(statement)),
            "clientDataJSON": write_bytes(self._client_data("webauthn.create", options["challenge"])),
            "transports": ["internal"],
        }
        return _hand_over(held, response)

    def sign(self, options: dict[str, Any], *, held: Held | None = None, user_handle: bytes | None = None) -> str:
        """Sign what the page was told to ask (`navigator.credentials.get`) with a passkey, the newest unless named."""
        held = held or self.held[-1]
        if self.counts:
            held.count += 1
        client_data = self._client_data("webauthn.get", options["challenge"])
        data = self._authenticator_data(held)
        signature = held.key.sign(data + hashlib.sha256(client_data).digest(), ECDSA(SHA256()))
        response = {
            "authenticatorData": write_bytes(data),
            "clientDataJSON": write_bytes(client_data),
            "signature": write_bytes(signature),
            "userHandle": write_bytes(held.user_handle if user_handle is None else user_handle),
        }
        return _hand_over(held, response)

    def _client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def _authenticator_data(self, held: Held, attested: bytes = b"") -> bytes:
        flags = _USER_PRESENT | (_USER_VERIFIED if self.verifies_user else 0) | (_HAS_CREDENTIAL if attested else 0)
        return hashlib.sha256(self.party.encode()).digest() + bytes([flags]) + held.count.to_bytes(4, "big") + attested


def _write_key(key: EllipticCurvePrivateKey) -> bytes:
    """Write the public key in COSE's form, ES256 on P-256 (RFC 9053 §7.1)."""
    numbers = key.public_key().public_numbers()
    point = {-2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    return cbor2.dumps({1: 2, 3: -7, -1: 1, **point})


def _hand_over(held: Held, response: dict[str, Any]) -> str:
    credential_id = write_bytes(held.credential_id)
    credential = {"id": credential_id, "rawId": credential_id, "type": "public-key", "response": response}
    return json.dumps({**credential, "clientExtensionResults": {}, "authenticatorAttachment": "platform"})
