"""Read what stands below a field of a struct: its docstring, which Python itself forgets."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap

import msgspec


@functools.cache
def field_docs(shape: type[msgspec.Struct]) -> dict[str, str]:
    """Give the docstring of each field that has one, inherited fields included, by encoded name."""
    found: dict[str, str] = {}
    for kind in reversed(shape.__mro__):
        if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
            found |= _own_docs(kind)
    encoded = {field.name: field.encode_name for field in msgspec.structs.fields(shape)}
    return {encoded[name]: text for name, text in found.items() if name in encoded}


def _own_docs(kind: type) -> dict[str, str]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    docs: dict[str, str] = {}
    if not isinstance(body, ast.ClassDef):
        return docs
    for field, below in zip(body.body, body.body[1:], strict=False):
        text = ast.literal_eval(below.value) if isinstance(below, ast.Expr) and _is_text(below.value) else None
        if text and isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            docs[field.target.id] = inspect.cleandoc(text)
    return docs


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
