"""Values of signing keys, and the claims of an access token."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

KEY_PURPOSE = "signing_key"

PUBLISHED_AHEAD = 600_000
"""Milliseconds a new key is published before it signs: clients cache the set (page 12 §5)."""

KEPT_BY_CLIENTS = 300
"""Seconds that anybody may keep the set: much less than a new key is published ahead."""

BACKDATED = 5
"""Seconds that `iat` is set back, for clients whose clock is behind ours (page 12 §6)."""


class SigningKeyRow(msgspec.Struct, frozen=True, kw_only=True):
    """A key as it is stored; the private key is sealed."""

    environment_id: str
    id: str
    private_key: bytes
    certificate: bytes
    signs_from: int
    published_until: int | None
    created_at: int


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom an access token speaks for; `authenticated_at` in milliseconds."""

    user_id: str
    session_id: str
    client_id: str
    authenticated_at: int
    organization_id: str | None = None
    role: str | None = None
    roles: Sequence[str] = ()
    permissions: Sequence[str] = ()
    impersonator_email: str | None = None


def is_published(key: SigningKeyRow, now: int) -> bool:
    """Tell whether a key belongs in the set of public keys."""
    return key.published_until is None or key.published_until > now


def choose_signer(keys: Sequence[SigningKeyRow], now: int) -> SigningKeyRow | None:
    """Choose the key that is published longest among those whose time to sign has come.

    A key that was to sign later has an end once another is made to sign at once, and an earlier
    one than whichever signs until the next is ready: its tokens could outlive it. When no key's
    time has come (a clock that stepped back), the oldest signs, since it is surely known.
    """
    ready = [key for key in keys if key.signs_from <= now and is_published(key, now)]
    if ready:
        return max(ready, key=lambda key: (key.published_until or math.inf, key.signs_from, key.id))
    return min(keys, key=lambda key: (key.signs_from, key.id), default=None)


def write_claims(
    subject: Subject, *, issuer: str, token_id: str, wall_seconds: int, authenticated_at: int, ttl: int
) -> dict[str, object]:
    """Write the claims of an access token (contract page 12 §6); `ttl` in seconds.

    `authenticated_at` is the subject's, by the wall clock like everything else here.
    """
    issued_at = wall_seconds - BACKDATED
    claims: dict[str, object] = {
        "iss": issuer,
        "sub": subject.user_id,
        "sid": subject.session_id,
        "jti": token_id,
        "client_id": subject.client_id,
        # Set back like `iat`, so that it never lies after it and no refresh changes it.
        "auth_time": min(authenticated_at // 1000 - BACKDATED, issued_at),
        "iat": issued_at,
        "exp": issued_at + ttl,
    }
    if subject.organization_id is not None:
        claims["org_id"] = subject.organization_id
        if subject.role is not None:
            claims["role"] = subject.role
        claims["roles"] = list(subject.roles)
        claims["permissions"] = list(subject.permissions)
    if subject.impersonator_email is not None:
        claims["act"] = {"sub": subject.impersonator_email}
    return claims
