"""Write a call as an HTTP request, by the operation's row in the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import msgspec

from gatelodge.sdk.wire import WireRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.contract.operation import Operation

_NO_SEGMENT = frozenset({"", ".", ".."})


def encode_call(operation: Operation, request: msgspec.Struct, *, headers: Mapping[str, str]) -> WireRequest:
    """Write a call: members of the path there, the others in the query or in a JSON body.

    What is not given is not sent; None is sent as null in a body and not at all in a query.

    Raises:
        ValueError: A member of the path is empty, `.` or `..`, which would name another path.
        TypeError: A member of the path is not text.
    """
    members: dict[str, Any] = msgspec.to_builtins(request)
    path = "/".join(_fill(segment, members) for segment in operation.path.split("/"))
    if operation.reads_query:
        return WireRequest(method=operation.method, path=path, query=_write_query(members), headers=headers)
    return WireRequest(
        method=operation.method,
        path=path,
        headers={**headers, "Content-Type": "application/json"},
        body=msgspec.json.encode(members),
    )


def _fill(segment: str, members: dict[str, Any]) -> str:
    if not segment.startswith("{"):
        return segment
    name = segment.strip("{}*")
    value = members.pop(name)
    if not isinstance(value, str):
        raise TypeError(f"{name} must be text, not {type(value).__name__}.")
    if value in _NO_SEGMENT:
        raise ValueError(f"{name} must not be {value!r}.")
    return quote(value, safe="")


def _write_query(members: dict[str, Any]) -> str:
    pairs = [(name, _write_value(value)) for name, value in members.items() if value is not None and value != []]
    return urlencode(pairs)


def _write_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)
