"""Hold a body that came over the wire against the table's object."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.contract.wire import Member, members_of, payload_of

TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z")
ULID = r"[0-9A-HJKMNP-TV-Z]{26}"

# The prefix of an id, by the `object` whose id it is and by the members that name another's.
PREFIXES = {
    "api_key": "api_key",
    "authentication_challenge": "auth_challenge",
    "authentication_factor": "auth_factor",
    "connection": "conn",
    "cors_origin": "cors_origin",
    "email_verification": "email_verification",
    "event": "event",
    "invitation": "invitation",
    "magic_auth": "magic_auth",
    "organization": "org",
    "organization_domain": "org_domain",
    "organization_membership": "om",
    "password_reset": "password_reset",
    "permission": "perm",
    "redirect_uri": "redir",
    "role": "role",
    "session": "session",
    "user": "user",
    "webhook_endpoint": "we",
}
MEMBERS = {f"{name}_id": prefix for name, prefix in PREFIXES.items()}
TYPES: dict[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "string": str,
}


def find_faults(name: str, body: Any, where: str = "") -> list[str]:
    """List what is wrong with a body that should be the object `name`."""
    return list(_object_faults(name, body, where or name))


def _object_faults(name: str, body: Any, where: str) -> Iterator[str]:
    members = members_of(name)
    if members is None:
        return
    if not isinstance(body, dict):
        yield f"{where} is no object"
        return
    for key, member in members.items():
        if key in body:
            yield from _member_faults(member, body[key], f"{where}.{key}")
        elif member.required:
            yield f"{where}.{key} is missing"
    yield from _id_faults(body, where)
    if name == "EventSchema":
        yield from _object_faults(payload_of(body["event"]) or "", body["data"], f"{body['event']}.data")


def _member_faults(member: Member, value: Any, where: str) -> Iterator[str]:
    if value is None:
        yield from () if member.nullable else (f"{where} is null",)
    elif member.type.startswith("array<") and isinstance(value, list):
        inner = Member(type=member.type[6:-1], nullable=False, required=True)
        for number, item in enumerate(value):
            yield from _member_faults(inner, item, f"{where}[{number}]")
    elif members_of(member.type) is not None:
        yield from _object_faults(member.type, value, where)
    elif not _is_value(member, value):
        yield f"{where} is {value!r}, no {member.type}"


def _is_value(member: Member, value: Any) -> bool:
    """Say whether a value is of a type that is no object of the table; instants have three digits."""
    if member.values:
        return value in member.values
    if member.type == "date-time":
        return isinstance(value, str) and TIMESTAMP.fullmatch(value) is not None
    if member.type.startswith("map<"):
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    is_number = member.type in {"integer", "number"}
    return isinstance(value, TYPES[member.type]) and not (is_number and isinstance(value, bool))


def _id_faults(body: dict[str, Any], where: str) -> Iterator[str]:
    wanted = {key: prefix for key, prefix in MEMBERS.items() if isinstance(body.get(key), str)}
    if body.get("object") in PREFIXES and "id" in body:
        wanted["id"] = PREFIXES[body["object"]]
    for key, prefix in wanted.items():
        if not re.fullmatch(f"{prefix}_{ULID}", body[key]):
            yield f"{where}.{key} is {body[key]!r}, no {prefix}_ and ULID"
