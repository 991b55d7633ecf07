"""What the linter does not see: hidden state, endless loops, escapes without a reason, words that say nothing."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import exemptions
from tests.house.source import ROOT, Module, functions, modules, ours

EMPTY_NAMES = frozenset({"base", "common", "data", "helper", "helpers", "info", "manager", "misc", "util", "utils"})

# Calls that make something changeable; at module level that is a global with state.
MAKES_STATE = frozenset(
    {
        "Condition",
        "Counter",
        "Event",
        "Lock",
        "Queue",
        "RLock",
        "Semaphore",
        "SimpleQueue",
        "bytearray",
        "count",
        "defaultdict",
        "deque",
        "local",
        "ContextVar",
    }
)

BANNED_MODULES = {
    "logging": "kit.log writes the log",
    "marshal": "msgspec writes bytes",
    "pickle": "msgspec writes bytes",
    "random": "chance comes from the unit",
    "secrets": "chance comes from the unit",
    "shelve": "the database stores",
    "uuid": "ids come from contract.ids",
}

# The engine and the client may not import each other's, so each has one reader of each.
CHANCE = frozenset({"gatelodge.kit.entropy", "gatelodge.sdk.retry"})
CLOCKS = frozenset({"gatelodge.kit.clock", "gatelodge.sdk.retry"})
ENVIRONMENT = frozenset({"gatelodge.kit.settings", "gatelodge.sdk.configuration"})

# The client writes no log, but takes a secret out of what the HTTP library writes.
MAY_IMPORT = {"logging": frozenset({"gatelodge.sdk.pools"}), "random": CHANCE, "secrets": CHANCE}

# Attributes of modules that only these modules of ours may touch.
BANNED_CALLS = {
    ("datetime", "now"): CLOCKS,
    ("datetime", "today"): CLOCKS,
    ("datetime", "utcnow"): CLOCKS,
    ("os", "environ"): ENVIRONMENT,
    ("os", "getenv"): ENVIRONMENT,
    ("os", "urandom"): CHANCE,
    ("time", "gmtime"): CLOCKS,
    ("time", "localtime"): CLOCKS,
    ("time", "time"): CLOCKS,
    ("time", "time_ns"): CLOCKS,
}

CODE = ("src", "tests", "tools", "benchmarks", "examples")


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not {module.where for module in modules() if set(module.parts) & EMPTY_NAMES}


def test_no_module_global_holds_state() -> None:
    found = {module.where for module in modules() if any(states(module.tree))}

    assert found == set(exemptions.STATE)


def states(tree: ast.Module) -> Iterator[int]:
    """Find empty containers, locks and counters at module level, and `global` statements anywhere."""
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and makes_state(node.value):
            # A registry that is filled where it is declared is a constant.
            yield node.lineno
    yield from (node.lineno for node in ast.walk(tree) if isinstance(node, ast.Global))


def makes_state(value: ast.expr) -> bool:
    """Say whether an expression makes something whose only use is to be changed."""
    if isinstance(value, ast.List | ast.Set):
        return not value.elts
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return called in MAKES_STATE or (called in {"dict", "list", "set"} and not value.args and not value.keywords)
    return False


@pytest.mark.parametrize("text", ["seen = []", "import threading\nlock = threading.Lock()", "def f():\n  global seen"])
def test_a_global_with_state_is_seen(text: str) -> None:
    assert list(states(ast.parse(text)))


def test_clock_chance_and_environment_are_read_in_one_place_each() -> None:
    found = {
        f"{module.where}:{node.lineno} {name}.{attribute}"
        for module in modules()
        for node, name, attribute in attributes(module)
        if module.name not in BANNED_CALLS.get((name, attribute), {module.name})
    }

    assert not found


def attributes(module: Module) -> Iterator[tuple[ast.Attribute | ast.ImportFrom, str, str]]:
    """Give each `name.attribute`, and each `from name import attribute`, of a module."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            yield node, owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", ""), node.attr
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node, node.module, alias.name) for alias in node.names)


def test_no_module_imports_what_the_house_has_its_own_way_for() -> None:
    found = set()
    for module in modules():
        banned = {name for name in BANNED_MODULES if module.name not in MAY_IMPORT.get(name, ())}
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found |= {f"{module.where} imports {name}" for name in names if name.partition(".")[0] in banned}

    assert not found


def test_whatever_is_read_into_a_struct_names_it_through_ready() -> None:
    """Two threads that are the first to read into one Struct kill the process (contract/shapes.py)."""
    found = {
        f"{module.where}:{call.lineno}"
        for module in modules()
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and not is_safe_to_race(call)
        if module.where != "src/gatelodge/contract/shapes.py"
    }

    assert not found


def is_safe_to_race(call: ast.Call) -> bool:
    """Say whether a call reads into nothing, into a builtin, or into a shape that is ready."""
    match ast.unparse(call.func):
        case "msgspec.convert":
            shapes = call.args[1:2]
        case "msgspec.json.Decoder":
            shapes = call.args[:1]
        case "msgspec.json.decode":
            shapes = [keyword.value for keyword in call.keywords if keyword.arg == "type"]
        case _:
            return True
    return all(ast.unparse(shape).startswith(("ready(", "dict[str, ", "str")) for shape in shapes)


@pytest.mark.parametrize(
    ("text", "is_safe"),
    [
        ("msgspec.convert(members, User)", False),
        ("msgspec.convert(members, ready(User))", True),
        ("msgspec.json.decode(body, type=User)", False),
        ("msgspec.json.decode(body, type=dict[str, Any])", True),
        ("msgspec.json.Decoder(User)", False),
    ],
)
def test_a_struct_that_is_not_named_through_ready_is_seen(text: str, *, is_safe: bool) -> None:
    call = ast.parse(text, mode="eval").body

    assert isinstance(call, ast.Call)
    assert is_safe_to_race(call) is is_safe


def test_every_loop_has_an_end() -> None:
    endless = {
        f"{module.where}:{name}"
        for module in modules()
        for name, function in functions(module.tree)
        for node in ast.walk(function)
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
    }

    assert endless == set(exemptions.ENDLESS_LOOPS)


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Give the comments of a file with their lines."""
    text = path.read_text(encoding="utf-8")
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def all_comments(*folders: str) -> list[tuple[str, str]]:
    """Give every comment of ours with its place."""
    return [(f"{path.relative_to(ROOT)}:{line}", text) for path in ours(*folders) for line, text in comments(path)]


ESCAPE = re.compile(r"#\s*(noqa|type:\s*ignore)")
REASONED = re.compile(r"#\s*(noqa: [A-Z0-9, ]+?|type: ignore\[[a-z0-9, -]+\])\s*(#|-|\()\s*\w.{2,}")


def test_a_lint_escape_names_its_rule_and_its_reason() -> None:
    escapes = [(place, text) for place, text in all_comments("src", "tools", "benchmarks") if ESCAPE.search(text)]

    assert escapes
    assert not [place for place, text in escapes if not REASONED.search(text)]


@pytest.mark.parametrize(
    ("comment", "is_reasoned"),
    [
        ("# noqa", False),
        ("# noqa: S101", False),
        ("# type: ignore", False),
        ("# noqa: S101  # the row is held by this transaction", True),
        ("# type: ignore[misc]  # the one class whose status differs", True),
    ],
)
def test_an_escape_without_a_reason_is_seen(comment: str, *, is_reasoned: bool) -> None:
    assert ESCAPE.search(comment)
    assert bool(REASONED.search(comment)) is is_reasoned


def test_no_comment_promises_work_or_draws_a_banner() -> None:
    wrong = re.compile(r"#\s*(TODO|FIXME|XXX|HACK)\b|^#\s*([-=*#~_])\2{3,}")

    assert not [f"{place}: {comment}" for place, comment in all_comments(*CODE) if wrong.search(comment)]
