"""Our shapes as a client meets them: which keys are there, which may be null, what they hold."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import inspect

from tools.openapi_schemas import is_none_left_out, may_be_left_out


@dataclass(frozen=True, kw_only=True)
class Given:
    """One member of an answer of ours."""

    type: inspect.Type
    always: bool
    nullable: bool


def given_members(shape: inspect.StructType) -> dict[str, Given]:
    """List the members that an answer of ours holds."""
    kind: Any = typing.get_origin(shape.cls) or shape.cls
    written = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    members = {}
    for field in shape.fields:
        alternatives = list(_alternatives(field.type))
        parts = [part for part in alternatives if not isinstance(part, inspect.NoneType)]
        member = written[field.encode_name]
        is_nullable = len(parts) < len(alternatives) and not is_none_left_out(kind, member)
        members[field.encode_name] = Given(
            type=parts[0], always=not may_be_left_out(kind, member), nullable=is_nullable
        )
    return members


def _alternatives(kind: inspect.Type) -> Iterator[inspect.Type]:
    if isinstance(kind, inspect.Metadata):
        yield from _alternatives(kind.type)
    elif isinstance(kind, inspect.UnionType):
        for part in kind.types:
            yield from _alternatives(part)
    else:
        yield kind


def read_shape(hint: Any) -> inspect.Type:
    """Describe a type of ours."""
    return inspect.type_info(hint)


def accepts(shape: type[msgspec.Struct], name: str, value: object, *, textual: bool) -> bool:
    """Say whether a request shape reads a value of a member."""
    for field in msgspec.structs.fields(shape):
        if field.encode_name == name:
            try:
                hint = typing.get_type_hints(shape, include_extras=True)[field.name]
                msgspec.convert(value, hint, strict=not textual)
            except msgspec.ValidationError:
                return False
            return True
    raise LookupError(name)


def requires(shape: type[msgspec.Struct], name: str) -> bool:
    """Say whether a request shape insists on a member."""
    return any(field.encode_name == name and field.required for field in msgspec.structs.fields(shape))


def names(shape: type[msgspec.Struct]) -> set[str]:
    """Name the members that a request shape reads."""
    return {field.encode_name for field in msgspec.structs.fields(shape)}
