"""SQL stands in the stores and the kit, and each table belongs to one slice."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

from tests.house import exemptions
from tests.house.source import PACKAGE, Module, docstrings, functions, modules

STATEMENT = re.compile(
    r"^\s*(select\s.+\sfrom\s|select\s+1\b|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|create\s+(table|index)\s|"
    r"alter\s+table\s|drop\s+table\s|with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)
KEYWORD = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|WHERE|RETURNING|VALUES|ORDER BY)\b")
TABLE = re.compile(r"\b(?:from|join|into|update)\s+(\w+)", re.IGNORECASE)
DECLARED = re.compile(r"^Tables?: (?P<names>[^.]+)\.", re.MULTILINE)
CREATED = re.compile(r"create table (\w+) \((.*?)\n\);", re.DOTALL)


@functools.cache
def tables() -> dict[str, str]:
    """Give every table of the migrations with its columns."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((PACKAGE / "migrations").glob("*.sql"))]
    return dict(pair for text in texts for pair in CREATED.findall(text))


def statements(tree: ast.AST) -> Iterator[str]:
    """Give the SQL texts in a piece of code, with `{…}` where a value is put in."""
    described = docstrings(tree)
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in described:
            text = node.value
        if STATEMENT.match(text):
            yield text


def may_speak_sql(module: Module) -> bool:
    """Say whether a module is one of those that hold SQL."""
    return module.layer == "kit" or (module.slice is not None and module.parts[-1] == "store")


def test_sql_stands_in_stores_and_the_kit_alone() -> None:
    assert not {module.where for module in modules() if not may_speak_sql(module) and list(statements(module.tree))}


def test_the_statements_are_found() -> None:
    stores = [module for module in modules() if module.slice and module.parts[-1] == "store"]

    assert stores
    assert all(list(statements(module.tree)) for module in stores)


def test_sql_keywords_are_lower_case() -> None:
    shouting = {
        f"{module.where}: {text.strip()[:60]}"
        for module in modules()
        if may_speak_sql(module)
        for text in statements(module.tree)
        if KEYWORD.search(text)
    }

    assert not shouting


def declared_tables(module: Module) -> set[str]:
    """Read the tables that a slice says it owns, from its docstring."""
    found = DECLARED.search(ast.get_docstring(module.tree) or "")
    return {name.strip() for name in found["names"].replace("\n", " ").split(",")} if found else set()


def slices() -> dict[str, Module]:
    """Give the package module of each slice."""
    return {
        module.slice: module for module in modules() if module.slice and module.path.name == "__init__.py"
        if len(module.parts) == 2
    }  # fmt: skip


def test_a_slice_touches_only_the_tables_that_it_says_it_owns() -> None:
    touched: dict[str, set[str]] = {name: set() for name in slices()}
    for module in modules():
        if module.slice:
            touched[module.slice] |= set(TABLE.findall(" ".join(statements(module.tree)))) & tables().keys()

    assert touched == {name: declared_tables(module) for name, module in slices().items()}


def test_every_table_belongs_to_one_slice_or_to_the_kit() -> None:
    owned = [table for module in slices().values() for table in declared_tables(module)]
    for_kit = set(TABLE.findall(" ".join(text for module in modules() if module.layer == "kit"
                                         for text in statements(module.tree))))  # fmt: skip

    assert len(owned) == len(set(owned))
    assert tables().keys() == set(owned) | (for_kit & tables().keys())
    assert not set(owned) & for_kit


def test_a_statement_over_an_environments_objects_names_the_environment() -> None:
    scoped = {table for table, columns in tables().items() if "environment_id" in columns}
    unscoped = set()
    for module in modules():
        if not module.slice:
            continue
        for name, function in functions(module.tree):
            texts = " ".join(statements(function))
            if set(TABLE.findall(texts)) & scoped and ":environment_id" not in texts:
                unscoped.add(f"{module.where}:{name}")

    assert unscoped == set(exemptions.UNSCOPED)
