"""Every error of Gatelodge: one tree, the same on both sides of the wire.

    GatelodgeError
    ├── RequestError ............ what was asked cannot be read or may not be asked
    │   ├── BodyUnreadable · BodyTooLarge · RequestInvalid · RequestTimeout
    │   ├── RouteNotFound · MethodNotAllowed
    │   └── Unauthorized · Forbidden
    ├── NotFound ................ no such object in this environment
    ├── RuleError ............... a rule of the domain says no (400, 409)
    ├── OAuthError .............. the same, in the OAuth shape (RFC 6749 §5.2)
    ├── StepRequired ............ the sign-in goes on with another step (403)
    ├── RateLimited · TooManyRequests
    ├── ServiceUnavailable ...... try again (503)
    ├── ServerError ............. our fault (500)
    └── UnknownError ............ what a newer server said, to a client that knows no class for it

A class has `status`, `code` and the wire shape it is written in; the first line of its
docstring is its default message; further fields are keyword arguments that go on the
wire. The engine raises them, `to_wire` renders them, `from_wire` gives back the same class.
A code is forever.
"""

from __future__ import annotations

from gatelodge.contract.errors.authentication import (
    EmailVerificationRequired,
    InvalidClient,
    InvalidCredentials,
    InvalidGrant,
    InvalidRequest,
    OrganizationIdInvalid,
    OrganizationMembershipNotFound,
    OrganizationNotFound,
    SessionIdInvalid,
    UnauthorizedClient,
)
from gatelodge.contract.errors.steps import (
    AccessDenied,
    AuthenticationMethodNotAllowed,
    AuthorizationPending,
    CodeChallengeNotFound,
    ExpiredToken,
    FactorReference,
    InvitationForOtherEmail,
    InvitationTokenInvalid,
    MfaChallenge,
    MfaEnrollment,
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeTooManyAttempts,
    OneTimeCodeUsed,
    OrganizationMethodsRequired,
    OrganizationReference,
    OrganizationSelectionRequired,
    PasswordAuthDisabled,
    PendingTokenInvalid,
    RefreshMfaEnrollment,
    SignUpNotAllowed,
    SlowDown,
    SsoRequired,
    TokenTooBig,
    UserMismatch,
)
from gatelodge.contract.errors.tree import (
    BodyTooLarge,
    BodyUnreadable,
    Fault,
    Forbidden,
    GatelodgeError,
    MethodNotAllowed,
    NotFound,
    OAuthError,
    RateLimited,
    RequestError,
    RequestInvalid,
    RequestTimeout,
    RouteNotFound,
    RuleError,
    ServerError,
    ServiceUnavailable,
    Shape,
    StepRequired,
    TooManyRequests,
    Unauthorized,
    UnknownError,
)
from gatelodge.contract.errors.users import (
    EmailInvalid,
    EmailNotAvailable,
    ExternalIdTaken,
    LocaleInvalid,
    MetadataInvalid,
    PasswordAndHashProvided,
    PasswordAndHashTypeProvided,
    PasswordHashInvalid,
    PasswordStrengthError,
    SaltPositionWithoutHash,
    UserCreationError,
)
from gatelodge.contract.errors.wire import (
    from_wire,
    known_errors,
    to_wire,
)

__all__ = [
    "AccessDenied",
    "AuthenticationMethodNotAllowed",
    "AuthorizationPending",
    "BodyTooLarge",
    "BodyUnreadable",
    "CodeChallengeNotFound",
    "EmailInvalid",
    "EmailNotAvailable",
    "EmailVerificationRequired",
    "ExpiredToken",
    "ExternalIdTaken",
    "FactorReference",
    "Fault",
    "Forbidden",
    "GatelodgeError",
    "InvalidClient",
    "InvalidCredentials",
    "InvalidGrant",
    "InvalidRequest",
    "InvitationForOtherEmail",
    "InvitationTokenInvalid",
    "LocaleInvalid",
    "MetadataInvalid",
    "MethodNotAllowed",
    "MfaChallenge",
    "MfaEnrollment",
    "NotFound",
    "OAuthError",
    "OneTimeCodeExpired",
    "OneTimeCodeInvalid",
    "OneTimeCodeTooManyAttempts",
    "OneTimeCodeUsed",
    "OrganizationIdInvalid",
    "OrganizationMembershipNotFound",
    "OrganizationMethodsRequired",
    "OrganizationNotFound",
    "OrganizationReference",
    "OrganizationSelectionRequired",
    "PasswordAndHashProvided",
    "PasswordAndHashTypeProvided",
    "PasswordAuthDisabled",
    "PasswordHashInvalid",
    "PasswordStrengthError",
    "PendingTokenInvalid",
    "RateLimited",
    "RefreshMfaEnrollment",
    "RequestError",
    "RequestInvalid",
    "RequestTimeout",
    "RouteNotFound",
    "RuleError",
    "SaltPositionWithoutHash",
    "ServerError",
    "ServiceUnavailable",
    "SessionIdInvalid",
    "Shape",
    "SignUpNotAllowed",
    "SlowDown",
    "SsoRequired",
    "StepRequired",
    "TokenTooBig",
    "TooManyRequests",
    "Unauthorized",
    "UnauthorizedClient",
    "UnknownError",
    "UserCreationError",
    "UserMismatch",
    "from_wire",
    "known_errors",
    "to_wire",
]
