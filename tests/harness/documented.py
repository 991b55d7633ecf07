"""Hold every refusal that a test meets against what its operation documents."""

from __future__ import annotations

import functools
from typing import Any

from gatelodge.contract.errors import GatelodgeError, MethodNotAllowed, RouteNotFound, Shape
from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from gatelodge.doors.routing import Router
from gatelodge.kit.route import Lane, Route
from tools.openapi_errors import errors_of


def find_undocumented(method: str, path: str, *, status: int, body: Any) -> str | None:
    """Say what an answer is that its operation does not document; None when all is told."""
    operation = _find_operation(method, path)
    if operation is None or status < 400:  # where errors begin
        return None
    name = "error" if isinstance(body, dict) and "error" in body else "code"
    told = f"{status} {body.get(name) if isinstance(body, dict) else None}"
    known = {_tell(kind) for kinds in _errors_of(operation).values() for kind in kinds}
    return None if f"{told} in {name}" in known else f"{operation.name} does not document {told}"


def _tell(kind: type[GatelodgeError]) -> str:
    return f"{kind.status} {kind.code} in {'error' if kind.shape is Shape.OAUTH else 'code'}"


@functools.cache
def _errors_of(operation: Operation) -> dict[int, list[type[GatelodgeError]]]:
    return errors_of(operation)


@functools.cache
def _router() -> Router:
    return Router(Route(operation=operation, action=_nothing, lane=Lane.READ) for operation in OPERATIONS)


def _nothing(*_: Any) -> None:
    """Stand where an action would: only the paths are looked at."""


def _find_operation(method: str, path: str) -> Operation | None:
    try:
        target, _ = _router().find(method, path)
    except (MethodNotAllowed, RouteNotFound):
        return None
    return target.operation if isinstance(target, Route) else None
