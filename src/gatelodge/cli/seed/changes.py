"""One step of a seed file: what it would change, and how it does so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from gatelodge.kit.unit import Unit


class Wrong(Exception):
    """A step cannot be done as the file asks; one line that says why, without any secret."""


class Detail(msgspec.Struct, frozen=True):
    """A member that changes; `old` is None where there was nothing."""

    member: str
    old: object
    new: object


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What is not yet as the file says, and the action that makes it so."""

    verb: Literal["create", "change", "send"]
    details: list[Detail] = []
    carry_out: Callable[[Unit], object]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing of a file.

    `look` compares it with what is there, in the unit's environment, and gives None when
    there is nothing to do. What stands before it in the file may not be there yet. It may
    raise `Wrong`, or what the actions raise.
    """

    kind: str
    name: str
    line: int
    look: Callable[[Unit], Difference | None]


def compare(current: object | None, wanted: object, *, members: Iterable[str]) -> list[Detail]:
    """List the members that are given and differ; an empty text is the same as none."""
    found = []
    for member in members:
        new = getattr(wanted, member)
        if new is UNSET:
            continue
        new = None if new == "" else new
        old = getattr(current, member, None)
        if old != new and not (current is None and new is None):
            found.append(Detail(member, old, new))
    return found


def compare_metadata(current: Mapping[str, str], given: Mapping[str, str | None] | UnsetType) -> list[Detail]:
    """List the keys that are given and differ; a key with null or an empty text is to go."""
    if given is UNSET:
        return []
    pairs = [(key, current.get(key), value or None) for key, value in given.items()]
    return [Detail(f"metadata.{key}", old, new) for key, old, new in pairs if old != new]


def pick_metadata(details: Iterable[Detail]) -> dict[str, str | None] | UnsetType:
    """Give what a request says of metadata, so that it makes these differences."""
    prefix = "metadata."
    found = {each.member.removeprefix(prefix): each.new for each in details if each.member.startswith(prefix)}
    return {key: None if new is None else str(new) for key, new in found.items()} or UNSET


def pick_members(details: Iterable[Detail], members: Iterable[str]) -> dict[str, Any]:
    """Give the new values of the members that differ, by name."""
    wanted = set(members)
    return {each.member: each.new for each in details if each.member in wanted}
