"""Check a client, and the API key that it shows, in the very query that they guard.

A refresh asks for its client, its key and its session, and a sign-in for its user instead; in
one statement that is one round trip to PostgreSQL instead of two, or of three where an SDK
shows the key twice. Of a client
is remembered only in which environment it was found, which is where it is looked for
again: a client or a key that went a moment ago finds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gatelodge.contract.errors import InvalidClient, Unauthorized
from gatelodge.features.applications import store
from gatelodge.features.applications.guard import admit
from gatelodge.features.applications.guarded_reads import GuardedReads
from gatelodge.features.applications.rules import API_KEY_PURPOSE
from gatelodge.kit.database import Question, ask_together

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatelodge.kit.database import Row
    from gatelodge.kit.unit import Unit

_HOMES = "client_homes"
_ALL_COLUMNS = 1 << 30


def remember_home(unit: Unit, *, client_id: str, environment_id: str) -> None:
    """Note where a client was found."""
    unit.runtime.memory.setdefault(_HOMES, {})[client_id] = environment_id


def find_home(unit: Unit, client_id: str) -> str | None:
    """Tell where a client was found before, if it was."""
    home: str | None = unit.runtime.memory.get(_HOMES, {}).get(client_id)
    return home


class ClientGuard(GuardedReads):
    """The reads of a unit whose client the first of them checks, with the API key that it shows.

    Until then the unit has no environment, so that nothing can be read or written in one.
    """

    def __init__(
        self, unit: Unit, client_id: str, *, home: str, secret: str, in_header: bool, admitted: Callable[[Unit], None]
    ) -> None:
        """Stand before the reads of `unit`; `admitted` is called once the client is, and may refuse.

        `secret` is empty for a client that shows none; `in_header` tells that it was shown there as well.
        """
        super().__init__(unit)
        self._client_id = client_id
        self._home = home
        self._secret = secret
        self._in_header = in_header
        self._admitted = admitted

    def _find(self, sql: str | None, parameters: Mapping[str, object]) -> Row | None:
        """Find client and key and, with them, the row in the client's environment.

        Raises:
            InvalidClient: There is no such client, or the secret is not its environment's.
            Unauthorized: The key in the header is none.
        """
        key_hash = self._unit.sealer.keyed_hash(self._secret, purpose=API_KEY_PURPOSE) if self._secret else b""
        asked = [] if sql is None else [Question(sql, _ALL_COLUMNS, self._scope(parameters))]
        client, key, *found = ask_together(
            self._queries, store.ask_for_client(self._client_id), store.ask_for_live_key(key_hash), *asked
        )
        home = None if client is None else client[0]
        if home is not None and home != self._home:
            # Its environment was made anew, as a reset in development does.
            self._home = home
            remember_home(self._unit, client_id=self._client_id, environment_id=home)
            return self._find(sql, parameters)
        self._admit(home, key)
        return found[0] if found else None

    def _name_environment(self) -> str:
        return self._home

    def _admit(self, home: str | None, key: Row | None) -> None:
        unit = self._unit
        if self._secret and key is None:
            raise Unauthorized if self._in_header else InvalidClient("The client secret is not valid.")
        actor = unit.actor if key is None else admit(unit, key)
        if home is None or (key is not None and actor.environment_id != home):
            raise InvalidClient
        unit.actor = msgspec.structs.replace(actor, environment_id=home, client_id=self._client_id)
        self._admitted(unit)
