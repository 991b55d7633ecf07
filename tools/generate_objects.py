"""Write docs/objects.md: what the methods give, member by member, and every error."""

from __future__ import annotations

import inspect
import re
import sys
from typing import Any, Literal, get_args, get_origin

import msgspec

import gatelodge
from gatelodge import errors
from gatelodge.contract.errors import GatelodgeError
from tools.field_docs import field_docs
from tools.generate_methods import PAGES
from tools.member_words import WORDS

TARGET = "docs/objects.md"

ABOUT = """\
# Objects and errors

What the methods of the [reference](reference.md) give and raise. Objects cannot be changed; their attributes have the
names of the wire. Instants are text in ISO 8601, in UTC with milliseconds; ids are text. What a newer server tells
besides is left out.

"""
ERRORS = """\
## Errors

All are in `gatelodge.errors` and are a `GatelodgeError`, with `message`, `code`, `status`, `request_id` and, where the
server told it, `retry_after` in seconds. A class is also what stands in its second column, so that many can be caught
by one name. A status of 0 is the client's own: no answer came, or nothing was sent.

| class | is a | status | code | when | carries |
| --- | --- | --- | --- | --- | --- |
"""
REASONS = """

## SessionFailureReason

Why there is no session: {reasons}. Each equals its text.
"""

_NAME = re.compile(r"\b[A-Za-z_]\w*\b")
_INHERITED = frozenset({"code", "message", "request_id", "retry_after", "shape", "status"})


def generate() -> dict[str, str]:
    """Give the page's text."""
    shapes = find_shapes()
    parts = [ABOUT, *(_describe(kind, shapes) for _, kind in sorted(shapes.items())), ERRORS]
    parts += [_error_row(kind) for kind in find_errors()]
    reasons = ", ".join(f"`{reason}`" for reason in gatelodge.SessionFailureReason)
    return {TARGET: "".join(parts).rstrip() + REASONS.format(reasons=reasons)}


def find_shapes() -> dict[str, type[msgspec.Struct]]:
    """Give the public objects by name, and those inside them."""
    found: dict[str, type[msgspec.Struct]] = {}
    waiting: list[Any] = [getattr(gatelodge, name) for name in gatelodge.__all__]
    waiting += [named for kind in find_errors() for named in _named_in(kind)]
    # In this order: where the client adds to an object of the wire, its own is the public one.
    for kind in waiting:
        if not (inspect.isclass(kind) and issubclass(kind, msgspec.Struct)) or kind.__name__ in found:
            continue
        found[kind.__name__] = kind
        waiting.extend(named for each in kind.__mro__ for named in _named_in(each))
    return found


def find_errors() -> list[type[GatelodgeError]]:
    """Give every class of errors, each after what it is."""
    known = {each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, GatelodgeError)}

    def walk(kind: type[GatelodgeError]) -> list[type[GatelodgeError]]:
        below = sorted(known & set(kind.__subclasses__()), key=lambda each: each.__name__)
        return [kind, *(found for each in below for found in walk(each))]

    return walk(GatelodgeError)


def _named_in(kind: type) -> list[Any]:
    """Give what the annotations of a class name."""
    module = vars(sys.modules.get(kind.__module__, sys))
    hints = inspect.get_annotations(kind)
    return [module[word] for hint in hints.values() for word in _NAME.findall(str(hint)) if word in module]


def _describe(kind: type[msgspec.Struct], shapes: dict[str, type[msgspec.Struct]]) -> str:
    docs = field_docs(kind)
    rows = [
        f"| `{name}` | {_type(kind, name, shapes)} | {_in_a_cell(docs.get(written) or WORDS.get(name, ''))} |\n"
        for name, written in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)
        if name != "object"
    ]
    words = [" ".join(part.split()) for part in (inspect.getdoc(kind) or "").split("\n\n")]
    told = PAGES.sub("", "\n\n".join(words))
    return f"## {kind.__name__}\n\n{told}\n\n| member | type | what |\n| --- | --- | --- |\n{''.join(rows)}\n"


def _type(kind: type, name: str, shapes: dict[str, type[msgspec.Struct]]) -> str:
    """Write a member's type as its source does, with links, and with the words that it may be."""
    owner = next(each for each in kind.__mro__ if name in inspect.get_annotations(each))
    module = vars(sys.modules[owner.__module__])

    def write(found: re.Match[str]) -> str:
        word = found.group()
        if word in shapes:
            return f"[{word}](#{word.lower()})"
        meant = module.get(word)
        if get_origin(meant) is Literal:
            return ", ".join(f"`{value}`" for value in get_args(meant))
        return word

    text = str(inspect.get_annotations(owner)[name])
    if text.startswith("Literal["):
        return ", ".join(f"`{value}`" for value in re.findall(r"[\w.-]+", text.removeprefix("Literal")))
    return _in_a_cell(_NAME.sub(write, text))


def _error_row(kind: type[GatelodgeError]) -> str:
    """Write one error: whose kind it is, what it means, and what it brings along."""
    carried = [
        name
        for each in reversed(kind.__mro__)
        if issubclass(each, GatelodgeError)
        for name in inspect.get_annotations(each)
        if name not in _INHERITED and not name.startswith("_")
    ]
    above = kind.__mro__[1].__name__ if kind is not GatelodgeError else ""
    words = _in_a_cell((inspect.getdoc(kind) or "").splitlines()[0])
    told = ", ".join(f"`{name}`" for name in dict.fromkeys(carried))
    of = f"`{above}`" if above else ""
    return f"| `{kind.__name__}` | {of} | {kind.status} | `{kind.code}` | {words} | {told} |\n"


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")
