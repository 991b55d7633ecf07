"""PKCE: the proof that whoever redeems a code also asked for it (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

import msgspec

from gatelodge.sdk.retry import draw_bytes

_SHORTEST, _LONGEST = 43, 128


class PKCEPair(msgspec.Struct, frozen=True, kw_only=True):
    """A verifier, which stays with whoever asks, and its challenge, which travels in the URL."""

    code_verifier: str
    code_challenge: str
    """The SHA-256 of the verifier, in base64url."""
    code_challenge_method: Literal["S256"] = "S256"
    """The only method that there is."""


def generate_code_verifier(length: int = _SHORTEST) -> str:
    """Draw a verifier of so many characters, 43 to 128 (RFC 7636 §4.1).

    43 characters hold 256 bits of chance. It is a secret until its code is redeemed.

    Raises:
        ValueError: The length is out of range.
    """
    if not _SHORTEST <= length <= _LONGEST:
        raise ValueError(f"A code verifier has {_SHORTEST} to {_LONGEST} characters, not {length}.")
    return _write_base64url(draw_bytes((length * 3 + 3) // 4))[:length]


def generate_code_challenge(code_verifier: str) -> str:
    """Work out the challenge of a verifier, by the method S256 (RFC 7636 §4.2).

    Raises:
        UnicodeEncodeError: The verifier has characters that no verifier has.
    """
    return _write_base64url(hashlib.sha256(code_verifier.encode("ascii")).digest())


def generate() -> PKCEPair:
    """Draw a verifier and work out its challenge."""
    code_verifier = generate_code_verifier()
    return PKCEPair(code_verifier=code_verifier, code_challenge=generate_code_challenge(code_verifier))


def _write_base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
