"""The package's source as the house tests look at it: every module, parsed once."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "gatelodge"

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class Module:
    """One file of the package: its dotted name, its text and its tree."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def where(self) -> str:
        """Name the file as a developer would type it."""
        return str(self.path.relative_to(ROOT))

    @property
    def parts(self) -> tuple[str, ...]:
        """Give the dotted name below `gatelodge`, part by part."""
        return tuple(self.name.split(".")[1:])

    @property
    def layer(self) -> str:
        """Name the first folder or file below the package."""
        return self.parts[0] if self.parts else ""

    @property
    def slice(self) -> str | None:
        """Name the slice that the module belongs to, if it belongs to one."""
        return self.parts[1] if self.layer == "features" and len(self.parts) > 1 else None


@functools.cache
def modules() -> tuple[Module, ...]:
    """Read every module of the package."""
    return tuple(_read(path) for path in sorted(PACKAGE.rglob("*.py")))


def _read(path: Path) -> Module:
    inside = path.relative_to(PACKAGE.parent).with_suffix("")
    name = ".".join(inside.parts).removesuffix(".__init__")
    text = path.read_text(encoding="utf-8")
    return Module(name=name, path=path, text=text, tree=parse(path))


@functools.cache
def parse(path: Path) -> ast.Module:
    """Parse a file, once.

    The Python of Debian 12 (3.11.2) counts wrongly where garbage is collected in the middle of it:
    `SystemError: AST constructor recursion depth mismatch`. A second try is right.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return ast.parse(text, filename=str(path))
    except SystemError:
        return ast.parse(text, filename=str(path))


@functools.cache
def module_names() -> frozenset[str]:
    """Name every module, packages included."""
    return frozenset(module.name for module in modules())


def ours(*folders: str) -> list[Path]:
    """List our Python files below these folders of the repository, generated clients' code excepted."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "node_modules" not in path.parts and "__pycache__" not in path.parts]


def functions(tree: ast.AST) -> Iterator[tuple[str, Function]]:
    """Walk over every function with its dotted name, methods and inner functions included."""
    yield from _functions(tree, "")


def _functions(tree: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = f"{prefix}{child.name}."
            yield f"{prefix}{child.name}", child
        elif isinstance(child, ast.ClassDef):
            inner = f"{prefix}{child.name}."
        yield from _functions(child, inner)


def imports(module: Module, *, lazy: bool = True) -> set[str]:
    """Name the modules of ours that a module imports; `lazy=False` leaves out those inside functions."""
    found: set[str] = set()
    for node in _walk(module.tree, lazy=lazy):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from gatelodge.kit import travel` names a module, `from gatelodge.kit.unit import Unit` a member of one.
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in module_names() else node.module for name in inner}
    return {name for name in found if name.partition(".")[0] == "gatelodge"} - {module.name}


def _walk(tree: ast.AST, *, lazy: bool) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(tree):
        if not lazy and isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield child
        yield from _walk(child, lazy=lazy)


def docstrings(tree: ast.AST) -> set[ast.Constant]:
    """Find the strings that are docstrings, or stand beside a field to describe it."""
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
