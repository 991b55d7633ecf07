"""The table of the wire, `wire.json`, as the tests read it."""

from __future__ import annotations

import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatelodge.contract.operation import Operation

FOLDER = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member of a request or an answer: its type, and whether it may be null or absent."""

    type: str
    nullable: bool
    required: bool

    @property
    def values(self) -> tuple[str, ...]:
        """Give the values of an enumeration or a constant; none for other types."""
        found = re.fullmatch(r"(?:enum|const)\((.*)\)", self.type)
        return tuple(found[1].split("|")) if found else ()


@dataclass(frozen=True, kw_only=True)
class Row:
    """One operation of the wire."""

    method: str
    path: str
    auth: str
    statuses: tuple[int, ...]
    kind: str
    answer: str | None
    query: dict[str, Member]
    request: dict[str, Member]
    variants: dict[str, dict[str, list[str]]]
    errors: dict[int, list[str]]


@functools.cache
def table() -> dict[str, Any]:
    """Read the table."""
    read: dict[str, Any] = json.loads((FOLDER / "wire.json").read_text(encoding="utf-8"))
    return read


def key_of(method: str, path: str) -> tuple[str, str]:
    """Name an operation whatever its path's members are called."""
    return method, re.sub(r"\{[^}]*\}", "{}", path)


@functools.cache
def rows() -> dict[tuple[str, str], dict[str, Any]]:
    """Index the operations by method and path."""
    return {key_of(row["method"], row["path"]): row for row in table()["operations"]}


def find_row(operation: Operation) -> Row | None:
    """Find what the wire says of an operation of ours; None for one of our own."""
    found = rows().get(key_of(operation.method, operation.path))
    if found is None:
        return None
    return Row(
        method=found["method"],
        path=found["path"],
        auth=found["auth"],
        statuses=tuple(found["status"]),
        kind=found["kind"],
        answer=found.get("answer"),
        query=_members(found.get("query", {})),
        request=_members(found.get("request", {})),
        variants=found.get("variants", {}),
        errors={int(status): bodies for status, bodies in found.get("errors", {}).items()},
    )


def members_of(name: str) -> dict[str, Member] | None:
    """Give the members of an object of the wire; None for what is no object."""
    found = table()["objects"].get(name)
    return None if found is None else _members(found)


def payload_of(event: str) -> str | None:
    """Name the object that is the payload of an event."""
    found: str | None = table()["events"].get(event)
    return found


def _members(members: dict[str, str]) -> dict[str, Member]:
    return {name: _member(text) for name, text in members.items()}


def _member(text: str) -> Member:
    words = text.split(" ")
    marks = {word for word in words[1:] if word in {"null", "required"}}
    kind = " ".join(word for word in words if word not in marks)
    return Member(type=kind, nullable="null" in marks, required="required" in marks)
