"""Turn an HTTP request into the untyped arguments of an operation."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec

from gatelodge.contract.authentication import GRANT_ALIASES, GRANT_SHAPES
from gatelodge.contract.errors import (
    BodyUnreadable,
    Fault,
    GatelodgeError,
    InvalidRequest,
    RequestInvalid,
)
from gatelodge.contract.operation import Operation
from gatelodge.contract.reading import list_members, name_members, read_request
from gatelodge.doors.http import Request, is_form

S = TypeVar("S", bound=msgspec.Struct)

_MOST_MEMBERS = 1000

# Passwords are refused by their own rule, which treats an unusable character like any
# other weak or wrong password.
_ANY_TEXT = frozenset({"password", "new_password"})


def read_arguments(operation: Operation, request: Request, members: dict[str, Any]) -> msgspec.Struct:
    """Read the request shape of an operation from path, query or body.

    Raises:
        BodyUnreadable: The body is no JSON object.
        RequestInvalid: A member is missing or wrong, in any operation but OAuth ones.
        InvalidRequest: A member is missing or the grant is unknown, in OAuth ones.
    """
    form = operation.form and is_form(request)
    if operation.reads_query:
        arguments = _from_text(operation.request, request.query)
    elif form:
        arguments = _from_text(None, _decode(request.body))
    else:
        arguments = read_object(request.body)
    arguments.update(members)
    if operation.oauth:
        return _read_grant(arguments, textual=form)
    return _read_storable(operation.request, arguments, textual=operation.reads_query or form)


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise BodyUnreadable("The request body is not UTF-8.") from None


def read_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty one.

    Raises:
        BodyUnreadable: The body is anything else.
    """
    if not body.strip():
        return {}
    try:
        arguments = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BodyUnreadable from None
    if not isinstance(arguments, dict):
        raise BodyUnreadable("The request body is not a JSON object.")
    return arguments


def _from_text(shape: type[msgspec.Struct] | None, text: str) -> dict[str, Any]:
    arguments: dict[str, Any] = {}
    if not text:
        return arguments
    lists = list_members(shape) if shape is not None else frozenset[str]()
    try:
        pairs = parse_qsl(text, max_num_fields=_MOST_MEMBERS, errors="strict")
    except (ValueError, UnicodeDecodeError):
        raise BodyUnreadable("The parameters are not readable.") from None
    for name, value in pairs:
        plain = name.removesuffix("[]")
        if plain in lists:
            # Three spellings of an array: repeated, bracketed, comma-joined (page 00 §7).
            arguments.setdefault(plain, []).extend(part for part in value.split(",") if part)
        else:
            arguments[name] = value
    return arguments


def _read_storable(shape: type[S], arguments: dict[str, Any], *, textual: bool) -> S:
    # A member that the shape does not have is ignored, whatever is in it (page 00 §1).
    known = name_members(shape)
    for name, value in arguments.items():
        if name in known and name not in _ANY_TEXT and not _is_storable(value):
            fault = Fault(code="invalid", field=name, message=f"{name} has an unusable character.")
            raise RequestInvalid(errors=[fault])
    return read_request(shape, arguments, textual=textual)


def _is_storable(value: object, depth: int = 0) -> bool:
    if isinstance(value, str):
        # PostgreSQL stores neither NUL nor a lone surrogate, and isascii is the fast path.
        return "\0" not in value and (value.isascii() or _is_encodable(value))
    if isinstance(value, dict):
        nested = (*value.keys(), *value.values())
    elif isinstance(value, list):
        nested = tuple(value)
    else:
        return True
    return depth < 16 and all(_is_storable(part, depth + 1) for part in nested)  # noqa: PLR2004  # deeper than any shape of ours


def _is_encodable(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _read_grant(arguments: dict[str, Any], *, textual: bool) -> msgspec.Struct:
    grant_type = arguments.get("grant_type")
    if grant_type is None:
        raise InvalidRequest("grant_type is required.")
    aliased = _resolve_alias(grant_type)
    shape = GRANT_SHAPES.get(aliased)
    if shape is None:
        raise InvalidRequest("grant_type is not supported.")
    arguments["grant_type"] = aliased
    try:
        return _read_storable(shape, arguments, textual=textual)
    except RequestInvalid as fault:
        raise _missing(fault) from None


def _resolve_alias(grant_type: object) -> str:
    return GRANT_ALIASES.get(grant_type, grant_type) if isinstance(grant_type, str) else ""


def _missing(fault: RequestInvalid) -> GatelodgeError:
    missing = [entry.field for entry in fault.errors if entry.code == "required" and entry.field]
    if missing:
        return InvalidRequest(f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} required.")
    return fault
