"""Errors to the wire and back."""

from __future__ import annotations

import functools
import typing
from typing import Any, ClassVar

import msgspec

from gatelodge.contract.errors.tree import GatelodgeError, Shape, UnknownError
from gatelodge.contract.shapes import ready
from gatelodge.contract.users import User


def _concrete(kind: type[GatelodgeError]) -> typing.Iterator[type[GatelodgeError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _concrete(child)


@functools.cache
def known_errors() -> dict[tuple[int, str, Shape], type[GatelodgeError]]:
    """Index every class that crosses the wire, by status, code and shape.

    The client's own errors have status 0 and never do.
    """
    return {
        (kind.status, kind.code, kind.shape): kind
        for kind in _concrete(GatelodgeError)
        if kind is not UnknownError and kind.status
    }


def to_wire(error: GatelodgeError) -> dict[str, Any]:
    """Write an error as the JSON object of its shape."""
    if error.shape is Shape.OAUTH:
        return {"error": error.code, "error_description": error.message, **error.details}
    return {"code": error.code, "message": error.message, **error.details}


def from_wire(status: int, body: dict[str, Any], *, retry_after: int | None = None) -> GatelodgeError:
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
            typed[name] = msgspec.convert(value, ready(hints.get(name, Any)))
        except msgspec.ValidationError:
            typed[name] = value
    return typed


def _hints(kind: type[GatelodgeError]) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, localns={"User": User})
    return {name: hint for name, hint in hints.items() if typing.get_origin(hint) is not ClassVar}
