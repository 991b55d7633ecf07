"""Read an answer into its shape, or into the error that the server raised.

The fast path is one strict msgspec conversion. Another server, or a newer one, may say
what our shapes do not foresee; then a slow path takes what it can: unknown members are
left out, a value of another type or out of an unknown list of words stays as it came, and
only a member that must be there and is not makes an answer unreadable.
"""

from __future__ import annotations

import functools
import typing
from copy import copy
from typing import Any, TypeVar, cast

import msgspec
from msgspec import inspect

from gatelodge.contract.errors import (
    Forbidden,
    GatelodgeError,
    NotFound,
    RateLimited,
    RequestInvalid,
    ServerError,
    ServiceUnavailable,
    Shape,
    Unauthorized,
    UnknownError,
    from_wire,
    known_errors,
)
from gatelodge.contract.paging import ListMetadata
from gatelodge.contract.shapes import ready
from gatelodge.sdk.errors import AnswerUnreadable

if typing.TYPE_CHECKING:
    from collections.abc import Hashable

    from gatelodge.sdk.wire import WireResponse

T = TypeVar("T")
E = TypeVar("E", bound=GatelodgeError)

_EXCERPT = 200
_FIRST_REDIRECT, _FIRST_ERROR = 300, 400

# The class of a refusal that has no code, or one that only another server knows.
_BY_STATUS: dict[int, type[GatelodgeError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    422: RequestInvalid,
    429: RateLimited,
    500: ServerError,
    503: ServiceUnavailable,
}

# Our own server always says them; another may leave them out, and then they are this.
_LEFT_OUT_ELSEWHERE: dict[str, object] = {
    "custom_attributes": {},
    # RFC 8628 §3.2, in seconds.
    "interval": 5,
    "list_metadata": ListMetadata(before=None, after=None),
    "organization_name": None,
    "state": None,
    "verification_prefix": None,
    "verification_strategy": None,
    "verification_token": None,
    "verification_uri_complete": None,
}

# Members of a body that would hide what every error has.
_OWN_NAMES = frozenset(dir(GatelodgeError)) | {"message", "retry_after", "details"}


@functools.cache
def _decoder(shape: Hashable) -> msgspec.json.Decoder[object]:
    return msgspec.json.Decoder(ready(cast("type[object]", shape)))


def decode_answer(response: WireResponse, shape: type[T]) -> T:
    """Read the body of a success.

    Raises:
        AnswerUnreadable: It is no JSON, or lacks what must be there.
    """
    try:
        return cast("T", _decoder(cast("Hashable", shape)).decode(response.body))
    except msgspec.ValidationError:
        pass
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _note(AnswerUnreadable(f"The answer is no JSON: {_describe(response)}"), response) from None
    try:
        return cast("T", _take(msgspec.json.decode(response.body), inspect.type_info(shape)))
    except AnswerUnreadable as fault:
        raise _note(fault, response) from None


def _take(value: object, wanted: inspect.Type) -> object:
    match wanted:
        case inspect.UnionType():
            return _take(value, _choose(value, wanted.types))
        case inspect.StructType():
            return _take_struct(value, wanted)
        case inspect.ListType() if isinstance(value, list):
            return [_take(item, wanted.item_type) for item in value]
        case _:
            return value


def _choose(value: object, types: tuple[inspect.Type, ...]) -> inspect.Type:
    kind = inspect.StructType if isinstance(value, dict) else inspect.ListType
    return next((found for found in types if isinstance(found, kind)), inspect.AnyType())


def _take_struct(value: object, wanted: inspect.StructType) -> object:
    if not isinstance(value, dict):
        raise AnswerUnreadable(f"The answer has no {wanted.cls.__name__} where one must be.")
    members = {}
    for field in wanted.fields:
        if field.encode_name in value:
            members[field.name] = _take(value[field.encode_name], field.type)
        elif field.encode_name in _LEFT_OUT_ELSEWHERE:
            members[field.name] = copy(_LEFT_OUT_ELSEWHERE[field.encode_name])
        elif field.required:
            raise AnswerUnreadable(f"A {wanted.cls.__name__} of the answer lacks {field.encode_name}.")
    return wanted.cls(**members)


def decode_error(response: WireResponse, *, retry_after: int | None = None) -> GatelodgeError:
    """Rebuild the error that the server raised; `retry_after` is in seconds."""
    try:
        body = msgspec.json.decode(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    if not isinstance(body, dict):
        error: GatelodgeError = UnknownError(_describe(response), status=response.status)
        error.retry_after = retry_after
    else:
        error = _rebuild(response.status, body, retry_after)
    return _note(error, response)


def _rebuild(status: int, body: dict[str, Any], retry_after: int | None) -> GatelodgeError:
    shape = Shape.OAUTH if "error" in body else Shape.PLAIN
    spoken = {"error", "error_description"} if shape is Shape.OAUTH else {"code", "message"}
    tidy = {name: value for name, value in body.items() if name in spoken or name not in _OWN_NAMES}
    error = from_wire(status, tidy, retry_after=retry_after)
    if isinstance(error, UnknownError):
        error = _approximate(error, body, tidy)
    for name in typing.get_type_hints(type(error)):
        # What another server left out is absent, not an AttributeError.
        if not hasattr(error, name):
            setattr(error, name, [] if name == "errors" else None)
    return error


def _approximate(error: UnknownError, body: dict[str, Any], tidy: dict[str, Any]) -> GatelodgeError:
    """Find the class by the code alone, then by the status alone."""
    status, code, retry_after = error.status, error.code, error.retry_after
    shape = Shape.OAUTH if "error" in body else Shape.PLAIN
    kinds = {kind for (_, known, form), kind in known_errors().items() if (known, form) == (code, shape)}
    if code and len(kinds) == 1:
        same: GatelodgeError = from_wire(kinds.pop().status, tidy, retry_after=retry_after)
    else:
        said = (error.message, body.get("message"), body.get("error"), code)
        texts = said if "error_description" in body else said[1:]
        text = next((text for text in texts if text and isinstance(text, str)), None)
        kind = _BY_STATUS.get(status)
        same = UnknownError(text, status=status) if kind is None else kind(text)
        same.code = code or same.code
        same.retry_after = retry_after
    same.status = status  # type: ignore[misc]  # what came, where it differs from the class's own
    return same


def _note(error: E, response: WireResponse) -> E:
    error.request_id = response.headers.get("x-request-id")
    return error


def _describe(response: WireResponse) -> str:
    if _FIRST_REDIRECT <= response.status < _FIRST_ERROR:
        return f"HTTP {response.status} to {response.headers.get('location', '')!r}; check base_url."
    kind = response.headers.get("content-type", "no content type")
    excerpt = response.body[:_EXCERPT].decode("utf-8", "replace")
    return f"HTTP {response.status}, {kind}: {excerpt!r}"
