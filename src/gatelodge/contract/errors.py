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

import enum
import functools
import typing
from typing import Any, ClassVar

import msgspec

from gatelodge.contract.users import User


class Shape(enum.Enum):
    """How an error is written (contract page 00 §10.1)."""

    PLAIN = "plain"
    OAUTH = "oauth"


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `errors`: what is wrong with which member."""

    code: str
    field: str | None = None
    message: str | None = None


class GatelodgeError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    code: str = "server_error"
    shape: ClassVar[Shape] = Shape.PLAIN

    request_id: str | None = None
    """The server's id of the request, for its log; set by the SDK."""

    def __init__(
        self, message: str | None = None, *, retry_after: int | None = None, **details: Any
    ) -> None:
        """Keep the message and the fields; `retry_after` is in whole seconds."""
        self.message = message or _first_line(type(self))
        self.retry_after = retry_after
        self.details = details
        for name, value in details.items():
            setattr(self, name, value)
        super().__init__(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive pickling, which does not know keyword arguments."""
        return _rebuild, (type(self), self.message, self.retry_after, self.details)


def _rebuild(
    kind: type[GatelodgeError], message: str, retry_after: int | None, details: dict[str, Any]
) -> GatelodgeError:
    return kind(message, retry_after=retry_after, **details)


@functools.cache
def _first_line(kind: type[GatelodgeError]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


class RequestError(GatelodgeError):
    """The request cannot be carried out."""

    status = 400
    code = "invalid_request"


class BodyUnreadable(RequestError):
    """The request body is not valid JSON."""

    code = "invalid_request_body"


class BodyTooLarge(RequestError):
    """The request body is too large."""

    status = 413
    code = "request_body_too_large"


class RequestTimeout(RequestError):
    """The request body did not arrive in time."""

    status = 408
    code = "request_timeout"


class RequestInvalid(RequestError):
    """The request parameters are invalid."""

    status = 422
    code = "invalid_request_parameters"
    errors: list[Fault]


class RouteNotFound(RequestError):
    """There is no such route."""

    status = 404
    code = "not_found"


class MethodNotAllowed(RequestError):
    """This route does not take that method."""

    status = 405
    code = "method_not_allowed"


class Unauthorized(RequestError):
    """Unauthorized"""

    status = 401
    code = "unauthorized"


class Forbidden(RequestError):
    """The API key may not do this."""

    status = 403
    code = "forbidden"


class NotFound(GatelodgeError):
    """The object was not found."""

    status = 404
    code = "entity_not_found"
    entity_id: str

    @classmethod
    def of(cls, entity: str, entity_id: str) -> NotFound:
        """Name the entity and the id that was asked for."""
        return cls(f"{entity} not found: '{entity_id}'.", entity_id=entity_id)


class RuleError(GatelodgeError):
    """A rule forbids this."""

    status = 400
    code = "bad_request"


class UserCreationError(RuleError):
    """Could not create user."""

    code = "user_creation_error"
    errors: list[Fault]


class PasswordStrengthError(RuleError):
    """Password does not meet strength requirements."""

    code = "password_strength_error"
    errors: list[Fault]


class PasswordHashInvalid(RuleError):
    """The password hash cannot be used."""

    code = "invalid_password_hash"


class PasswordAndHashProvided(RuleError):
    """Provide either password or password_hash, not both."""

    code = "password_and_password_hash_provided"


class PasswordAndHashTypeProvided(RuleError):
    """password_hash_type goes with password_hash, not with password."""

    code = "password_and_password_hash_type_provided"


class SaltPositionWithoutHash(RuleError):
    """password_salt_position requires password_hash."""

    code = "password_salt_position_requires_password_hash"


class MetadataInvalid(RuleError):
    """The metadata breaks a limit."""

    code = "invalid_metadata"


class ExternalIdTaken(RuleError):
    """The external_id is already used by another object."""

    code = "external_id_already_used"


class EmailNotAvailable(RuleError):
    """This email is not available."""

    code = "email_not_available"


class EmailInvalid(RuleError):
    """This email is not valid."""

    code = "invalid_email"


class LocaleInvalid(RuleError):
    """This locale is not supported."""

    code = "invalid_locale"


class SessionIdInvalid(RuleError):
    """The session id is malformed."""

    code = "invalid_session_id"


class InvalidCredentials(RuleError):
    """Invalid credentials."""

    code = "invalid_credentials"


class OrganizationIdInvalid(RuleError):
    """The organization id is malformed."""

    code = "invalid_organization_id"


class OAuthError(GatelodgeError):
    """The authorization server refused the request."""

    status = 400
    code = "invalid_request"
    shape = Shape.OAUTH


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


class StepRequired(GatelodgeError):
    """The sign-in needs another step."""

    status = 403
    code = "step_required"
    pending_authentication_token: str


class EmailVerificationRequired(StepRequired):
    """Email ownership must be verified before authentication."""

    code = "email_verification_required"
    email: str
    email_verification_id: str


class RateLimited(GatelodgeError):
    """Rate limit exceeded."""

    status = 429
    code = "rate_limit_exceeded"


class TooManyRequests(GatelodgeError):
    """Too many attempts; try again later."""

    status = 429
    code = "too_many_requests"
    shape = Shape.OAUTH


class ServiceUnavailable(GatelodgeError):
    """The service is busy; try again."""

    status = 503
    code = "service_unavailable"


class ServerError(GatelodgeError):
    """Something went wrong on our side."""

    status = 500
    code = "server_error"


class UnknownError(GatelodgeError):
    """The server answered with an error that this version does not know."""

    def __init__(self, message: str | None = None, *, status: int = 0, code: str = "") -> None:
        """Keep the status and the code that came."""
        super().__init__(message)
        self.status = status  # type: ignore[misc]  # the one class whose status differs by instance
        self.code = code


def _concrete(kind: type[GatelodgeError]) -> typing.Iterator[type[GatelodgeError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _concrete(child)


@functools.cache
def known_errors() -> dict[tuple[int, str, Shape], type[GatelodgeError]]:
    """Index every class by status, code and shape."""
    return {
        (kind.status, kind.code, kind.shape): kind
        for kind in _concrete(GatelodgeError)
        if kind is not UnknownError
    }


def to_wire(error: GatelodgeError) -> dict[str, Any]:
    """Write an error as the JSON object of its shape."""
    if error.shape is Shape.OAUTH:
        return {"error": error.code, "error_description": error.message, **error.details}
    return {"code": error.code, "message": error.message, **error.details}


def from_wire(
    status: int, body: dict[str, Any], *, retry_after: int | None = None
) -> GatelodgeError:
    """Rebuild the error that the engine raised from what came over the wire."""
    body = dict(body)
    shape = Shape.OAUTH if "error" in body else Shape.PLAIN
    code = str(body.pop("error" if shape is Shape.OAUTH else "code", ""))
    message = body.pop("error_description" if shape is Shape.OAUTH else "message", None)
    text = message if isinstance(message, str) else None
    kind = known_errors().get((status, code, shape))
    if kind is None:
        unknown = UnknownError(text, status=status, code=code)
        unknown.retry_after = retry_after
        return unknown
    return kind(text, retry_after=retry_after, **_typed(kind, body))


def _typed(kind: type[GatelodgeError], details: dict[str, Any]) -> dict[str, Any]:
    hints = _hints(kind)
    typed = {}
    for name, value in details.items():
        try:
            typed[name] = msgspec.convert(value, hints.get(name, Any))
        except msgspec.ValidationError:
            typed[name] = value
    return typed


@functools.cache
def _hints(kind: type[GatelodgeError]) -> dict[str, Any]:
    own = {"User": User, "Fault": Fault, **globals()}
    hints = typing.get_type_hints(kind, globalns=own)
    return {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not ClassVar}
