"""Check a client, and the API key that it shows, in the very query that they guard.

A refresh asks for its client, its key and its session; in one statement that is one round
trip to PostgreSQL instead of two, or of three where an SDK shows the key twice. Of a client
is remembered only in which environment it was found, which is where it is looked for
again: a client or a key that went a moment ago finds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gatelodge.contract.errors import InvalidClient, Unauthorized
from gatelodge.features.applications import store
from gatelodge.features.applications.guard import admit
from gatelodge.features.applications.rules import API_KEY_PURPOSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatelodge.kit.database import Queued, Row
    from gatelodge.kit.unit import Unit

_HOMES = "client_homes"


def remember_home(unit: Unit, *, client_id: str, environment_id: str) -> None:
    """Note where a client was found."""
    unit.runtime.memory.setdefault(_HOMES, {})[client_id] = environment_id


def find_home(unit: Unit, client_id: str) -> str | None:
    """Tell where a client was found before, if it was."""
    home: str | None = unit.runtime.memory.get(_HOMES, {}).get(client_id)
    return home


class ClientGuard:
    """The reads of a unit whose client has not been checked yet.

    The first `one` checks it; until then the unit has no environment, so that nothing can be
    read or written in one. From then on it has its actor and plain reads.
    """

    def __init__(
        self, unit: Unit, client_id: str, *, home: str, secret: str, in_header: bool, admitted: Callable[[Unit], None]
    ) -> None:
        """Stand before the reads of `unit`; `admitted` is called once the client is, and may refuse.

        `secret` is empty for a client that shows none; `in_header` tells that it was shown there as well.
        """
        self._unit = unit
        self._queries = unit.read
        self._client_id = client_id
        self._home = home
        self._secret = secret
        self._in_header = in_header
        self._admitted = admitted
        self._is_settled = False
        unit.read = self

    def one(self, sql: str, /, **parameters: object) -> Row | None:
        """Give the first row, or None; its first column is never null.

        Raises:
            InvalidClient: There is no such client, or the secret is not its environment's.
            Unauthorized: The key in the header is none.
        """
        if self._is_settled:
            return self._queries.one(sql, **{**parameters, "environment_id": self._home})
        row = self._find(sql, parameters)
        self._admit(row)
        return None if row is None or row[4] is None else row[4:]

    def all(self, sql: str, /, **parameters: object) -> list[Row]:
        """Give every row, after a check by itself."""
        self.settle()
        return self._queries.all(sql, **{**parameters, "environment_id": self._home})

    def run(self, sql: str, /, **parameters: object) -> int:
        """Run a statement, after a check by itself."""
        self.settle()
        return self._queries.run(sql, **{**parameters, "environment_id": self._home})

    def queue(self, sql: str, /, **parameters: object) -> Queued:
        """Run a statement, after a check by itself."""
        self.settle()
        return self._queries.queue(sql, **{**parameters, "environment_id": self._home})

    def settle(self) -> None:
        """Check the client, unless a read has done so."""
        if not self._is_settled:
            self._admit(self._find(store.NOTHING, {}))

    def _find(self, sql: str, parameters: dict[str, object]) -> Row | None:
        row = self._look(sql, parameters)
        if row is not None and row[0] is not None:
            return row
        client = store.find_client(self._queries, self._client_id)
        if client is None:
            return row
        # Its environment was made anew, as a reset in development does.
        self._home = client.environment_id
        remember_home(self._unit, client_id=client.id, environment_id=client.environment_id)
        return self._look(sql, parameters)

    def _look(self, sql: str, parameters: dict[str, object]) -> Row | None:
        key_hash = self._unit.sealer.keyed_hash(self._secret, purpose=API_KEY_PURPOSE) if self._secret else b""
        return store.find_behind_client(
            self._queries,
            self._client_id,
            key_hash=key_hash,
            statement=sql,
            parameters={**parameters, "environment_id": self._home},
        )

    def _admit(self, row: Row | None) -> None:
        self._is_settled = True
        unit = self._unit
        key = None if row is None else row[1:4]
        if self._secret and (key is None or key[0] is None):
            raise Unauthorized if self._in_header else InvalidClient("The client secret is not valid.")
        actor = admit(unit, key) if self._secret and key is not None else unit.actor
        if row is None or row[0] is None or (self._secret and actor.environment_id != self._home):
            raise InvalidClient
        unit.actor = msgspec.structs.replace(actor, environment_id=self._home, client_id=self._client_id)
        unit.read = self._queries
        self._admitted(unit)
