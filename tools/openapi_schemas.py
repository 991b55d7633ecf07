"""The shapes of the contract as JSON Schema (2020-12, as OpenAPI 3.1 has it)."""

from __future__ import annotations

import inspect
import re
import typing
from typing import Any, TypeAlias

import msgspec

from gatelodge.contract.operation import Operation
from tools.examples import example_of
from tools.field_docs import field_docs
from tools.member_words import WORDS

Schema: TypeAlias = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"


def read_components(operations: tuple[Operation, ...]) -> dict[str, Schema]:
    """Describe every shape that a request or an answer of these operations has."""
    asked = [shape for operation in operations for shape in request_shapes(operation)]
    given = [operation.result for operation in operations if answers_json(operation)]
    _, components = msgspec.json.schema_components([*asked, *given], ref_template=REFERENCE)
    structs = {name: shape for shape in (*asked, *given) for name, shape in _structs(shape).items()}
    answered = set().union(*(_structs(shape) for shape in given)) - set().union(*(_structs(shape) for shape in asked))
    described = {
        name: _describe(schema, structs.get(name), is_answer=name in answered) for name, schema in components.items()
    }
    for operation in operations:
        for shape in request_shapes(operation):
            _without(described[shape.__name__], operation.path_members)
    return dict(sorted(described.items()))


def request_shapes(operation: Operation) -> tuple[type[msgspec.Struct], ...]:
    """List the shapes that a request may have; a grant has several."""
    return typing.get_args(operation.request) or (operation.request,)


def answers_json(operation: Operation) -> bool:
    """Say whether a success has a JSON body."""
    if operation.result is None or operation.redirects:
        return False
    is_struct = isinstance(operation.result, type) and issubclass(operation.result, msgspec.Struct)
    return not is_struct or bool(msgspec.structs.fields(operation.result))


def refer(shape: Any) -> Schema:
    """Give the schema of a shape as a reference to its component."""
    schema: Schema
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=REFERENCE)
    return schema


def _structs(shape: Any) -> dict[str, type[msgspec.Struct]]:
    """Give the structs inside a shape, by the names of their components."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting = [msgspec.inspect.type_info(shape)]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, msgspec.inspect.StructType):
            struct = typing.get_origin(kind.cls) or kind.cls
            name = _component_name(kind.cls)
            if name not in found:
                found[name] = struct
                waiting += [field.type for field in kind.fields]
        waiting += getattr(kind, "types", ())
        for member in ("item_type", "value_type", "type"):
            inner = getattr(kind, member, None)
            waiting += [inner] if isinstance(inner, msgspec.inspect.Type) else []
    return found


def _component_name(kind: Any) -> str:
    arguments = typing.get_args(kind)
    name: str = (typing.get_origin(kind) or kind).__name__
    return name + "".join(f"_{argument.__name__}_" for argument in arguments)


def _describe(schema: Schema, struct: type[msgspec.Struct] | None, *, is_answer: bool) -> Schema:
    described: Schema = _plain(schema)
    described["description"] = inspect.cleandoc(described.get("description", ""))
    if struct is None:
        return described
    if is_answer:
        _tell_presence(described, struct)
    kind = described["properties"].get("object", {}).get("const", "")
    for name, member in described["properties"].items():
        meaning = field_docs(struct).get(name) or WORDS.get(name)
        if meaning and "const" not in member:
            member["description"] = meaning
        if name.endswith("_at") and "string" in member.get("type", ()):
            member["format"] = "date-time"
        example = example_of(name, kind=kind)
        if example is not None and "const" not in member and "$ref" not in member:
            member["examples"] = [example]
        if is_answer or member.get("default", 0) in (None, {}):
            member.pop("default", None)
    return described


def may_be_left_out(struct: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> bool:
    """Say whether an answer may lack a member: it is unset, or it equals a default that is not written."""
    if field.required or field.default is msgspec.UNSET:
        return not field.required
    is_plain = field.default is not msgspec.NODEFAULT or field.default_factory in (dict, list, set)
    return is_plain and struct.__struct_config__.omit_defaults


def is_none_left_out(struct: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> bool:
    """Say whether an answer lacks a member rather than showing null."""
    return field.default is None and may_be_left_out(struct, field)


def _tell_presence(described: Schema, struct: type[msgspec.Struct]) -> None:
    fields = msgspec.structs.fields(struct)
    described["required"] = [field.encode_name for field in fields if not may_be_left_out(struct, field)]
    for field in fields:
        member = described["properties"][field.encode_name]
        if is_none_left_out(struct, field):
            described["properties"][field.encode_name] = _without_null(member)


def _without_null(member: Schema) -> Schema:
    if isinstance(member.get("type"), list):
        (kind,) = (kind for kind in member["type"] if kind != "null")
        return {**member, "type": kind}
    others = [part for part in member.get("anyOf", []) if part != {"type": "null"}]
    rest = {key: value for key, value in member.items() if key != "anyOf"}
    return {**others[0], **rest} if len(others) == 1 else member


def _plain(schema: Any) -> Any:
    """Write the same schema as a person would: null among the types, one value as a constant."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _plain(value) for key, value in schema.items()}
    plain.pop("title", None)
    if isinstance(plain.get("enum"), list) and "type" not in plain:
        values = plain.pop("enum")
        plain = {"type": "string", **({"const": values[0]} if len(values) == 1 else {"enum": values}), **plain}
    alternatives = plain.get("anyOf", [])
    others = [part for part in alternatives if part != {"type": "null"}]
    if len(others) == 1 < len(alternatives) and "type" in others[0]:
        del plain["anyOf"]
        plain = {**others[0], "type": [others[0]["type"], "null"], **plain}
        if "enum" in plain:
            plain["enum"] = [*plain["enum"], None]
    if "pattern" in plain:
        # A look-ahead that refuses a last line break is Python's need, not ECMA's.
        plain["pattern"] = re.sub(r"\(\?!\\n\)$", "", plain["pattern"])
    return plain


def _without(schema: Schema, members: tuple[str, ...]) -> None:
    """Take the members that travel in the path out of a body."""
    for name in members:
        schema["properties"].pop(name, None)
    schema["required"] = [name for name in schema.get("required", []) if name not in members]
