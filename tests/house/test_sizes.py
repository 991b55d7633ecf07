"""Files, functions, nesting and argument lists stay small; what does not is listed with its figure."""

from __future__ import annotations

import ast

import pytest

from tests.house import exemptions
from tests.house.source import ROOT, Function, functions, modules, ours, parse

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
DEEPEST = 3
MOST_POSITIONALS = 2

# What a call happens in is not one of its arguments, and the caller of a private function
# stands beside it (docs/decisions/0002).
CONTEXT = frozenset({"cls", "environment_id", "queries", "runtime", "self", "unit"})

_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)


def measured(function: Function) -> int:
    """Count a function's lines without its docstring, which is prose."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    first = function.body[0]
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def depth(node: ast.AST) -> int:
    """Count how deep blocks stand in blocks; an inner function starts anew, and `elif` is no new level."""
    deepest = 0
    for name, field in ast.iter_fields(node):
        for child in field if isinstance(field, list) else [field]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                continue
            is_elif = name == "orelse" and isinstance(child, ast.If) and isinstance(node, ast.If) and len(field) == 1
            deepest = max(deepest, depth(child) + (isinstance(child, _BLOCKS) and not is_elif))
    return deepest


def positionals(function: Function) -> int:
    """Count the positional arguments that follow the leading ones a call happens in."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    while names and names[0] in CONTEXT:
        names.pop(0)
    return len(names)


def is_public(name: str) -> bool:
    """Say whether a function can be called from another module; a constructor can."""
    return all(part == "__init__" or not part.startswith("_") for part in name.split("."))


def test_files_are_short() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in ours("src", "tests", "tools", "benchmarks", "examples")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }

    assert long == exemptions.FILES


def test_functions_are_short() -> None:
    long = {
        f"{path.relative_to(ROOT)}:{name}": lines
        for path in ours("src", "tests", "tools", "benchmarks", "examples")
        for name, function in functions(parse(path))
        if (lines := measured(function)) > LONGEST_FUNCTION
    }

    assert long == exemptions.LONG_FUNCTIONS


def test_functions_are_shallow() -> None:
    deep = {
        f"{path.relative_to(ROOT)}:{name}": levels
        for path in ours("src", "tests", "tools", "benchmarks", "examples")
        for name, function in functions(parse(path))
        if (levels := depth(function)) > DEEPEST
    }

    assert deep == exemptions.DEEP_FUNCTIONS


def test_arguments_past_the_second_are_named() -> None:
    wide = {
        f"{module.where}:{name}": number
        for module in modules()
        for name, function in functions(module.tree)
        if is_public(name) and (number := positionals(function)) > MOST_POSITIONALS
    }

    assert wide == exemptions.POSITIONALS


@pytest.mark.parametrize(
    ("body", "levels"),
    [
        ("x = 1", 0),
        ("if a:\n  pass\nelif b:\n  pass\nelif c:\n  pass", 1),
        ("for a in b:\n  if a:\n    with a:\n      while b:\n        pass", 4),
        ("if a:\n  pass\nelse:\n  if b:\n    pass\n  pass", 2),
        ("if a:\n  def inner():\n    if b:\n      pass", 1),
    ],
)
def test_depth_is_counted_as_a_reader_would(body: str, levels: int) -> None:
    function = ast.parse("def outer():\n" + "\n".join(f"  {line}" for line in body.splitlines())).body[0]

    assert depth(function) == levels
