"""Compare each operation of ours with the wire's row of it.

A *fault* would break a client: a key it insists on may be missing, a null where it reads
text, a value refused that it may send. A *gap* is what is not there yet or is ours alone:
an error that is never answered, a member that is not read.
"""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import inspect

from gatelodge.contract.errors import GatelodgeError, Shape
from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS
from tests.contract import shapes
from tests.contract.wire import Member, Row, find_row, members_of
from tools.openapi_errors import documented_errors

GAPS = Path(__file__).with_name("gaps.json")

AUTH = {"api_key": "api_key", "none": "public"}
SAMPLES: dict[str, object] = {
    "string": "text",
    "date-time": "2026-01-15T12:00:00.000Z",
    "boolean": True,
    "integer": 7,
    "number": 7,
    "array<string>": ["text"],
    "map<string,string>": {"key": "value"},
    "object": {"key": "value"},
}
# Members whose rule lets no common text pass.
NAMED = {"email": "ada@example.com", "slug": "org-text"}
KINDS: dict[str, tuple[type[inspect.Type], ...]] = {
    "string": (inspect.StrType, inspect.LiteralType),
    "date-time": (inspect.StrType,),
    "boolean": (inspect.BoolType,),
    "integer": (inspect.IntType,),
    "number": (inspect.IntType, inspect.FloatType),
    "object": (inspect.DictType, inspect.StructType),
}


def faults(operation: Operation) -> list[str]:
    """List what would break a client of an operation."""
    row = find_row(operation)
    if row is None:
        return []
    return sorted({*_access_faults(operation, row), *_request_faults(operation, row), *_answer_faults(operation, row)})


def gaps(operation: Operation) -> list[str]:
    """List what of an operation is not there yet, or is ours alone."""
    row = find_row(operation)
    if row is None:
        return []
    return sorted({*_request_gaps(operation, row), *_answer_gaps(operation, row), *_error_gaps(operation, row)})


def request_shapes(operation: Operation) -> list[type[msgspec.Struct]]:
    """List the shapes that a request of an operation may have."""
    return list(typing.get_args(operation.request)) or [operation.request]


def _access_faults(operation: Operation, row: Row) -> Iterator[str]:
    if operation.access.value != AUTH[row.auth]:
        yield f"may be called with {operation.access.value}, and the wire says {row.auth}"
    if operation.status not in row.statuses:
        yield f"answers {operation.status}, and the wire says {row.statuses}"


def _asked(operation: Operation, row: Row) -> dict[str, Member]:
    return row.query if operation.reads_query else row.request


def _request_faults(operation: Operation, row: Row) -> Iterator[str]:
    for shape in request_shapes(operation):
        tag = str(shape.__struct_config__.tag or "")
        for name, member in _asked(operation, row).items():
            if name in shapes.names(shape):
                yield from _member_faults(operation, shape, name, member)
        needed = set(row.variants[tag]["required"]) if tag in row.variants else None
        for name in shapes.names(shape) - set(operation.path_members):
            is_needed = name in needed if needed is not None else _is_required(_asked(operation, row).get(name))
            if shapes.requires(shape, name) and not is_needed:
                yield f"{tag or 'request'}: {name} is insisted on, and the wire does not"


def _is_required(member: Member | None) -> bool:
    return member is not None and member.required


def _member_faults(operation: Operation, shape: type[msgspec.Struct], name: str, member: Member) -> Iterator[str]:
    inner = Member(type=member.type[6:-1], nullable=False, required=True)
    values: list[object] = list(member.values) or [[value] for value in inner.values] or [SAMPLES.get(member.type)]
    values = [NAMED.get(name, value) for value in values]
    if member.nullable:
        values.append(None)
    for value in values:
        if value is None and not member.nullable:
            continue
        sent = str(value) if operation.reads_query and not isinstance(value, list | str) else value
        if not shapes.accepts(shape, name, sent, textual=operation.reads_query):
            yield f"request: {name} refuses {value!r}"


def _answer_faults(operation: Operation, row: Row) -> Iterator[str]:
    if operation.redirects or row.answer is None:
        return
    yield from _object_faults(row.answer, _item(operation, row))


def _item(operation: Operation, row: Row) -> inspect.Type:
    described = shapes.read_shape(operation.result)
    if row.kind == "array":
        assert isinstance(described, inspect.ListType)
        return described.item_type
    return described


def _object_faults(name: str, described: inspect.Type) -> Iterator[str]:
    members = members_of(name)
    if members is None or not isinstance(described, inspect.StructType):
        return
    given = shapes.given_members(described)
    for key, member in members.items():
        if key not in given:
            if member.required:
                yield f"answer: {name}.{key} is required, and never given"
            continue
        ours = given[key]
        if member.required and not ours.always:
            yield f"answer: {name}.{key} is required, and may be absent"
        if ours.nullable and not member.nullable:
            yield f"answer: {name}.{key} may be null, and the wire's may not"
        yield from _type_faults(f"{name}.{key}", member, ours.type)


def _type_faults(where: str, member: Member, ours: inspect.Type) -> Iterator[str]:
    if member.values:
        given = ours.values if isinstance(ours, inspect.LiteralType) else ()
        if not isinstance(ours, inspect.StrType) and not set(given) <= set(member.values):
            yield f"answer: {where} may be {sorted(set(map(str, given)) - set(member.values))}"
    elif member.type.startswith("array<"):
        if not isinstance(ours, inspect.ListType):
            yield f"answer: {where} is no array"
        else:
            yield from _object_faults(member.type[6:-1], ours.item_type)
    elif member.type.startswith("map<"):
        if not isinstance(ours, inspect.DictType):
            yield f"answer: {where} is no map"
    elif member.type in KINDS:
        if not isinstance(ours, KINDS[member.type]):
            yield f"answer: {where} is {type(ours).__name__}, and the wire's is {member.type}"
    else:
        yield from _object_faults(member.type, ours)


def _request_gaps(operation: Operation, row: Row) -> Iterator[str]:
    asked = _asked(operation, row)
    read = set[str]().union(*(shapes.names(shape) for shape in request_shapes(operation)))
    read -= set(operation.path_members)
    read |= {"grant_type"} if operation.oauth else set()
    yield from (f"request: {name} is not read" for name in asked if name not in read)
    yield from (f"request: {name} is ours" for name in read if name not in asked)
    tags = {str(shape.__struct_config__.tag) for shape in request_shapes(operation)}
    yield from (f"grant: {tag} is not taken" for tag in row.variants if tag not in tags)


def _answer_gaps(operation: Operation, row: Row) -> Iterator[str]:
    if operation.redirects:
        return
    if row.answer is None:
        is_empty = operation.result is None or not msgspec.structs.fields(operation.result)
        if not is_empty:
            yield f"answer: {operation.result.__name__}, where the wire's is empty"
        return
    yield from _object_gaps(row.answer, _item(operation, row))


def _object_gaps(name: str, described: inspect.Type) -> Iterator[str]:
    members = members_of(name)
    if members is None or not isinstance(described, inspect.StructType):
        return
    given = shapes.given_members(described)
    yield from (f"answer: {name}.{key} is never given" for key in members if key not in given)
    yield from (f"answer: {name}.{key} is ours" for key in given if key not in members)
    for key in members.keys() & given.keys():
        kind = members[key].type
        inner = kind[6:-1] if kind.startswith("array<") else kind
        ours = given[key].type
        yield from _object_gaps(inner, ours.item_type if isinstance(ours, inspect.ListType) else ours)


def error_places(operation: Operation) -> set[tuple[int, str]]:
    """Name the errors that an operation documents, as the table writes them, with their status."""
    return {(kind.status, _write_error(kind)) for kind in documented_errors(operation)}


def _write_error(kind: type[GatelodgeError]) -> str:
    return f"{'oauth' if kind.shape is Shape.OAUTH else 'plain'} {kind.code}"


# What every operation answers with, whether or not the table repeats it.
_EVERYWHERE = {
    (400, "message"),
    (401, "message"),
    (403, "message"),
    (404, "message"),
    (422, "message"),
    (422, "plain invalid_request_parameters"),
    (429, "plain rate_limit_exceeded"),
}


def _error_gaps(operation: Operation, row: Row) -> Iterator[str]:
    ours = error_places(operation)
    documented = {
        (status, body)
        for status, bodies in row.errors.items()
        for body in bodies
        # A body whose code is left open is any of that shape.
        if body != "oauth" or not any(place == status and text.startswith("oauth") for place, text in ours)
    }
    yield from (f"error: {status} {body} is never answered" for status, body in documented - ours - _EVERYWHERE)
    open_statuses = {status for status, bodies in row.errors.items() if "oauth" in bodies}
    for status, body in ours - documented:
        if not (status in open_statuses and body.startswith("oauth")):
            yield f"error: {status} {body} is ours"


def write_gaps() -> None:
    """Write down the gaps as they are now; see from the difference that none has grown."""
    listed = {operation.name: gaps(operation) for operation in OPERATIONS}
    GAPS.write_text(json.dumps({name: rows for name, rows in sorted(listed.items()) if rows}, indent=1) + "\n")


if __name__ == "__main__":
    write_gaps()
