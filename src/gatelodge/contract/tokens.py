"""Signing keys on the wire (contract page 12 §5; RFC 7517)."""

from __future__ import annotations

from typing import Literal

import msgspec

from gatelodge.contract.operation import Access, Operation


class Jwk(msgspec.Struct, frozen=True, kw_only=True):
    """One public signing key, with a self-signed certificate that some clients require."""

    alg: Literal["RS256"]
    """What it signs by."""
    kty: Literal["RSA"]
    """What kind of key it is."""
    use: Literal["sig"]
    """What it is for: signatures."""
    kid: str
    n: str
    e: str
    x5c: list[str]
    x5t_s256: str = msgspec.field(name="x5t#S256")
    """The SHA-256 of the certificate, in base64url (RFC 7517 §4.9)."""


class Jwks(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that verify an environment's access tokens."""

    keys: list[Jwk]


class GetJwks(msgspec.Struct, frozen=True, kw_only=True):
    """Name the client whose environment's keys are wanted."""

    client_id: str


GET_JWKS = Operation(
    name="get_jwks",
    method="GET",
    path="/sso/jwks/{client_id}",
    access=Access.PUBLIC,
    request=GetJwks,
    result=Jwks,
    tag="user-management.session-tokens",
    summary="Get the public keys that verify access tokens.",
)

OPERATIONS = (GET_JWKS,)
