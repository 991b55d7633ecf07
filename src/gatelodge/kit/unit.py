"""The unit: what one call may use, and the only ambient things there are.

A `Runtime` is made once (by `doors.assemble`) and opens a `Unit` for each call. Actions
take the unit first; nothing else is ambient: no module global, no other clock, no other
chance.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

import msgspec

from gatelodge.contract.errors import GatelodgeError
from gatelodge.contract.ids import ULID_RANDOM_BYTES, make_id
from gatelodge.kit.clock import Clock
from gatelodge.kit.database import Database, Queries
from gatelodge.kit.entropy import Entropy
from gatelodge.kit.hashing import PasswordHasher
from gatelodge.kit.sealing import Sealer
from gatelodge.kit.settings import Settings
from gatelodge.kit.throttle import FloodGate
from gatelodge.kit.travel import find_offset

T = TypeVar("T")


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Who calls, from where, and in which environment.

    `believed` says that the caller proved an API key (or is embedded), so that what it
    tells of the end user may be taken as true.
    """

    environment_id: str = ""
    client_id: str | None = None
    api_key_id: str | None = None
    api_key_name: str | None = None
    believed: bool = False
    request_id: str = ""
    ip_address: str | None = None
    user_agent: str | None = None
    language: str | None = None
    """The language in which a page speaks to a person; None where no person is there, or it is not known."""


class Keeper(Protocol):
    """Keeps the answer of an idempotent request in the commit of its change."""

    def keep(self, queries: Queries, answer: object) -> None:
        """Store the answer; raise when another request has already stored one."""


class Runtime(msgspec.Struct, kw_only=True):
    """The process's own things, made once and handed to every unit."""

    settings: Settings
    database: Database
    clock: Clock
    wall_clock: Clock
    entropy: Entropy
    hasher: PasswordHasher
    sealer: Sealer
    floods: FloodGate
    memory: dict[str, Any] = msgspec.field(default_factory=dict)
    """What slices keep between calls, such as unsealed signing keys, by slice name."""
    numbers: Iterator[int] = msgspec.field(default_factory=itertools.count)
    """Counts what this process tells of, so that one millisecond keeps its order."""

    def open_unit(self, actor: Actor, keeper: Keeper | None = None) -> Unit:
        """Open a unit at this instant."""
        return Unit(self, actor, now=self.clock.now(), keeper=keeper)


class Unit:
    """One call: one instant, one caller, one database."""

    __slots__ = ("actor", "concluded", "keeper", "now", "read", "runtime")

    def __init__(self, runtime: Runtime, actor: Actor, *, now: int, keeper: Keeper | None = None) -> None:
        """Hold the instant `now`, in milliseconds, for all that the call writes."""
        self.runtime: Runtime = runtime
        self.actor: Actor = actor
        self.now: int = now
        self.read: Queries = runtime.database.reads
        self.keeper: Keeper | None = keeper
        self.concluded: bool = False

    @property
    def random(self) -> Entropy:
        """Give the source of chance."""
        return self.runtime.entropy

    @property
    def settings(self) -> Settings:
        """Give the settings."""
        return self.runtime.settings

    @property
    def hasher(self) -> PasswordHasher:
        """Give the password hasher."""
        return self.runtime.hasher

    @property
    def sealer(self) -> Sealer:
        """Give what seals secrets at rest."""
        return self.runtime.sealer

    @property
    def wall_seconds(self) -> int:
        """Give the wall clock in seconds, for what other people's clocks must agree with."""
        return self.runtime.wall_clock.now() // 1000

    def on_the_wall(self, instant: int) -> int:
        """Tell what the wall clock showed at an instant that lies ahead of it, in milliseconds.

        Only in development does one: its clock has travelled. Others stay as they are.
        """
        runtime = self.runtime
        if runtime.clock is runtime.wall_clock or instant <= runtime.wall_clock.now():
            return instant
        return instant - find_offset(runtime.database)

    def new_id(self, prefix: str) -> str:
        """Make an id whose time is the unit's instant."""
        return make_id(prefix, self.now, self.random.token_bytes(ULID_RANDOM_BYTES))

    def new_ordered_id(self, prefix: str) -> str:
        """Make an id that sorts after those this process made before in the same instant.

        24 bits of it count, 56 are random: enough to be unique, not to be a secret.
        """
        number = next(self.runtime.numbers) & 0xFFFFFF
        rest = self.random.token_bytes(ULID_RANDOM_BYTES - 3)
        return make_id(prefix, self.now, number.to_bytes(3, "big") + rest)

    def act_as(self, actor: Actor) -> Unit:
        """Give the same call with another caller, once it has proved who it is."""
        return Unit(self.runtime, actor, now=self.now, keeper=self.keeper)

    def write(self, closure: Callable[[Queries], T]) -> T:
        """Run one short transaction; a raise rolls it back."""
        return self.runtime.database.write(closure)

    def conclude(self, closure: Callable[[Queries], T | GatelodgeError]) -> T:
        """Run the last transaction of the call, whose value is the call's answer.

        The answer of an idempotent request is kept in this very commit, so that a crash
        after it leaves an answer to replay and a crash before it leaves nothing. When
        the value is an error, it is remembered with the change and raised afterwards.
        """
        keeper = self.keeper

        def keep(queries: Queries) -> T | GatelodgeError:
            answer = closure(queries)
            if keeper is not None:
                keeper.keep(queries, answer)
            return answer

        answer = self.runtime.database.write(keep if keeper is not None else closure)
        self.concluded = True
        if isinstance(answer, GatelodgeError):
            raise answer
        return answer

    def conclude_at_once(self, closure: Callable[[Queries], Callable[[], T]]) -> T:
        """Conclude like `conclude`, for a closure that waits for nothing it asks for.

        It gives a function that reads the answer from what it has queued. That is called
        after the commit, so that all of it is one round trip, or before, where the answer
        of an idempotent request has to be kept.
        """
        if self.keeper is not None:
            return self.conclude(lambda queries: closure(queries)())
        read = self.runtime.database.write(closure)
        self.concluded = True
        return read()
