"""Errors of signing in and of sessions (contract pages 11 and 13)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import OAuthError, RuleError, StepRequired


class SessionIdInvalid(RuleError):
    """The session id is malformed."""

    code = "invalid_session_id"


class InvalidCredentials(RuleError):
    """Invalid credentials."""

    code = "invalid_credentials"


class OrganizationIdInvalid(RuleError):
    """The organization id is malformed."""

    code = "invalid_organization_id"


class InvalidRequest(OAuthError):
    """The request is missing a required parameter."""

    code = "invalid_request"


class InvalidClient(OAuthError):
    """Invalid client ID."""

    code = "invalid_client"


class UnauthorizedClient(OAuthError):
    """The client may not use this grant with these credentials."""

    code = "unauthorized_client"


class InvalidGrant(OAuthError):
    """The grant is invalid, expired or revoked."""

    code = "invalid_grant"


class OrganizationNotFound(OAuthError):
    """The organization was not found."""

    code = "organization_not_found"


class OrganizationMembershipNotFound(OAuthError):
    """The user is not an active member of the organization."""

    code = "organization_membership_not_found"


class EmailVerificationRequired(StepRequired):
    """Email ownership must be verified before authentication."""

    code = "email_verification_required"
    email: str
    email_verification_id: str
