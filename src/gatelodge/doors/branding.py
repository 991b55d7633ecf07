"""Whose name a letter speaks in: that of its environment, where it has one."""

from __future__ import annotations

from collections.abc import Mapping

from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor, Runtime


def lend_brand(
    runtime: Runtime, environment_id: str, values: Mapping[str, str | int | None]
) -> dict[str, str | int | None]:
    """Give the values of a letter with the environment's brand among them, as it is at this moment."""
    brand = values.get("brand") or applications.find_brand_name(runtime.open_unit(Actor()), environment_id)
    return {**values, "brand": brand} if brand else dict(values)
