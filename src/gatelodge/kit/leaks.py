"""Ask a public collection whether a password has leaked somewhere, without telling it the password.

The service is Have I Been Pwned, or one that speaks as it does: it is told the first twenty
bits of a SHA-1, gives all that begin with them, and pads its answer, so that neither it nor
whoever listens learns which one was meant.
"""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import httpx2

from gatelodge.kit.hashing import normalise

if TYPE_CHECKING:
    from gatelodge.kit.clock import Clock

_TIMEOUT = httpx2.Timeout(2.0)
_PREFIX = 5
_LARGEST = 1_048_576
# While the service is down, passwords are not held up by asking it each time.
_PAUSE_MS = 15_000


class LeaksUnavailable(Exception):
    """The service gave no answer; whether the password has leaked is not known."""


class LeakedPasswords:
    """The collection, on a connection that is kept; safe to share between threads."""

    def __init__(self, url: str, clock: Clock) -> None:
        """Hold the origin of the service; nothing is asked yet."""
        self._url = url.rstrip("/")
        self._clock = clock
        self._client = httpx2.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._lock = threading.Lock()
        self._silent_until = 0
        self._failed = 0

    def has(self, password: str) -> bool:
        """Tell whether a password is in the collection.

        Raises:
            LeaksUnavailable: The service did not answer, now or a few seconds ago.
        """
        digest = hashlib.sha1(normalise(password).encode(), usedforsecurity=False).hexdigest().upper()
        # Bounded on both sides: a clock that steps back must not silence it for hours.
        if 0 < self._silent_until - self._clock.now() <= _PAUSE_MS:
            self._note_failure()
            raise LeaksUnavailable
        try:
            suffixes = self._ask(digest[:_PREFIX])
        except (httpx2.HTTPError, ValueError):
            self._silent_until = self._clock.now() + _PAUSE_MS
            self._note_failure()
            raise LeaksUnavailable from None
        return digest[_PREFIX:] in suffixes

    def take_failed(self) -> int:
        """Tell how many passwords could not be looked up since this was asked last."""
        with self._lock:
            failed, self._failed = self._failed, 0
        return failed

    def _note_failure(self) -> None:
        with self._lock:
            self._failed += 1

    def _ask(self, prefix: str) -> frozenset[str]:
        body = b""
        with self._client.stream("GET", f"{self._url}/range/{prefix}", headers={"Add-Padding": "true"}) as answer:
            if answer.status_code != httpx2.codes.OK:
                raise ValueError("no answer")
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise ValueError("too much")
        return frozenset(_read(body.decode("ascii")))


def _read(text: str) -> list[str]:
    """List the suffixes of an answer; those that were never seen are padding."""
    lines = [line.strip().partition(":") for line in text.splitlines() if line.strip()]
    return [suffix.upper() for suffix, _, count in lines if int(count) > 0]
