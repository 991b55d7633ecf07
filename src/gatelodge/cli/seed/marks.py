"""Read YAML into shapes, with the line of everything, and tell all faults at once.

Only `true` and `false` are booleans, and a date is text (YAML 1.2): a country code `no`
stays what was meant. The shapes bound how deep a file is followed, whatever its aliases.
"""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Callable
from typing import NamedTuple, TypeAlias, TypeVar, cast

import msgspec
import yaml

from gatelodge.contract.shapes import ready

S = TypeVar("S", bound="Marked")
Hint: TypeAlias = object
"""What a shape says of a member: a type, or what `typing` makes of several."""

_STR = "tag:yaml.org,2002:str"
_PLAIN = (
    ("tag:yaml.org,2002:null", re.compile(r"(?:~|null|)\Z"), ["~", "n", ""]),
    ("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)\Z"), list("tf")),
    ("tag:yaml.org,2002:int", re.compile(r"[-+]?[0-9]{1,18}\Z"), list("-+0123456789")),
    ("tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9]+\.[0-9]+\Z"), list("-+0123456789")),
)
_VALUES: dict[str, Callable[[str], object]] = {
    _STR: str,
    "tag:yaml.org,2002:null": lambda _: None,
    "tag:yaml.org,2002:bool": lambda text: text == "true",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}
_WORDS = {"str": "text", "int": "a whole number", "bool": "true or false", "float": "a number", "NoneType": "nothing"}
_LINE = "line"


class Marked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that stands in a file, with the line where it begins."""

    line: int = 0


class Noted(str):
    """A text of a list, with its line."""

    __slots__ = ("line",)
    line: int


class Fault(NamedTuple):
    """What is wrong, and in which line."""

    line: int
    message: str


class Unreadable(Exception):
    """A file is wrong; every fault of it, in the order of the lines."""

    def __init__(self, faults: list[Fault]) -> None:
        """Hold the faults."""
        super().__init__(f"{len(faults)} faults")
        self.faults: list[Fault] = sorted(set(faults))


class _Loader(yaml.SafeLoader):
    """Composes nodes with YAML 1.2's few kinds of plain values."""

    yaml_implicit_resolvers = {}  # noqa: RUF012  # the library's own way, by class


for _tag, _pattern, _firsts in _PLAIN:
    _Loader.add_implicit_resolver(_tag, _pattern, _firsts)


def compose(text: str) -> yaml.Node:
    """Read the one document of a text.

    Raises:
        Unreadable: It is not YAML, or holds nothing.
    """
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        raise Unreadable([Fault(mark.line + 1 if mark else 1, _hide_quoted(fault.problem or "not YAML"))]) from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise Unreadable([Fault(line, "a character that YAML does not allow.")]) from None
    except RecursionError:
        raise Unreadable([Fault(1, "nested too deeply.")]) from None
    except (OverflowError, ValueError):
        raise Unreadable([Fault(1, "an escape that stands for no character.")]) from None
    if node is None:
        raise Unreadable([Fault(1, "the file holds nothing.")])
    return node


def has_key(node: yaml.Node, name: str) -> bool:
    """Tell whether a node is a mapping with this key."""
    return isinstance(node, yaml.MappingNode) and any(getattr(key, "value", None) == name for key, _ in node.value)


def read_marked(node: yaml.Node, shape: type[S]) -> S:
    """Read a node into a shape.

    Raises:
        Unreadable: Keys are unknown, twice there or missing, or values of a wrong type.
    """
    reader = _Reader()
    value = reader.read(node, shape, "the file")
    if reader.faults:
        raise Unreadable(reader.faults)
    return typing.cast("S", value)


class _Reader:
    """Walks over nodes along the hints of shapes, and collects faults."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def read(self, node: yaml.Node, hint: Hint, name: str) -> object:
        """Read a node as what the hint says; after a fault the value means nothing."""
        kind = _container(hint)
        if kind is None:
            return self._read_plain(node, hint, name)
        if _tells_null(node) and _takes_null(hint):
            return None
        if isinstance(kind, type) and issubclass(kind, Marked):
            return self._read_shape(node, kind, name)
        if typing.get_origin(kind) is dict:
            return self._read_dict(node, kind, name)
        return self._read_list(node, kind, hint=hint, name=name)

    def _tell(self, node: yaml.Node, message: str) -> None:
        self.faults.append(Fault(_line(node), message))

    def _read_plain(self, node: yaml.Node, hint: Hint, name: str) -> object:
        if not isinstance(node, yaml.ScalarNode):
            self._tell(node, f"{name}: expected one value, not {_describe(node)}.")
            return None
        make = _VALUES.get(node.tag)
        if make is None:
            self._tell(node, f"{name}: tags are not known here; put text that begins with `!` in quotes.")
            return None
        value = make(node.value)
        try:
            if hint is not Noted:
                return msgspec.convert(value, ready(cast("type[object]", hint)))
            noted = Noted(msgspec.convert(value, str))
            noted.line = _line(node)
            return noted
        except msgspec.ValidationError as fault:
            self._tell(node, f"{name}: {_put(str(fault), value, hint=hint)}")
            return None

    def _read_shape(self, node: yaml.Node, shape: type[Marked], name: str) -> object:
        hints = typing.get_type_hints(shape, include_extras=True)
        fields = {field.name: field for field in msgspec.structs.fields(shape) if field.name != _LINE}
        members: dict[str, object] = {}
        for key, value in self._pairs(node, name):
            if key.value in fields:
                members[key.value] = self.read(value, hints[key.value], key.value)
            else:
                self._tell(key, f"unknown key {key.value!r}{_suggest(key.value, list(fields))}")
        if not isinstance(node, yaml.MappingNode):
            return None
        missing = [each for each, field in fields.items() if field.required and each not in members]
        for each in missing:
            self._tell(node, f"{name}: {each} is missing.")
        return None if missing else shape(line=_line(node), **members)

    def _read_dict(self, node: yaml.Node, kind: Hint, name: str) -> object:
        keys, hint = typing.get_args(kind)
        words = _literals(keys)
        read: dict[str, object] = {}
        for key, value in self._pairs(node, name):
            if words and key.value not in words:
                self._tell(key, f"unknown key {key.value!r}{_suggest(key.value, words)}")
            read[key.value] = self.read(value, hint, f"{name}.{key.value}")
        return read

    def _pairs(self, node: yaml.Node, name: str) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            self._tell(node, f"{name}: expected keys with values, not {_describe(node)}.")
            return []
        pairs: dict[str, tuple[yaml.ScalarNode, yaml.Node]] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._tell(key, f"{name}: a key is text, not {_describe(key)}.")
            elif key.value in pairs:
                first = _line(pairs[key.value][0])
                self._tell(key, f"the key {key.value!r} is twice here; the first is in line {first}.")
            else:
                pairs[key.value] = (key, value)
        return list(pairs.values())

    def _read_list(self, node: yaml.Node, kind: Hint, *, hint: Hint, name: str) -> object:
        if not isinstance(node, yaml.SequenceNode):
            self._tell(node, f"{name}: expected a list, not {_describe(node)}.")
            return None
        (item, *_) = typing.get_args(kind)
        values = [self.read(each, item, f"an entry of {name}") for each in node.value]
        for meta in getattr(hint, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and len(values) < (meta.min_length or 0):
                self._tell(node, f"{name}: the list is empty.")
        return tuple(values) if typing.get_origin(kind) is tuple else values


def _container(hint: Hint) -> Hint:
    """Give the shape, the list or the dict that a hint asks for; None for plain values."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _container(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return next((found for part in typing.get_args(hint) if (found := _container(part)) is not None), None)
    is_shape = isinstance(hint, type) and issubclass(hint, Marked)
    return hint if is_shape or origin in (dict, list, tuple) else None


def _takes_null(hint: Hint) -> bool:
    return types.NoneType in typing.get_args(hint)


def _tells_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag.endswith(":null")


def _line(node: yaml.Node) -> int:
    line: int = node.start_mark.line
    return line + 1


def _describe(node: yaml.Node) -> str:
    match node:
        case yaml.MappingNode():
            return "keys with values"
        case yaml.SequenceNode():
            return "a list"
    return "nothing" if _tells_null(node) else "one value"


def _put(reason: str, value: object, *, hint: Hint) -> str:
    """Say in a line why a value does not fit; never the value, which may be a secret."""
    got = _WORDS[type(value).__name__]
    if reason.startswith("Expected `") and "got `" in reason:
        wanted = [_WORDS.get(word, word) for word in reason.split("`")[1].split(" | ") if word != "null"]
        quote = ", so put it in quotes" if "text" in wanted and value is not None else ""
        return f"expected {' or '.join(wanted)}, but this is {got}{quote}."
    if words := _literals(hint):
        return f"expected one of {', '.join(words)}."
    if "matching regex" in reason:
        return "this form is not allowed here."
    return f"{reason[:1].lower()}{reason[1:]}".replace("`str`", "text").replace("`", "") + "."


def _literals(hint: Hint) -> list[str]:
    if typing.get_origin(hint) is typing.Literal:
        return list(typing.get_args(hint))
    return [word for part in typing.get_args(hint) for word in _literals(part)]


def _hide_quoted(problem: str) -> str:
    """Leave out what YAML's reader quotes of the file, which may be a secret; its own words stay."""
    return re.sub(r"'(?![<'])[^']{2,}'", "here", problem) + "."


def _suggest(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; here may stand {', '.join(sorted(known))}."
