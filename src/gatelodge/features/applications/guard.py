"""Check an API key in the very query that it guards.

A read by id then costs one statement instead of two, which on PostgreSQL is one round trip
instead of two. Nothing is remembered: a key revoked a moment ago finds no row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gatelodge.contract.errors import Unauthorized
from gatelodge.features.applications import store
from gatelodge.features.applications.guarded_reads import GuardedReads
from gatelodge.features.applications.rules import API_KEY_PURPOSE
from gatelodge.kit.unit import Actor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatelodge.kit.database import Row
    from gatelodge.kit.unit import Unit

_USES = "api_key_uses"


class Guard(GuardedReads):
    """The reads of a unit that has shown an API key, which the first of them checks."""

    def __init__(self, unit: Unit, token: str) -> None:
        """Stand before the reads of `unit`."""
        super().__init__(unit)
        self._token_hash = unit.sealer.keyed_hash(token, purpose=API_KEY_PURPOSE)

    def _find(self, sql: str | None, parameters: Mapping[str, object]) -> Row | None:
        """Find the key and, behind it, the row.

        Raises:
            Unauthorized: The key was never issued, or it is revoked.
        """
        if sql is None:
            row = store.find_live_key(self._queries, self._token_hash)
        else:
            row = store.find_behind_key(self._queries, self._token_hash, statement=sql, parameters=parameters)
        if row is None:
            raise Unauthorized
        self._unit.actor = admit(self._unit, row[:3])
        found = row[3:]
        return found if found and found[0] is not None else None

    def _name_environment(self) -> str:
        return self._unit.actor.environment_id


def admit(unit: Unit, key: Row) -> Actor:
    """Give the actor who has proved this key, and note that it was used."""
    environment_id, key_id, name = key
    unit.runtime.memory.setdefault(_USES, {})[environment_id, key_id] = unit.now
    return msgspec.structs.replace(
        unit.actor,
        environment_id=environment_id,
        api_key_id=key_id,
        api_key_name=name,
        believed=True,
    )


def take_uses(unit: Unit) -> dict[tuple[str, str], int]:
    """Take what is noted: when each key, by environment and id, was used last."""
    uses: dict[tuple[str, str], int] = unit.runtime.memory.pop(_USES, {})
    return uses
