"""Catch the one request of an operation on its way, try it with other ids first, then let it through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from gatelodge.contract.ids import make_ulid
from gatelodge.contract.operation import Operation
from tests.harness.inprocess import Answer, House

_ID = re.compile(r"^([a-z_]+)_[0-9A-HJKMNP-TV-Z]{26}$")
_RANDOM = b"\x2a" * 10


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a request an id stands: in the path, the query or the body, and under which name."""

    part: str
    name: str
    value: str

    def unknown(self, now: int) -> str:
        """Give an id of the same kind that nobody has."""
        found = _ID.match(self.value)
        return f"{found.group(1)}_{make_ulid(now, _RANDOM)}" if found else "nobody-has-this"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it was sent."""

    operation: Operation
    values: dict[str, str]
    query: dict[str, Any]
    json: Any
    headers: dict[str, str]

    def places(self) -> list[Place]:
        """List the ids in the request: what names an object in the path, and all that looks like an id."""
        found = [Place(part="path", name=name, value=value) for name, value in self.values.items()]
        found += [
            Place(part="query", name=name, value=value)
            for name, value in self.query.items()
            if isinstance(value, str) and _ID.match(value)
        ]
        members = self.json if isinstance(self.json, dict) else {}
        found += [
            Place(part="body", name=name, value=value)
            for name, value in members.items()
            if isinstance(value, str) and _ID.match(value)
        ]
        return found

    def at(self, place: Place, value: str) -> Asked:
        """Give the request with another id in that place."""
        match place.part:
            case "path":
                return replace(self, values={**self.values, place.name: value})
            case "query":
                return replace(self, query={**self.query, place.name: value})
            case _:
                return replace(self, json={**self.json, place.name: value})

    def send(self, house: House, key: str | None) -> Answer:
        """Send it with that API key."""
        segments = self.operation.path.split("/")
        path = "/".join(self.values[part.strip("{}*")] if part.startswith("{") else part for part in segments)
        return House.call(
            house, self.operation.method, path, self.json, key=key, query=self.query, headers=self.headers
        )


class Interceptor:
    """Stands between a test and its house: the first request of the operation is probed, then let through."""

    def __init__(self, house: House, operation: Operation, probe: Callable[[Asked], None]) -> None:
        self._house = house
        self._operation = operation
        self._probe = probe
        self._pattern = re.compile(_pattern_of(operation.path))
        self.asked: Asked | None = None

    def __getattr__(self, name: str) -> Any:
        """Give everything else as the house has it, bound to this interceptor where it is a method."""
        member = getattr(type(self._house), name, None)
        if callable(member):
            return lambda *arguments, **options: member(self, *arguments, **options)
        return getattr(self._house, name)

    def call(self, method: str, path: str, json: object = None, **options: Any) -> Answer:
        """Send a request, after the probe when it is the one."""
        found = self._pattern.match(path) if method == self._operation.method else None
        if found is None or self.asked is not None:
            return House.call(self._house, method, path, json, **options)
        self.asked = Asked(
            operation=self._operation,
            values=found.groupdict(),
            query=options.get("query") or {},
            json=json,
            headers=options.get("headers") or {},
        )
        self._probe(self.asked)
        return House.call(self._house, method, path, json, **options)


def _pattern_of(path: str) -> str:
    parts = [
        f"(?P<{part.strip('{}*')}>{'.+' if part.endswith('*}') else '[^/]+'})"
        if part.startswith("{")
        else re.escape(part)
        for part in path.split("/")
    ]
    return "^" + "/".join(parts) + "$"
