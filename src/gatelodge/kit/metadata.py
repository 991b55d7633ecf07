"""Metadata: the caller's own small map on users and organizations, merged key by key."""

from __future__ import annotations

from collections.abc import Mapping

from gatelodge.contract.errors import MetadataInvalid

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 600


def merge_metadata(current: Mapping[str, str], given: Mapping[str, str | None] | None) -> dict[str, str]:
    """Set the given keys, remove those given as null or empty; null removes all.

    Raises:
        MetadataInvalid: The outcome has over 50 keys, or a key or value is too long.
    """
    if given is None:
        return {}
    merged = dict(current)
    for key, value in given.items():
        if not key or len(key) > LONGEST_KEY:
            raise MetadataInvalid(f"A metadata key has 1 to {LONGEST_KEY} characters.")
        if not value:
            merged.pop(key, None)
        elif len(value) > LONGEST_VALUE:
            raise MetadataInvalid(f"A metadata value has at most {LONGEST_VALUE} characters.")
        else:
            merged[key] = value
    if len(merged) > MOST_KEYS:
        raise MetadataInvalid(f"There are at most {MOST_KEYS} metadata keys.")
    return merged
