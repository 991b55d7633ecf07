"""User management that a team runs itself: the public names, each brought when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from msgspec import UNSET

    from gatelodge.contract.authentication import DeviceAuthorization
    from gatelodge.contract.cors_origins import CorsOriginResponse
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
    from gatelodge.contract.redirect_uris import RedirectUri
    from gatelodge.contract.roles import Role, RoleList
    from gatelodge.contract.sessions import UserSession
    from gatelodge.contract.tokens import Jwks
    from gatelodge.contract.users import User
    from gatelodge.mounting import create_app
    from gatelodge.sdk import errors, pkce
    from gatelodge.sdk._async.client import AsyncUserManagement
    from gatelodge.sdk._async.paging import AsyncPageOf
    from gatelodge.sdk._async.session import AsyncSession
    from gatelodge.sdk._sync.client import UserManagement
    from gatelodge.sdk._sync.paging import PageOf
    from gatelodge.sdk._sync.session import Session
    from gatelodge.sdk.pkce import PKCEPair
    from gatelodge.sdk.sealing.contents import SealedSession
    from gatelodge.sdk.sealing.cookies import seal_session, unseal_session
    from gatelodge.sdk.signing_in import AuthenticationResponse, SealOptions
    from gatelodge.sdk.urls import AuthorizationUrl
    from gatelodge.sdk.verdicts import AuthenticatedSession, RefreshedSession, RefusedSession, SessionFailureReason

__all__ = [
    "UNSET",
    "AsyncPageOf",
    "AsyncSession",
    "AsyncUserManagement",
    "AuthenticatedSession",
    "AuthenticationChallenge",
    "AuthenticationFactor",
    "AuthenticationFactorEnrolled",
    "AuthenticationResponse",
    "AuthorizationPermission",
    "AuthorizationUrl",
    "ChallengeVerified",
    "CorsOriginResponse",
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
    "RedirectUri",
    "RefreshedSession",
    "RefusedSession",
    "ResetPasswordResponse",
    "Role",
    "RoleList",
    "SealOptions",
    "SealedSession",
    "SendVerificationEmailResponse",
    "Session",
    "SessionFailureReason",
    "User",
    "UserIdentity",
    "UserManagement",
    "UserSession",
    "VerifyEmailResponse",
    "create_app",
    "errors",
    "pkce",
    "seal_session",
    "unseal_session",
]

_HOMES = {
    "UNSET": "msgspec",
    "AsyncPageOf": "gatelodge.sdk._async.paging",
    "AsyncSession": "gatelodge.sdk._async.session",
    "AsyncUserManagement": "gatelodge.sdk._async.client",
    "AuthenticatedSession": "gatelodge.sdk.verdicts",
    "AuthenticationChallenge": "gatelodge.contract.factors",
    "AuthenticationFactor": "gatelodge.contract.factors",
    "AuthenticationFactorEnrolled": "gatelodge.contract.factors",
    "AuthenticationResponse": "gatelodge.sdk.signing_in",
    "AuthorizationPermission": "gatelodge.contract.permissions",
    "AuthorizationUrl": "gatelodge.sdk.urls",
    "ChallengeVerified": "gatelodge.contract.factors",
    "CorsOriginResponse": "gatelodge.contract.cors_origins",
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
    "RedirectUri": "gatelodge.contract.redirect_uris",
    "RefreshedSession": "gatelodge.sdk.verdicts",
    "RefusedSession": "gatelodge.sdk.verdicts",
    "ResetPasswordResponse": "gatelodge.contract.password_reset",
    "Role": "gatelodge.contract.roles",
    "RoleList": "gatelodge.contract.roles",
    "SealOptions": "gatelodge.sdk.signing_in",
    "SealedSession": "gatelodge.sdk.sealing.contents",
    "SendVerificationEmailResponse": "gatelodge.contract.email_verification",
    "Session": "gatelodge.sdk._sync.session",
    "SessionFailureReason": "gatelodge.sdk.verdicts",
    "User": "gatelodge.contract.users",
    "UserIdentity": "gatelodge.contract.identities",
    "UserManagement": "gatelodge.sdk._sync.client",
    "UserSession": "gatelodge.contract.sessions",
    "VerifyEmailResponse": "gatelodge.contract.email_verification",
    "create_app": "gatelodge.mounting",
    "seal_session": "gatelodge.sdk.sealing.cookies",
    "unseal_session": "gatelodge.sdk.sealing.cookies",
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
