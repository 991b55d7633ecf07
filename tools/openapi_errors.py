"""The errors of the contract as schemas and responses."""

from __future__ import annotations

import typing
from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec

from gatelodge.contract import errors
from gatelodge.contract.errors import Fault, GatelodgeError, Shape, known_errors
from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.users import User
from tools.actions import raised_by
from tools.openapi_schemas import REFERENCE, Schema, request_shapes

SAYS_WHEN = frozenset({429, 503})


def errors_of(operation: Operation) -> dict[int, list[type[GatelodgeError]]]:
    """List what an operation may answer with instead of a success, by status."""
    kinds = {*documented_errors(operation), *_common(operation)}
    found: dict[int, list[type[GatelodgeError]]] = {}
    for kind in sorted(kinds, key=lambda kind: (kind.status, kind.code, kind.shape.value)):
        found.setdefault(kind.status, []).append(kind)
    return found


def documented_errors(operation: Operation) -> set[type[GatelodgeError]]:
    """List the errors that an operation documents beside those of every one.

    It names codes; where classes share one, the action's docstring tells which is meant.
    """
    found: set[type[GatelodgeError]] = set()
    for code in operation.errors:
        kinds = {kind for kind in known_errors().values() if kind.code == code and not kind.__subclasses__()}
        meant = {kind for kind in kinds if kind.__name__ in raised_by(operation)}
        found |= meant if len(kinds) > 1 and meant else kinds
    return found


def _common(operation: Operation) -> Iterable[type[GatelodgeError]]:
    yield from (errors.RateLimited, errors.ServerError, errors.ServiceUnavailable)
    if operation.access is not Access.PUBLIC:
        yield errors.Unauthorized
    if not _is_empty(operation):
        yield from (errors.BodyUnreadable, errors.RequestInvalid)
    if not operation.reads_query:
        yield from (errors.BodyTooLarge, errors.BodyUnreadable, errors.RequestTimeout)
    if _names_an_object(operation):
        yield errors.NotFound


def _is_empty(operation: Operation) -> bool:
    return not any(msgspec.structs.fields(shape) for shape in request_shapes(operation))


def _names_an_object(operation: Operation) -> bool:
    if operation.redirects or operation.oauth:
        return False
    named = {field.name for field in msgspec.structs.fields(operation.request)}
    return bool(operation.path_members) or any(name.endswith("_id") for name in named - {"client_id", "external_id"})


def describe_error(kind: type[GatelodgeError]) -> Schema:
    """Describe the body of an error: its code is fixed, its message is for people."""
    code, text = ("error", "error_description") if kind.shape is Shape.OAUTH else ("code", "message")
    message = (kind.__doc__ or "").partition("\n")[0]
    properties: dict[str, Schema] = {
        code: {"type": "string", "const": kind.code},
        text: {"type": "string", "examples": [message]},
    }
    for name, hint in typing.get_type_hints(kind, localns={"User": User}).items():
        if typing.get_origin(hint) is not ClassVar and name not in {"code", "request_id"}:
            (properties[name],), _ = msgspec.json.schema_components([hint], ref_template=REFERENCE)
    return {"description": message, "type": "object", "properties": properties, "required": list(properties)}


def error_components(operations: tuple[Operation, ...]) -> dict[str, Schema]:
    """Describe every error that these operations answer with, and what is inside it."""
    kinds = {kind for operation in operations for found in errors_of(operation).values() for kind in found}
    described = {kind.__name__: describe_error(kind) for kind in kinds}
    inner = [hint for kind in kinds for hint in typing.get_type_hints(kind, localns={"User": User}).values()]
    structs = [hint for hint in map(_struct_in, inner) if hint is not None]
    _, shapes = msgspec.json.schema_components([Fault, *structs], ref_template=REFERENCE)
    return dict(sorted({**{name: shape for name, shape in shapes.items() if name != "User"}, **described}.items()))


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    kinds = [hint, *typing.get_args(hint)]
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)


def error_responses(operation: Operation) -> dict[str, Schema]:
    """Describe the answers of an operation that are errors; those of one code are shared."""
    return {
        str(status): {"$ref": f"#/components/responses/{kinds[0].__name__}"} if len(kinds) == 1 else _respond(kinds)
        for status, kinds in errors_of(operation).items()
    }


def shared_responses(operations: tuple[Operation, ...]) -> dict[str, Schema]:
    """Describe the answers that several operations give."""
    lists = [kinds for operation in operations for kinds in errors_of(operation).values()]
    return dict(sorted((kinds[0].__name__, _respond(kinds)) for kinds in lists if len(kinds) == 1))


def _respond(kinds: list[type[GatelodgeError]]) -> Schema:
    references = [{"$ref": REFERENCE.format(name=kind.__name__)} for kind in kinds]
    headers: dict[str, Schema] = {"X-Request-ID": {"$ref": "#/components/headers/RequestId"}}
    if kinds[0].status in SAYS_WHEN:
        headers["Retry-After"] = {"$ref": "#/components/headers/RetryAfter"}
    return {
        "description": " · ".join(f"`{kind.code}`" for kind in kinds),
        "headers": headers,
        "content": {"application/json": {"schema": references[0] if len(kinds) == 1 else {"oneOf": references}}},
    }
