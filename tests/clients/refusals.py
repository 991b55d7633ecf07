"""The error classes that each family of official SDKs raises, as its callers catch them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.clients.journeys import Journey

# The class that each family of SDKs raises for an answer (the contract's page 33).
BAD_REQUEST = {"node": "BadRequestException", "python-v5": "BadRequestException", "python-v10": "BadRequestError"}
PLAIN_400 = BAD_REQUEST | {"node": "GenericServerException"}
OAUTH_400 = BAD_REQUEST | {"node": "OauthException"}
UNAUTHORIZED = {
    "node": "UnauthorizedException",
    "python-v5": "AuthenticationException",
    "python-v10": "AuthenticationError",
}
NOT_FOUND = {"node": "NotFoundException", "python-v5": "NotFoundException", "python-v10": "NotFoundError"}
CONFLICT = {"node": "ConflictException", "python-v5": "ConflictException", "python-v10": "ConflictError"}
UNPROCESSABLE = {
    "node": "UnprocessableEntityException",
    "python-v5": "BadRequestException",
    "python-v10": "UnprocessableEntityError",
}


# What a step of a sign-in that is still missing raises; only here do Node's majors differ.
_OLD_CHALLENGES = {"node-v8": "GenericServerException", "python-v5": "AuthorizationException"}
_CHALLENGES = {
    "email_verification_required": "EmailVerificationRequiredError",
    "mfa_challenge": "MfaChallengeError",
    "mfa_enrollment": "MfaEnrollmentError",
    "organization_selection_required": "OrganizationSelectionRequiredError",
}


def refused(journey: Journey, step: str, classes: dict[str, str]) -> dict[str, Any]:
    """See that a step raised the class that this SDK's callers catch, and give the error."""
    error = journey.error(step)
    assert error["class"] == classes[journey.family], error
    return error


def assert_invalid_grant(journey: Journey, error: dict[str, Any]) -> None:
    """See that a refresh was refused in the one way that ends a session in every SDK."""
    assert error["class"] == OAUTH_400[journey.family], error
    assert error["status"] == 400
    assert error["error"] == "invalid_grant"


def code_of(error: dict[str, Any]) -> str:
    """Read the code, which the oldest Node SDK leaves in the body alone."""
    return str(error["code"] or error["body"]["code"])


def refused_with(journey: Journey, step: str, code: str) -> dict[str, Any]:
    """See that a step was refused with a code of the plain shape at 400, and give the error."""
    error = journey.error(step)
    assert error["class"] in {PLAIN_400[journey.family], BAD_REQUEST[journey.family]}, error
    assert (error["status"], code_of(error)) == (400, code)
    return error


def refused_by_oauth(journey: Journey, step: str, word: str) -> dict[str, Any]:
    """See that a step was refused with a word of the OAuth shape at 400, and give the error."""
    error = refused(journey, step, OAUTH_400)
    assert (error["status"], error["error"]) == (400, word)
    return error


def challenged(journey: Journey, step: str, code: str) -> dict[str, Any]:
    """See that a sign-in asks for a step in the class that this SDK has for it, and give what it says."""
    error = journey.error(step)
    if journey.sdk == "python-v5" and code == "email_verification_required":
        expected = "EmailVerificationRequiredException"
    elif journey.sdk == "python-v10":
        expected = _CHALLENGES[code]
    else:
        expected = _OLD_CHALLENGES.get(journey.sdk, "AuthenticationException")
    assert error["class"] == expected
    assert (error["status"], code_of(error)) == (403, code)
    body: dict[str, Any] = error["body"]
    assert body["pending_authentication_token"]
    if journey.sdk not in _OLD_CHALLENGES:
        assert error["pending_authentication_token"] == body["pending_authentication_token"]
    return body
