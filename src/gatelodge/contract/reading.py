"""Turn untyped arguments into a request shape, or say what is wrong with which member.

The fast path is one msgspec conversion. msgspec reports a single fault, so when it
refuses, a slow path converts member by member and lists them all.
"""

from __future__ import annotations

import functools
import typing
from typing import Any, TypeVar

import msgspec

from gatelodge.contract.errors import Fault, RequestInvalid
from gatelodge.contract.shapes import ready

S = TypeVar("S", bound=msgspec.Struct)


def read_request(shape: type[S], arguments: dict[str, Any], *, textual: bool) -> S:
    """Convert arguments into `shape`; unknown members are ignored.

    `textual` says that every value is text (a query or a form), from which numbers and
    booleans are read.

    Raises:
        RequestInvalid: With one entry in `errors` for each faulty member.
    """
    try:
        return msgspec.convert(arguments, ready(shape), strict=not textual)
    except msgspec.ValidationError as fault:
        faults = list_faults(shape, arguments, textual=textual)
        raise RequestInvalid(errors=faults or [_whole(str(fault))]) from None


def list_faults(shape: type[msgspec.Struct], arguments: dict[str, Any], *, textual: bool) -> list[Fault]:
    """List what is wrong with each member, in the order of the shape."""
    faults = []
    for name, hint, required in _members(shape):
        if name not in arguments:
            if required:
                faults.append(Fault(code="required", field=name, message=f"{name} is required."))
            continue
        try:
            msgspec.convert(arguments[name], ready(hint), strict=not textual)
        except msgspec.ValidationError as fault:
            faults.append(_member_fault(name, arguments[name], str(fault)))
    return faults


def _member_fault(name: str, value: object, text: str) -> Fault:
    wrong_type = text.startswith("Expected `") and "got `" in text
    code = "required" if value is None else "invalid_type" if wrong_type else "invalid"
    reason = text.partition(" - at ")[0].replace("`", "")
    return Fault(code=code, field=name, message=f"{name}: {reason}.")


def _whole(text: str) -> Fault:
    return Fault(code="invalid_type", message=text.replace("`", ""))


@functools.cache
def _members(shape: type[msgspec.Struct]) -> tuple[tuple[str, Any, bool], ...]:
    hints = typing.get_type_hints(shape, include_extras=True)
    return tuple((member.encode_name, hints[member.name], member.required) for member in msgspec.structs.fields(shape))


@functools.cache
def name_members(shape: type[msgspec.Struct]) -> frozenset[str]:
    """Name all members of a shape, as they are on the wire."""
    return frozenset(name for name, _, _ in _members(shape))


@functools.cache
def list_members(shape: type[msgspec.Struct]) -> frozenset[str]:
    """Name the members of a shape that hold arrays, which a query writes in three ways."""
    return frozenset(name for name, hint, _ in _members(shape) if _holds_list(hint))


def _holds_list(hint: object) -> bool:
    if typing.get_origin(hint) is list:
        return True
    return any(_holds_list(part) for part in typing.get_args(hint))
