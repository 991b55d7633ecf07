"""Second factors and their challenges on the wire (contract page 18)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Nothing, Operation
from gatelodge.contract.paging import Page, PageRequest
from gatelodge.contract.presence import always

FactorType = Literal["generic_otp", "sms", "totp", "webauthn"]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]


class TotpInfo(msgspec.Struct, frozen=True, kw_only=True):
    """How an authenticator app labels the account."""

    issuer: str
    user: str


class TotpEnrollment(TotpInfo, frozen=True, kw_only=True):
    """What an authenticator app needs; shown once, at enrolment."""

    secret: str
    qr_code: str
    uri: str


class SmsInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where codes are sent, in E.164."""

    phone_number: str


class AuthenticationFactor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A second factor, without its secret."""

    object: Literal["authentication_factor"] = always("authentication_factor")
    id: str
    type: FactorType
    user_id: str | None = None
    sms: SmsInfo | None = None
    totp: TotpInfo | None = None
    created_at: str
    updated_at: str


class AuthenticationFactorEnrolled(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A second factor just enrolled, with its secret."""

    object: Literal["authentication_factor"] = always("authentication_factor")
    id: str
    type: FactorType
    user_id: str | None = None
    sms: SmsInfo | None = None
    totp: TotpEnrollment | None = None
    created_at: str
    updated_at: str


class AuthenticationChallenge(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question that a factor's code answers; TOTP ones show no expiry."""

    object: Literal["authentication_challenge"] = always("authentication_challenge")
    id: str
    expires_at: str | None = None
    authentication_factor_id: str
    created_at: str
    updated_at: str


class FactorEnrolled(msgspec.Struct, frozen=True, kw_only=True):
    """A user's new factor and its first challenge."""

    authentication_factor: AuthenticationFactorEnrolled
    """The factor, with the secret that is shown this once."""
    authentication_challenge: AuthenticationChallenge
    """The first question, which confirms the factor."""


class ChallengeVerified(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the code was right."""

    challenge: AuthenticationChallenge
    """The question that was answered."""
    valid: bool


class EnrollUserFactor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Enrol a factor for a user: an authenticator app, or a telephone."""

    user_id: str
    type: Literal["totp", "sms"]
    totp_issuer: Label | None = None
    totp_user: Label | None = None
    totp_secret: str | None = None
    phone_number: str | None = None


class ListUserFactors(PageRequest, frozen=True, kw_only=True):
    """List a user's factors."""

    user_id: str


class EnrollFactor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Enrol a factor, for a user or for none."""

    type: Literal["sms", "totp"]
    phone_number: str | None = None
    totp_issuer: Label | None = None
    totp_user: Label | None = None
    user_id: str | None = None


class FactorId(msgspec.Struct, frozen=True, kw_only=True):
    """Name a factor."""

    authentication_factor_id: str


class ChallengeFactor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Ask a factor; for SMS a code is sent, in `sms_template` in place of `{{code}}`."""

    authentication_factor_id: str
    sms_template: Annotated[str, msgspec.Meta(max_length=480)] | None = None


class VerifyChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """Answer a challenge."""

    authentication_challenge_id: str
    code: str


_TAG = "multi-factor-auth"
_USER_TAG = "user-management.multi-factor-authentication"

ENROLL_AUTH_FACTOR = Operation(
    name="enroll_auth_factor",
    method="POST",
    path="/user_management/users/{user_id}/auth_factors",
    access=Access.API_KEY,
    request=EnrollUserFactor,
    result=FactorEnrolled,
    status=201,
    tag=_USER_TAG,
    summary="Enrol a second factor for a user.",
)
LIST_AUTH_FACTORS = Operation(
    name="list_auth_factors",
    method="GET",
    path="/user_management/users/{user_id}/auth_factors",
    access=Access.API_KEY,
    request=ListUserFactors,
    result=Page[AuthenticationFactor],
    tag=_USER_TAG,
    summary="List a user's second factors.",
)
CREATE_AUTH_FACTOR = Operation(
    name="create_auth_factor",
    method="POST",
    path="/auth/factors/enroll",
    access=Access.API_KEY,
    request=EnrollFactor,
    result=AuthenticationFactorEnrolled,
    status=201,
    tag=_TAG,
    summary="Enrol a second factor by itself.",
)
GET_AUTH_FACTOR = Operation(
    name="get_auth_factor",
    method="GET",
    path="/auth/factors/{authentication_factor_id}",
    access=Access.API_KEY,
    request=FactorId,
    result=AuthenticationFactor,
    tag=_TAG,
    summary="Get a second factor.",
)
DELETE_AUTH_FACTOR = Operation(
    name="delete_auth_factor",
    method="DELETE",
    path="/auth/factors/{authentication_factor_id}",
    access=Access.API_KEY,
    request=FactorId,
    result=Nothing,
    status=204,
    tag=_TAG,
    summary="Delete a second factor.",
)
CHALLENGE_AUTH_FACTOR = Operation(
    name="challenge_auth_factor",
    method="POST",
    path="/auth/factors/{authentication_factor_id}/challenge",
    access=Access.API_KEY,
    request=ChallengeFactor,
    result=AuthenticationChallenge,
    status=201,
    tag=_TAG,
    summary="Ask a second factor for a code.",
)
VERIFY_CHALLENGE = Operation(
    name="verify_challenge",
    method="POST",
    path="/auth/challenges/{authentication_challenge_id}/verify",
    access=Access.API_KEY,
    request=VerifyChallenge,
    result=ChallengeVerified,
    status=201,
    tag="multi-factor-auth.challenges",
    summary="Answer a challenge.",
    errors=(
        "authentication_challenge_expired",
        "authentication_challenge_previously_verified",
        "one_time_code_too_many_attempts",
    ),
)

OPERATIONS = (
    CHALLENGE_AUTH_FACTOR,
    CREATE_AUTH_FACTOR,
    DELETE_AUTH_FACTOR,
    ENROLL_AUTH_FACTOR,
    GET_AUTH_FACTOR,
    LIST_AUTH_FACTORS,
    VERIFY_CHALLENGE,
)
