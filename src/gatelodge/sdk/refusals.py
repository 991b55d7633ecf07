"""Which refusal of a refresh means what for the session."""

from __future__ import annotations

from gatelodge.sdk.errors import AnswerUnreadable, ConnectionFailed, GatelodgeError, RequestTimedOut
from gatelodge.sdk.verdicts import RefusedSession, SessionFailureReason

_BY_CODE = {
    "authentication_method_not_allowed": SessionFailureReason.AUTHENTICATION_METHOD_NOT_ALLOWED,
    "email_verification_required": SessionFailureReason.EMAIL_VERIFICATION_REQUIRED,
    "invalid_grant": SessionFailureReason.INVALID_GRANT,
    "mfa_challenge": SessionFailureReason.MFA_CHALLENGE_REQUIRED,
    "mfa_enrollment": SessionFailureReason.MFA_ENROLLMENT_REQUIRED,
    "organization_authentication_methods_required": SessionFailureReason.ORGANIZATION_AUTH_METHODS_REQUIRED,
    "organization_selection_required": SessionFailureReason.ORGANIZATION_SELECTION_REQUIRED,
    "radar_challenge": SessionFailureReason.RADAR_CHALLENGE_REQUIRED,
    "radar_email_challenge": SessionFailureReason.RADAR_CHALLENGE_REQUIRED,
    "radar_sms_challenge": SessionFailureReason.RADAR_CHALLENGE_REQUIRED,
    "sso_required": SessionFailureReason.SSO_REQUIRED,
}
_TIMED_OUT, _TOO_MANY, _FIRST_FAULT = 408, 429, 500


def explain(error: GatelodgeError) -> RefusedSession:
    """Give the verdict on a session whose refresh ended in an error (contract page 31 §5)."""
    retryable = True
    if isinstance(error, ConnectionFailed | RequestTimedOut) or error.status == _TIMED_OUT:
        reason = SessionFailureReason.REFRESH_NETWORK_ERROR
    elif error.status == _TOO_MANY:
        reason = SessionFailureReason.RATE_LIMIT_EXCEEDED
    elif error.status >= _FIRST_FAULT or isinstance(error, AnswerUnreadable):
        reason = SessionFailureReason.SERVER_ERROR
    else:
        reason = _BY_CODE.get(error.code, SessionFailureReason.REFRESH_DENIED)
        retryable = False
    return RefusedSession(reason=reason, retryable=retryable, retry_after=error.retry_after, error=error)
