"""Absent arguments: None on our side, no member on the wire."""

from __future__ import annotations

from typing import TypeVar

from msgspec import UNSET, UnsetType

T = TypeVar("T")


def given(value: T | None) -> T | UnsetType:
    """Leave None out, where the wire has nothing to clear."""
    return UNSET if value is None else value
