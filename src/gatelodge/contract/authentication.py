"""Signing in on the wire: one endpoint, a grant for each kind of proof (contract page 11)."""

from __future__ import annotations

import typing
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


class AuthenticationResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A session begun or renewed.

    Clients spread unknown members of this answer into their result, so none may be added.
    """

    user: User
    organization_id: str | None = None
    access_token: str
    refresh_token: str
    authentication_method: str | None = None
    impersonator: Impersonator | None = None
    oauth_tokens: OAuthTokens | None = None


class Grant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="grant_type"):
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


class MagicAuthGrant(
    Grant,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="urn:workos:oauth:grant-type:magic-auth:code",
):
    """Sign in with an address and the code that was mailed to it."""

    code: str
    email: str
    invitation_token: str | None = None
    link_authorization_code: str | None = None
    signals_id: str | None = None
    radar_auth_attempt_id: str | None = None


class EmailVerificationGrant(
    Grant,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="urn:workos:oauth:grant-type:email-verification:code",
):
    """Go on with a sign-in by proving the address."""

    code: str
    pending_authentication_token: str


class TotpGrant(
    Grant,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="urn:workos:oauth:grant-type:mfa-totp",
):
    """Go on with a sign-in by answering a challenge of a second factor."""

    code: str
    pending_authentication_token: str
    authentication_challenge_id: str


class OrganizationSelectionGrant(
    Grant,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="urn:workos:oauth:grant-type:organization-selection",
):
    """Go on with a sign-in by choosing an organization."""

    pending_authentication_token: str
    organization_id: str


class AuthorizationCodeGrant(Grant, frozen=True, kw_only=True, omit_defaults=True, tag="authorization_code"):
    """Trade the code from a redirect for a session, with a verifier, a secret, or both."""

    code: str
    code_verifier: str | None = None
    invitation_token: str | None = None
    signals_id: str | None = None


class DeviceCodeGrant(
    Grant,
    frozen=True,
    kw_only=True,
    omit_defaults=True,
    tag="urn:ietf:params:oauth:grant-type:device_code",
):
    """Ask whether the user has confirmed the device (RFC 8628 §3.4)."""

    device_code: str


AnyGrant: TypeAlias = (
    AuthorizationCodeGrant
    | DeviceCodeGrant
    | EmailVerificationGrant
    | MagicAuthGrant
    | OrganizationSelectionGrant
    | PasswordGrant
    | RefreshTokenGrant
    | TotpGrant
)

GRANT_SHAPES: dict[str, type[Grant]] = {str(shape.__struct_config__.tag): shape for shape in typing.get_args(AnyGrant)}

# The forms that older clients still send, and the grant each stands for.
GRANT_ALIASES = {
    "urn:workos:oauth:grant-type:email-verification": "urn:workos:oauth:grant-type:email-verification:code",
    "urn:workos:oauth:grant-type:magic-auth": "urn:workos:oauth:grant-type:magic-auth:code",
}


class CreateDevice(msgspec.Struct, frozen=True, kw_only=True):
    """Begin a sign-in on a device without a browser (RFC 8628 §3.1)."""

    client_id: str | None = None


class DeviceAuthorization(msgspec.Struct, frozen=True, kw_only=True):
    """What the device shows its user, and what it asks with; spans in seconds."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int
    interval: int


AUTHENTICATE = Operation(
    name="authenticate",
    method="POST",
    path="/user_management/authenticate",
    access=Access.CLIENT,
    request=AnyGrant,  # type: ignore[arg-type]  # a tagged union of structs, which msgspec reads as one
    result=AuthenticationResponse,
    tag="user-management.authentication",
    summary="Turn a credential into a session.",
    form=True,
    oauth=True,
    errors=(
        "access_denied",
        "authentication_method_not_allowed",
        "authorization_pending",
        "code_challenge_not_found",
        "daily_quota_exceeded",
        "email_password_auth_disabled",
        "email_verification_required",
        "entity_not_found",
        "expired_token",
        "invalid_client",
        "invalid_credentials",
        "invalid_grant",
        "invalid_one_time_code",
        "invalid_organization_id",
        "invalid_pending_authentication_token",
        "invalid_request",
        "invitation_cannot_be_used_for_email",
        "invitation_invalid",
        "mfa_challenge",
        "mfa_enrollment",
        "one_time_code_expired",
        "one_time_code_previously_used",
        "one_time_code_too_many_attempts",
        "organization_authentication_methods_required",
        "organization_membership_not_found",
        "organization_not_found",
        "organization_selection_required",
        "sign_up_not_allowed",
        "slow_down",
        "sso_required",
        "too_many_requests",
        "unauthorized_client",
        "user_mismatch",
    ),
)
CREATE_DEVICE = Operation(
    name="create_device",
    method="POST",
    path="/user_management/authorize/device",
    access=Access.PUBLIC,
    request=CreateDevice,
    result=DeviceAuthorization,
    tag="user-management.authentication",
    summary="Begin a sign-in on a device without a browser.",
    form=True,
    errors=("invalid_client", "invalid_request"),
)

OPERATIONS = (AUTHENTICATE, CREATE_DEVICE)
