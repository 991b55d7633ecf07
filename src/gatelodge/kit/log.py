"""Structured logs: one JSON object a line, on standard error.

What is logged is named member by member, so no request body, header or query, where
secrets travel, can reach a log by accident.

A line that cannot be written, since the disk is full or nobody reads any more, is lost:
whoever logs goes on with its work.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import traceback
from typing import TextIO

import msgspec

from gatelodge.contract.timestamps import write_timestamp
from gatelodge.kit.clock import Clock

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


class AccessLine(msgspec.Struct, kw_only=True):
    """One request; `milliseconds` from its arrival to its answer. Paths carry no secrets."""

    at: str
    level: str = "info"
    event: str = "request"
    method: str
    path: str
    status: int
    milliseconds: float
    request_id: str
    address: str | None


class Log:
    """Writes lines, whole, from any thread."""

    def __init__(self, clock: Clock, *, level: str = "info", stream: TextIO | None = None) -> None:
        """Write lines of `level` and above."""
        self._clock = clock
        self._least = _LEVELS[level]
        self._stream = stream
        self._lock = threading.Lock()
        self._encoder = msgspec.json.Encoder()

    def access(self, lines: list[AccessLine]) -> None:
        """Write a batch of access lines at once."""
        if self._least <= _LEVELS["info"]:
            self._write(self._encoder.encode_lines(lines).decode())

    def info(self, event: str, **members: object) -> None:
        """Tell something an operator may want to know."""
        self._line("info", event, members)

    def warning(self, event: str, **members: object) -> None:
        """Tell something an operator should look at."""
        self._line("warning", event, members)

    def fault(self, event: str, fault: BaseException, **members: object) -> None:
        """Tell of a fault of ours: its type and where it arose, not its text.

        The text of an exception may quote what it choked on; the places in the code
        never do.
        """
        frames = traceback.extract_tb(fault.__traceback__)
        places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]]
        self._line("error", event, {**members, "fault": type(fault).__name__, "places": places})

    def _line(self, level: str, event: str, members: dict[str, object]) -> None:
        if _LEVELS[level] < self._least:
            return
        line = {"at": write_timestamp(self._clock.now()), "level": level, "event": event, **members}
        self._write(self._encoder.encode(line).decode() + "\n")

    def _write(self, text: str) -> None:
        stream = self._stream or sys.stderr
        with self._lock, contextlib.suppress(OSError):
            stream.write(text)
            stream.flush()
