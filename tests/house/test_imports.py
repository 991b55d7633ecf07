"""Imports point one way: contract below, kit and slices in the middle, doors and clients outside."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.house import exemptions
from tests.house.source import Module, imports, module_names, modules

# Each layer with the layers it may import, itself excepted.
ARROWS: dict[str, frozenset[str]] = {
    "": frozenset({"contract", "doors", "embedded", "mounting", "sdk"}),
    "__main__": frozenset({"cli"}),
    "cli": frozenset({"contract", "doors", "features", "kit"}),
    "contract": frozenset(),
    "documents": frozenset(),
    "doors": frozenset({"contract", "features", "kit"}),
    "embedded": frozenset({"doors", "sdk"}),
    "features": frozenset({"contract", "kit"}),
    "integrations": frozenset({"contract", "sdk"}),
    "kit": frozenset({"contract"}),
    "migrations": frozenset(),
    "mounting": frozenset({"doors"}),
    "sdk": frozenset({"contract"}),
    "testing": frozenset({"contract", "doors", "embedded", "kit", "sdk"}),
}
LISTED_LAZY = {("sdk", "embedded")}
# An action file that outgrew its size is split by verb, so what is closed is listed, not what is open.
CLOSED_TO_SLICES = frozenset({"api", "store"})
ERRORS = "gatelodge.contract.errors"


def edges(*, lazy: bool = True) -> Iterator[tuple[Module, str]]:
    """Give each import of one module of ours by another."""
    for module in modules():
        for target in sorted(imports(module, lazy=lazy)):
            yield module, target


def layer_of(name: str) -> str:
    """Name the layer of a module."""
    return [*name.split("."), ""][1]


def test_every_layer_has_its_arrows() -> None:
    assert {module.layer for module in modules()} <= set(ARROWS)


def test_imports_follow_the_arrows() -> None:
    against = {
        (module.name, target)
        for module, target in edges()
        if module.layer != layer_of(target)
        and layer_of(target) not in ARROWS[module.layer]
        and (module.layer, layer_of(target)) not in LISTED_LAZY
    }

    assert against == set(exemptions.IMPORTS)


def test_the_one_import_against_the_arrows_is_lazy() -> None:
    eager = {(module.layer, layer_of(target)) for module, target in edges(lazy=False)}

    assert not eager & LISTED_LAZY


def test_kit_reads_errors_and_listed_values_of_the_contract() -> None:
    read: dict[str, set[str]] = {}
    for module, target in edges():
        if module.layer == "kit" and layer_of(target) == "contract" and not target.startswith(ERRORS):
            read.setdefault(module.name, set()).add(target)

    assert read == exemptions.VALUES_FOR_KIT


def test_a_slice_calls_the_actions_and_rules_of_another_and_never_its_store() -> None:
    inside = {
        f"{module.where} imports {target}"
        for module, target in edges()
        if module.slice and layer_of(target) == "features" and target.split(".")[2] != module.slice
        if target.split(".")[-1] in CLOSED_TO_SLICES
    }

    assert not inside


def test_a_door_and_the_command_line_reach_no_store() -> None:
    reaching = {
        f"{module.where} imports {target}"
        for module, target in edges()
        if module.layer in {"cli", "doors"} and target.endswith(".store")
    }

    assert not reaching


def test_slices_do_not_call_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module, target in edges():
        if module.slice and layer_of(target) == "features" and len(target.split(".")) > 2:
            graph.setdefault(module.slice, set()).add(target.split(".")[2])

    assert not circles({name: targets - {name} for name, targets in graph.items()})


def test_modules_do_not_import_each_other_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for module, target in edges():
        if (module.layer, layer_of(target)) in LISTED_LAZY:
            continue
        if target in module_names() and not module.name.startswith(f"{target}."):
            graph.setdefault(module.name, set()).add(target)

    assert not circles(graph)


def circles(graph: dict[str, set[str]]) -> set[str]:
    """Name the nodes that lie on a circle: what stays when all that lead nowhere are taken away, both ways."""
    left = {name: set(targets) for name, targets in graph.items()}
    for _ in range(len(graph) + 1):
        pointed_at = {target for targets in left.values() for target in targets}
        kept = {name: targets & left.keys() for name, targets in left.items() if name in pointed_at}
        kept = {name: targets for name, targets in kept.items() if targets}
        if kept == left:
            break
        left = kept
    return set(left)


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == {"b", "c"}
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == set()


def test_the_contract_stands_on_msgspec_alone() -> None:
    foreign = set()
    for module in modules():
        if module.layer != "contract":
            continue
        for node in ast.walk(module.tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            foreign |= {name.partition(".")[0] for name in names}

    assert foreign - sys.stdlib_module_names - {"gatelodge"} == {"msgspec"}
