"""Errors that a sign-in goes on from, or that a policy stops it with (contract page 11 §5)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors.tree import GatelodgeError, OAuthError, RuleError, StepRequired
from gatelodge.contract.users import User


class OrganizationReference(msgspec.Struct, frozen=True, kw_only=True):
    """An organization to choose from."""

    id: str
    name: str


class FactorReference(msgspec.Struct, frozen=True, kw_only=True):
    """An enrolled factor to answer with."""

    id: str
    type: str


class MfaEnrollment(StepRequired):
    """The user must enroll in MFA to finish authenticating."""

    code = "mfa_enrollment"
    user: User


class MfaChallenge(StepRequired):
    """The user must complete an MFA challenge to finish authenticating."""

    code = "mfa_challenge"
    user: User
    authentication_factors: list[FactorReference]


class OrganizationSelectionRequired(StepRequired):
    """The user must choose an organization to finish their authentication."""

    code = "organization_selection_required"
    user: User
    organizations: list[OrganizationReference]


class RefreshMfaEnrollment(OAuthError):
    """The user must enroll in MFA before the session goes on there."""

    code = "mfa_enrollment"


class SsoRequired(OAuthError):
    """The user must authenticate with SSO."""

    code = "sso_required"
    email: str
    connection_ids: list[str]


class OrganizationMethodsRequired(OAuthError):
    """The organization requires another method of authentication."""

    code = "organization_authentication_methods_required"
    email: str
    sso_connection_ids: list[str]
    auth_methods: dict[str, bool]


class AuthenticationMethodNotAllowed(GatelodgeError):
    """This method of authentication is not allowed."""

    status = 403
    code = "authentication_method_not_allowed"


class PasswordAuthDisabled(GatelodgeError):
    """Signing in with email and password is disabled."""

    status = 403
    code = "email_password_auth_disabled"


class SignUpNotAllowed(OAuthError):
    """Signing up is not allowed here."""

    code = "sign_up_not_allowed"


class InvitationTokenInvalid(OAuthError):
    """The invitation is unknown, expired, revoked or accepted."""

    code = "invitation_invalid"


class InvitationForOtherEmail(OAuthError):
    """The invitation cannot be used for this email."""

    code = "invitation_cannot_be_used_for_email"


class PendingTokenInvalid(RuleError):
    """The pending authentication token is invalid or has expired."""

    code = "invalid_pending_authentication_token"


class UserMismatch(RuleError):
    """The challenge belongs to another user."""

    code = "user_mismatch"


class OneTimeCodeInvalid(RuleError):
    """The code is incorrect."""

    code = "invalid_one_time_code"


class OneTimeCodeExpired(RuleError):
    """The code has expired."""

    code = "one_time_code_expired"


class OneTimeCodeUsed(RuleError):
    """The code has been used."""

    code = "one_time_code_previously_used"


class OneTimeCodeTooManyAttempts(RuleError):
    """The code has been tried too often; ask for a new one."""

    code = "one_time_code_too_many_attempts"


class CodeChallengeNotFound(RuleError):
    """The authorization code was issued without a code challenge."""

    code = "code_challenge_not_found"


class AuthorizationPending(OAuthError):
    """The user has not confirmed the device yet."""

    code = "authorization_pending"


class SlowDown(OAuthError):
    """The device asks more often than the interval allows."""

    code = "slow_down"


class AccessDenied(OAuthError):
    """The user refused."""

    code = "access_denied"


class ExpiredToken(OAuthError):
    """The device code has expired."""

    code = "expired_token"


class TokenTooBig(OAuthError):
    """The access token would be too large for a cookie."""

    code = "token_too_big"
