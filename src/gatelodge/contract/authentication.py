"""Signing in on the wire: one endpoint, a grant for each kind of proof (contract page 11)."""

from __future__ import annotations

from typing import TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.sessions import Impersonator
from gatelodge.contract.users import Address, Agent, User


class OAuthTokens(msgspec.Struct, frozen=True, kw_only=True):
    """The identity provider's own tokens; `expires_at` in Unix seconds."""

    provider: str
    refresh_token: str
    access_token: str
    expires_at: int
    scopes: list[str]


class AuthenticationResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A session begun or renewed.

    Clients spread unknown members of this answer into their result, so none may be added.
    """

    user: User
    organization_id: str | UnsetType = UNSET
    access_token: str
    refresh_token: str
    authentication_method: str | UnsetType = UNSET
    impersonator: Impersonator | UnsetType = UNSET
    oauth_tokens: OAuthTokens | UnsetType = UNSET


class Grant(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="grant_type"
):
    """What every grant carries: the client, and what it says of the end user.

    `ip_address` and `user_agent` are believed only with a valid API key.
    """

    client_id: str | None = None
    client_secret: str | None = None
    ip_address: Address | None = None
    user_agent: Agent | None = None
    device_id: str | None = None


class PasswordGrant(Grant, frozen=True, kw_only=True, omit_defaults=True, tag="password"):
    """Sign in with an address and a password."""

    email: str
    password: str
    invitation_token: str | None = None
    signals_id: str | None = None
    radar_auth_attempt_id: str | None = None


class RefreshTokenGrant(Grant, frozen=True, kw_only=True, omit_defaults=True, tag="refresh_token"):
    """Trade a refresh token for a new pair; another organization may be asked for."""

    refresh_token: str
    organization_id: str | None | UnsetType = UNSET


AnyGrant: TypeAlias = PasswordGrant | RefreshTokenGrant

GRANT_SHAPES: dict[str, type[Grant]] = {
    str(shape.__struct_config__.tag): shape for shape in (PasswordGrant, RefreshTokenGrant)
}

# The forms that older clients still send, and the grant each stands for.
GRANT_ALIASES: dict[str, str] = {}

AUTHENTICATE = Operation(
    name="authenticate",
    method="POST",
    path="/user_management/authenticate",
    access=Access.CLIENT,
    request=AnyGrant,  # type: ignore[arg-type]  # a tagged union of structs, which msgspec reads as one
    result=AuthenticationResponse,
    tag="user-management.authentication",
    summary="Turn a credential into a session.",
    oauth=True,
    errors=(
        "email_verification_required",
        "invalid_client",
        "invalid_credentials",
        "invalid_grant",
        "invalid_organization_id",
        "invalid_request",
        "organization_membership_not_found",
        "organization_not_found",
        "too_many_requests",
        "unauthorized_client",
    ),
)

OPERATIONS = (AUTHENTICATE,)
