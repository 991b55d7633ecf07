"""Values of authorization requests and codes, and PKCE (RFC 7636)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Literal

import msgspec

CODE_PURPOSE = "authorization_code"
REQUEST_PURPOSE = "authorization_request"

CODE_TTL = 600_000
"""Milliseconds that a code is valid (contract page 11 §8)."""
REQUEST_TTL = 3_600_000
"""Milliseconds within which a sign-in on the pages must be done."""

_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Screen = Literal["identify", "prove", "code", "verify_email", "challenge", "enroll", "enroll_totp", "organization"]


class IssuedCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code as it is stored; `state` is what it stands for, in the words of its issuer."""

    code_hash: bytes
    client_id: str
    user_id: str
    state: str
    code_challenge: str | None


class Asked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an app asked for when it sent the browser here (contract page 12)."""

    client_id: str
    redirect_uri: str | None = None
    """Where the browser goes in the end; None when the pages themselves asked."""
    returns_to: str | None = None
    """The page of ours that asked."""
    state: str | None = None
    code_challenge: str | None = None
    organization_id: str | None = None
    screen_hint: str | None = None
    login_hint: str | None = None
    domain_hint: str | None = None
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None
    invitation_token: str | None = None
    locales: str | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One of several organizations or factors to choose from."""

    id: str
    name: str


class Flow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a browser has come: the screen it is shown, and what that screen needs."""

    screen: Screen = "identify"
    email: str | None = None
    pending_token: str | None = None
    """The sign-in under way; None on `verify_email` for an address that is somebody else's account."""
    choices: tuple[Choice, ...] = ()
    factor_id: str | None = None
    challenge_id: str | None = None
    secret: str | None = None
    """The TOTP secret that is being enrolled, in base32."""
    uri: str | None = None
    """The same as an `otpauth:` address."""
    phone_hint: str | None = None
    """The last digits of the telephone that a code was sent to."""
    feigned_at: int | None = None
    """When a code was said to be mailed that was not, because only the owner may learn whether there is
    an account; None where one was."""
    feigned_since: int | None = None
    """When the sign-in began that there is none of."""
    tries: int = 0
    """How often that code was tried."""


class AuthorizationRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that an app has sent a browser to do."""

    environment_id: str
    token_hash: bytes
    asked: Asked
    flow: Flow
    created_at: int


def answers_challenge(challenge: str, verifier: str) -> bool:
    """Tell whether a verifier is the one whose S256 challenge was given (RFC 7636 §4.6)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    expected = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return hmac.compare_digest(expected, challenge.encode("utf-8"))


def is_challenge(text: str) -> bool:
    """Tell whether a text can be an S256 challenge: the base64url of 32 bytes."""
    return _CHALLENGE.fullmatch(text) is not None
