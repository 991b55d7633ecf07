"""User management that a team runs itself: the public names, each brought when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgspec import UNSET

    from gatelodge.contract.authentication import AuthenticationResponse, DeviceAuthorization
    from gatelodge.contract.email_change import EmailChange, EmailChangeConfirmation
    from gatelodge.contract.email_verification import (
        EmailVerification,
        SendVerificationEmailResponse,
        VerifyEmailResponse,
    )
    from gatelodge.contract.events import Event
    from gatelodge.contract.factors import (
        AuthenticationChallenge,
        AuthenticationFactor,
        AuthenticationFactorEnrolled,
        ChallengeVerified,
        FactorEnrolled,
    )
    from gatelodge.contract.identities import UserIdentity
    from gatelodge.contract.invitations import Invitation
    from gatelodge.contract.magic_auth import MagicAuth
    from gatelodge.contract.memberships import OrganizationMembership
    from gatelodge.contract.organization_domains import DomainData, OrganizationDomain
    from gatelodge.contract.organizations import Organization
    from gatelodge.contract.password_reset import PasswordReset, ResetPasswordResponse
    from gatelodge.contract.permissions import AuthorizationPermission
    from gatelodge.contract.roles import Role, RoleList
    from gatelodge.contract.sessions import UserSession
    from gatelodge.contract.tokens import Jwks
    from gatelodge.contract.users import User
    from gatelodge.mounting import create_app
    from gatelodge.sdk import errors, pkce
    from gatelodge.sdk._async.client import AsyncUserManagement
    from gatelodge.sdk._async.paging import AsyncPageOf
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk._sync.paging import PageOf
    from gatelodge.sdk.pkce import PKCEPair
    from gatelodge.sdk.urls import AuthorizationUrl

__all__ = [
    "UNSET",
    "AsyncPageOf",
    "AsyncUserManagement",
    "AuthenticationChallenge",
    "AuthenticationFactor",
    "AuthenticationFactorEnrolled",
    "AuthenticationResponse",
    "AuthorizationPermission",
    "AuthorizationUrl",
    "ChallengeVerified",
    "DeviceAuthorization",
    "DomainData",
    "EmailChange",
    "EmailChangeConfirmation",
    "EmailVerification",
    "Event",
    "FactorEnrolled",
    "Invitation",
    "Jwks",
    "MagicAuth",
    "Organization",
    "OrganizationDomain",
    "OrganizationMembership",
    "PKCEPair",
    "PageOf",
    "PasswordReset",
    "ResetPasswordResponse",
    "Role",
    "RoleList",
    "SendVerificationEmailResponse",
    "User",
    "UserIdentity",
    "UserManagement",
    "UserSession",
    "VerifyEmailResponse",
    "create_app",
    "errors",
    "pkce",
]

_HOMES = {
    "UNSET": "msgspec",
    "AsyncPageOf": "gatelodge.sdk._async.paging",
    "AsyncUserManagement": "gatelodge.sdk._async.client",
    "AuthenticationChallenge": "gatelodge.contract.factors",
    "AuthenticationFactor": "gatelodge.contract.factors",
    "AuthenticationFactorEnrolled": "gatelodge.contract.factors",
    "AuthenticationResponse": "gatelodge.contract.authentication",
    "AuthorizationPermission": "gatelodge.contract.permissions",
    "AuthorizationUrl": "gatelodge.sdk.urls",
    "ChallengeVerified": "gatelodge.contract.factors",
    "DeviceAuthorization": "gatelodge.contract.authentication",
    "DomainData": "gatelodge.contract.organization_domains",
    "EmailChange": "gatelodge.contract.email_change",
    "EmailChangeConfirmation": "gatelodge.contract.email_change",
    "EmailVerification": "gatelodge.contract.email_verification",
    "Event": "gatelodge.contract.events",
    "FactorEnrolled": "gatelodge.contract.factors",
    "Invitation": "gatelodge.contract.invitations",
    "Jwks": "gatelodge.contract.tokens",
    "MagicAuth": "gatelodge.contract.magic_auth",
    "Organization": "gatelodge.contract.organizations",
    "OrganizationDomain": "gatelodge.contract.organization_domains",
    "OrganizationMembership": "gatelodge.contract.memberships",
    "PKCEPair": "gatelodge.sdk.pkce",
    "PageOf": "gatelodge.sdk._sync.paging",
    "PasswordReset": "gatelodge.contract.password_reset",
    "ResetPasswordResponse": "gatelodge.contract.password_reset",
    "Role": "gatelodge.contract.roles",
    "RoleList": "gatelodge.contract.roles",
    "SendVerificationEmailResponse": "gatelodge.contract.email_verification",
    "User": "gatelodge.contract.users",
    "UserIdentity": "gatelodge.contract.identities",
    "UserManagement": "gatelodge.sdk._sync.client",
    "UserSession": "gatelodge.contract.sessions",
    "VerifyEmailResponse": "gatelodge.contract.email_verification",
    "create_app": "gatelodge.mounting",
}


def __getattr__(name: str) -> object:
    # The server imports this package too, and needs none of the client (PEP 562).
    if name in ("errors", "pkce"):
        return import_module(f"gatelodge.sdk.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
