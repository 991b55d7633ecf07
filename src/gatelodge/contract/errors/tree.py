"""The base of every error, and those that any operation may answer with."""

from __future__ import annotations

import enum
from typing import Any, ClassVar

import msgspec


class Shape(enum.Enum):
    """How an error is written (contract page 00 §10.1)."""

    PLAIN = "plain"
    OAUTH = "oauth"


class Fault(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `errors`: what is wrong with which member."""

    code: str
    """What is wrong, for programs."""
    field: str | None = None
    message: str | None = None


class GatelodgeError(Exception):
    """Something went wrong."""

    status: ClassVar[int] = 500
    code: str = "server_error"
    shape: ClassVar[Shape] = Shape.PLAIN

    request_id: str | None = None
    """The server's id of the request, for its log; set by the SDK."""

    def __init__(self, message: str | None = None, *, retry_after: int | None = None, **details: object) -> None:
        """Keep the message and the fields; `retry_after` is in whole seconds."""
        self.message: str = message or _first_line(type(self))
        self.retry_after = retry_after
        self.details = details
        for name, value in details.items():
            setattr(self, name, value)
        super().__init__(self.message)

    def __str__(self) -> str:
        """Write the message and what is wrong with which member, as the last line of a traceback."""
        faults = getattr(self, "errors", None)
        told = [_tell(fault) for fault in faults] if isinstance(faults, list) else []
        return " ".join(filter(None, (self.message, *told)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Survive pickling whole, which does not know keyword arguments."""
        return _rebuild, (type(self), self.message, self.retry_after), self.__dict__.copy()


def _tell(fault: object) -> str:
    if not isinstance(fault, Fault):
        # Another server's own words.
        return fault if isinstance(fault, str) else ""
    return fault.message or ": ".join(filter(None, (fault.field, fault.code)))


def _rebuild(kind: type[GatelodgeError], message: str, retry_after: int | None) -> GatelodgeError:
    error = kind(message)
    error.retry_after = retry_after
    return error


def _first_line(kind: type) -> str:
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


class RequestInvalid(RequestError):
    """The request parameters are invalid."""

    status = 422
    code = "invalid_request_parameters"
    errors: list[Fault]


class RequestTimeout(RequestError):
    """The request body did not arrive in time."""

    status = 408
    code = "request_timeout"


class RouteNotFound(RequestError):
    """There is no such route."""

    status = 404
    code = "not_found"


class MethodNotAllowed(RequestError):
    """This route does not take that method."""

    status = 405
    code = "method_not_allowed"


class Unauthorized(RequestError):
    """Unauthorized."""

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


class OAuthError(GatelodgeError):
    """The authorization server refused the request."""

    status = 400
    code = "invalid_request"
    shape = Shape.OAUTH


class StepRequired(GatelodgeError):
    """The sign-in needs another step."""

    status = 403
    code = "step_required"
    pending_authentication_token: str


class RateLimited(GatelodgeError):
    """Rate limit exceeded."""

    status = 429
    code = "rate_limit_exceeded"


class DailyQuotaExceeded(GatelodgeError):
    """This environment may send no more mail for now."""

    status = 429
    code = "daily_quota_exceeded"


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
