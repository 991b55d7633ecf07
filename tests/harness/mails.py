"""The mails of a house, as its inbox keeps them."""

from __future__ import annotations

from typing import Any

from gatelodge.kit import inbox
from tests.harness.inprocess import House


def mails(house: House, *, to: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """List the mails to an address, or all, oldest first: the template of each, and its values."""
    kept = inbox.list_kept(house.runtime.database.reads, house.runtime.sealer, to=to)
    return [(message.template or "", dict(message.values)) for message in reversed(kept)]


def last_code(house: House, template: str, *, to: str) -> str:
    """Give the code in the newest mail of a kind to an address."""
    codes = [str(values["code"]) for name, values in mails(house, to=to) if name == template]
    return codes[-1]


def wrong_code(right: str) -> str:
    """Give a code that is not the right one."""
    return f"{(int(right) + 1) % 1_000_000:06}"
