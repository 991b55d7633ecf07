"""The verifier: a thread that asks the DNS for the proofs of organizations' domains.

It is apart from the chores, so that name servers that do not answer hold up nothing else.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from gatelodge.features.organizations.domains import look_for_proof
from gatelodge.kit.unit import Actor

if TYPE_CHECKING:
    from gatelodge.kit.log import Log
    from gatelodge.kit.unit import Runtime

_PAUSE = 1.0
"""Seconds between two looks for what is due."""
_ROUND = 20
_GOODBYE = 10.0


class Verifier:
    """The thread that looks for proofs until it is stopped."""

    def __init__(self, runtime: Runtime, log: Log) -> None:
        """Prepare the thread; `start` starts it."""
        self._runtime = runtime
        self._log = log
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="domain-verifier", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running look finish, then end."""
        self._stopping.set()
        self._thread.join(timeout=_GOODBYE)

    def look(self) -> None:
        """Look for the proofs that are due, a bounded number at once; never raises."""
        try:
            for _ in range(_ROUND):
                # A unit each, for the lease of a proof is counted from its instant.
                if self._stopping.is_set() or not look_for_proof(self._runtime.open_unit(Actor())):
                    break
        except Exception as fault:  # noqa: BLE001  # what failed now is due again later
            self._log.fault("looking for proofs of domains failed", fault)

    def _run(self) -> None:
        while not self._stopping.wait(_PAUSE):
            self.look()
