"""A slice has its fixed files, a registry its order, and everything public says what it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gatelodge.contract import operations
from gatelodge.contract.operations import OPERATIONS
from gatelodge.features.events.catalogue import NAMES
from tests.house.source import PACKAGE, ROOT, Module, functions, modules, parse

# Files named for a kind of thing are where slices would grow layers of their own.
KINDS = frozenset("dao dto entities handlers models queries repository schemas services views".split())
# How a first line starts that does not say what to do.
NOT_IMPERATIVE = re.compile(
    r"^(A|An|The|This|These|That|It|Returns?|Gets|Sets|Creates|Makes|Gives|Tells|Checks|Reads|Writes|Finds|Lists|Called|Whether)\b"
)


def slices() -> list[Module]:
    """List the package modules of the slices."""
    return [module for module in modules() if module.slice and len(module.parts) == 2 and is_package(module)]


def is_package(module: Module) -> bool:
    """Say whether a module is the door of a folder."""
    return module.path.name == "__init__.py"


def test_a_slice_says_what_it_owns_and_which_events_it_emits() -> None:
    silent = {
        module.where
        for module in slices()
        if not re.search(r"^Tables?: ", text := ast.get_docstring(module.tree) or "", re.MULTILINE)
        or not re.search(r"\b(No events|Events: )", text)
    }

    assert not silent


def test_a_slice_holds_no_file_named_for_a_kind() -> None:
    assert not {module.where for module in modules() if module.slice and module.parts[-1] in KINDS}


def test_every_folder_of_the_package_is_a_package() -> None:
    folders = {path.parent for path in PACKAGE.rglob("*.py")}

    assert not {str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()}


def test_every_module_and_every_public_thing_has_a_docstring() -> None:
    silent = {module.where for module in modules() if not ast.get_docstring(module.tree)}
    silent |= {f"{module.where}:{name}" for module in modules() for name, node in public(module.tree)
               if not ast.get_docstring(node)}  # fmt: skip

    assert not silent


def public(
    tree: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Walk over public classes, and functions that are not inside another function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield prefix + node.name, node
            yield from public(node, f"{prefix}{node.name}.")


def test_what_a_function_does_is_said_in_the_imperative() -> None:
    wrong = set()
    for module in modules():
        for name, function in functions(module.tree):
            first = (ast.get_docstring(function) or "").partition("\n")[0]
            is_read = {getattr(each, "id", "") for each in function.decorator_list} & {"property", "cached_property"}
            if first and not is_read and (NOT_IMPERATIVE.match(first) or not first.rstrip().endswith((".", ":"))):
                wrong.add(f"{module.where}:{name}: {first}")

    assert not wrong


def test_the_operations_of_each_module_are_in_alphabetical_order() -> None:
    names = [name for name in vars(operations) if hasattr(vars(operations)[name], "OPERATIONS")]

    assert names == sorted(names)
    for name in names:
        constants = _tuple_of(f"contract/{name}.py", "OPERATIONS")
        assert constants == sorted(constants), name


def test_the_routes_of_the_slices_are_wired_in_alphabetical_order() -> None:
    wired = _tuple_of("doors/assemble.py", "ROUTES")

    assert wired == sorted(wired)


def test_the_generators_are_in_alphabetical_order() -> None:
    from tools.generate import GENERATORS

    assert list(GENERATORS) == sorted(GENERATORS)


def test_the_catalogue_of_events_is_in_alphabetical_order_and_is_what_is_emitted() -> None:
    emitted: set[str] = set()
    for module in modules():
        if module.slice:
            emitted |= {
                _pattern(node.args[2])
                for node in ast.walk(module.tree)
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "record" and len(node.args) > 2
            }

    assert list(NAMES) == sorted(NAMES)
    assert all(any(re.fullmatch(pattern, name) for pattern in emitted) for name in NAMES)
    assert all(any(re.fullmatch(pattern, name) for name in NAMES) for pattern in emitted)


def _pattern(node: ast.expr) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return "".join(
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.]+" for part in parts
    )  # fmt: skip


def test_operation_names_are_unique_and_so_are_their_paths() -> None:
    names = [operation.name for operation in OPERATIONS]
    paths = [(operation.method, re.sub(r"\{\w+\*?\}", "{}", operation.path)) for operation in OPERATIONS]

    assert len(names) == len(set(names))
    assert len(paths) == len(set(paths))


def _tuple_of(file: str, constant: str) -> list[str]:
    """Give the source of each element of a module's tuple, stars left out."""
    for node in parse(PACKAGE / file).body:
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Tuple):
            continue
        names = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(getattr(name, "id", "") == constant for name in names):
            return [ast.unparse(part).lstrip("*") for part in node.value.elts]
    raise LookupError(f"{file} has no tuple {constant}")
