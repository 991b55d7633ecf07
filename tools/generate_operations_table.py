"""Write the README's table of supported operations between its markers."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

from gatelodge.contract.operation import Operation
from gatelodge.contract.operations import OPERATIONS

ROOT = Path(__file__).resolve().parent.parent
README = "README.md"
WIRE = "tests/contract/wire.json"
START, END = "<!-- operations -->", "<!-- /operations -->"


def generate() -> dict[str, str]:
    """Give the README with a table that is up to date."""
    text = (ROOT / README).read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, found, after = rest.partition(END)
    if not found:
        raise LookupError(f"{README} has no {START} … {END}")
    return {README: f"{before}{START}\n{write_table()}{END}{after}"}


def write_table() -> str:
    """Write a line for each section of the wire that is begun, and count the rest."""
    wire = json.loads((ROOT / WIRE).read_text(encoding="utf-8"))["operations"]
    sections = {_key(row["method"], row["path"]): row["section"] for row in wire}
    ours = [operation for operation in OPERATIONS if _key(operation.method, operation.path) in sections]
    whole = Counter(sections.values())
    lines = [
        f"**{len(ours)} operations.** The wire has {len(sections)} in all; sections that are not listed are not here.",
        "",
        "| section | of the wire's | operations |",
        "| --- | --- | --- |",
    ]
    for section in sorted({sections[_key(operation.method, operation.path)] for operation in ours}):
        names = [_link(each) for each in ours if sections[_key(each.method, each.path)] == section]
        lines.append(f"| {section} | {len(names)} of {whole[section]} | {', '.join(sorted(names))} |")
    return "\n".join(lines) + "\n"


def _link(operation: Operation) -> str:
    return f"`{operation.name}`"


def _key(method: str, path: str) -> tuple[str, str]:
    return method, re.sub(r"\{[^}]*\}", "{}", path)
