"""The worker: what goes on between requests, on a thread of each process.

It numbers events, notes when API keys were used, lets the database know how its tables have
grown, and sweeps away what has expired. Each round does what is due and bears any failure
until the next. What is swept goes in short writes, until nothing is left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from gatelodge.doors.worker.senders import Senders
from gatelodge.doors.worker.verifier import Verifier
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication import actions as authentication
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.devices import actions as devices
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.events import actions as events
from gatelodge.features.factors import challenge as factors
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.passkeys import challenges as passkeys
from gatelodge.features.password_reset import actions as password_reset
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.tokens import actions as tokens
from gatelodge.kit import idempotency, outbox, throttle
from gatelodge.kit.database.statistics import study_young_tables
from gatelodge.kit.log import Log
from gatelodge.kit.migrate import list_tables
from gatelodge.kit.unit import Actor, Runtime, Unit

_ROUND = 0.5
"""Seconds between rounds."""

_MOST_PARTS = 200
"""How often a sweep is called in a row; each call is a short write, and others get in between."""

_Chore = Callable[[Unit], object]
_Sweep = Callable[[Unit], int]


def _sweep_answers(unit: Unit) -> int:
    return unit.write(lambda queries: idempotency.sweep(queries, now=unit.now))


def _sweep_attempts(unit: Unit) -> int:
    return unit.write(lambda queries: throttle.sweep(queries, now=unit.now))


def _study_young_tables(unit: Unit) -> None:
    study_young_tables(unit.runtime.database, list_tables())


# Each chore with the number of rounds between two runs of it.
CHORES: tuple[tuple[_Chore, int], ...] = (
    (events.place_all_events, 1),
    (_study_young_tables, 4),
    (applications.flush_key_uses, 10),
)

# Each removes some of what is over and gives how many, and is called again until nothing is left.
SWEEPS: tuple[tuple[_Sweep, int], ...] = (
    (sessions.sweep_pairs, 20),
    (sessions.sweep_tokens, 120),
    (sessions.sweep, 120),
    (authentication.sweep, 120),
    (authorization.sweep, 120),
    (browser_sessions.sweep, 120),
    (devices.sweep, 120),
    (email_change.sweep, 120),
    (email_verification.sweep, 120),
    (factors.sweep, 120),
    (magic_auth.sweep, 120),
    (outbox.sweep, 120),
    (passkeys.sweep, 120),
    (password_reset.sweep, 120),
    (_sweep_answers, 120),
    (_sweep_attempts, 120),
    (events.sweep, 1200),
    (tokens.sweep, 1200),
)


class Worker:
    """A thread that does the chores until it is stopped."""

    def __init__(self, runtime: Runtime, log: Log) -> None:
        """Prepare the thread; `start` starts it."""
        self._runtime = runtime
        self._log = log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._senders = Senders(runtime, log)
        self._verifier = Verifier(runtime, log)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()
        self._senders.start()
        self._verifier.start()

    def stop(self) -> None:
        """Let the running round finish, then end."""
        self._stopping.set()
        self._senders.stop()
        self._verifier.stop()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        count = 0
        while not self._stopping.wait(_ROUND):
            count += 1
            for chore, every in CHORES:
                if count % every == 0:
                    self._do(chore)
            for sweep, every in SWEEPS:
                if count % every == 0:
                    self._do(sweep, parts=_MOST_PARTS)
            self._tell_of_unchecked()

    def _tell_of_unchecked(self) -> None:
        number = passwords.count_unchecked(self._runtime.open_unit(Actor()))
        if number:
            self._log.warning("passwords were not looked up among leaked ones", passwords=number)

    def _do(self, chore: _Chore, *, parts: int = 1) -> None:
        try:
            for _ in range(parts):
                if self._stopping.is_set() or not chore(self._runtime.open_unit(Actor())):
                    break
        except Exception as fault:  # noqa: BLE001  # a chore that fails now is due again later
            self._log.fault("chore failed", fault, chore=f"{chore.__module__}.{chore.__name__}")
