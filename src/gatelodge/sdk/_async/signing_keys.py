"""The public keys that verify access tokens: fetched when they are needed, and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from gatelodge.sdk.decoding import decode_answer
from gatelodge.sdk.errors import GatelodgeError
from gatelodge.sdk.flights import AsyncFlights
from gatelodge.sdk.verification import VerifyingKey, load_keys

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from gatelodge.sdk.retry import AsyncTiming
    from gatelodge.sdk.wire import WireResponse

OLD = 300.0
"""Seconds after which a set is fetched again; a server publishes a key ten minutes before it signs."""

PATIENCE = 60.0
"""Seconds between two fetches for key ids that are not in the set."""


class _KeySet(msgspec.Struct):
    """A set of any server: the certificates of page 12 §5 are not insisted on."""

    keys: list[Any]


class AsyncSigningKeys:
    """The keys of one client. Whoever holds a token of a known key never waits for the network.

    A set that is old is fetched again in the background, and serves until the new one is
    there; in the server's own process there is no network, and it is fetched on the spot.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[WireResponse]], *, timing: AsyncTiming, is_remote: Callable[[], bool]
    ) -> None:
        """Begin with no key; nothing is fetched."""
        self._fetch = fetch
        self._timing = timing
        self._is_remote = is_remote
        self._flights: AsyncFlights[None] = AsyncFlights(timing)
        self._known: dict[str, VerifyingKey] = {}
        self._fetched_at: float | None = None
        self._asked_at: float | None = None
        self._renewed_at: float | None = None

    def get_known(self) -> Mapping[str, VerifyingKey]:
        """Give the keys that are at hand, none at first, without waiting."""
        if self._fetched_at is None or self._is_recent(self._fetched_at, OLD):
            return self._known
        if not self._is_remote():
            return {}
        if not self._is_recent(self._renewed_at, PATIENCE):
            self._renewed_at = self._timing.now()
            self._flights.start("keys", self._load)
        return self._known

    async def look_again(self) -> Mapping[str, VerifyingKey]:
        """Give the keys for a token whose key is not at hand, fetched at most once a minute.

        Where keys are known, a fetch that fails changes nothing.

        Raises:
            GatelodgeError: No set was ever fetched, and none can be.
        """
        if self._may_wait() and not self._flights.is_under_way("keys"):
            return self._known
        try:
            await self._flights.share("keys", self._load_unless_looked)
        except GatelodgeError:
            if self._fetched_at is None:
                raise
        return self._known

    async def make_ready(self) -> None:
        """Fetch the keys if there are none.

        Raises:
            GatelodgeError: They cannot be fetched.
        """
        if self._fetched_at is None:
            await self.look_again()

    def _may_wait(self) -> bool:
        return self._is_remote() and self._fetched_at is not None and self._is_recent(self._asked_at, PATIENCE)

    async def _load_unless_looked(self) -> None:
        # Whoever was on the way here while another looked need not look again.
        if not self._may_wait():
            await self._load()

    async def _load(self) -> None:
        self._asked_at = self._timing.now()
        found = load_keys(decode_answer(await self._fetch(), _KeySet).keys)
        # A key that stays is the same object, so that what it verified stays verified.
        for kid in found.keys() & self._known.keys():
            if found[kid].is_same(self._known[kid]):
                found[kid] = self._known[kid]
        self._known = found
        self._fetched_at = self._timing.now()

    def _is_recent(self, instant: float | None, seconds: float) -> bool:
        return instant is not None and 0 <= self._timing.now() - instant < seconds
