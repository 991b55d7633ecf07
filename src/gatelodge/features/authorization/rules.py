"""Values of authorization codes, and PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

import msgspec

CODE_PURPOSE = "authorization_code"

CODE_TTL = 600_000
"""Milliseconds that a code is valid (contract page 11 §8)."""

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


class IssuedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it is stored; `state` is what it stands for, in the words of its issuer."""

    code_hash: bytes
    client_id: str
    user_id: str
    state: str
    code_challenge: str | None


def answers_challenge(challenge: str, verifier: str) -> bool:
    """Tell whether a verifier is the one whose S256 challenge was given (RFC 7636 §4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(expected, challenge.encode("utf-8"))
