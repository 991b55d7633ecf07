"""What the code that carries an operation out says of it: its docstring, taken apart."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import msgspec

from gatelodge.contract.operation import Operation
from gatelodge.doors.assemble import ROUTES
from tools.openapi_schemas import request_shapes

_SECTION = re.compile(r"\n\n?Raises:\n(?P<raises>.*)\Z", re.DOTALL)
_RAISED = re.compile(r"^\s{4}(\w+(?:, \w+)*):", re.MULTILINE)


@functools.cache
def _action(name: str) -> Callable[..., Any] | None:
    return next((route.action for route in ROUTES if route.operation.name == name), None)


def raised_by(operation: Operation) -> frozenset[str]:
    """Name the errors that the action says it raises."""
    section = _SECTION.search(_doc(operation))
    named = _RAISED.findall(section["raises"]) if section else []
    return frozenset(name for names in named for name in names.split(", "))


def explain(operation: Operation) -> str:
    """Say what an operation does: what it is asked with, then what the action promises."""
    promises = _SECTION.sub("", _doc(operation)).strip()
    shapes = request_shapes(operation)
    members = {field.name for field in msgspec.structs.fields(shapes[0])}
    if len(shapes) > 1 or not members - set(operation.path_members):
        return promises or operation.summary
    asked = inspect.cleandoc(shapes[0].__doc__ or "")
    _, _, further = promises.partition("\n\n")
    return f"{asked}\n\n{further}".strip()


def _doc(operation: Operation) -> str:
    action = _action(operation.name)
    return inspect.cleandoc((action and action.__doc__) or "")
