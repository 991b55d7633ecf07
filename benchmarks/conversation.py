"""A load generator of our own: many connections in one process, one request at a time on each.

For what a fixed request cannot say: each refresh needs the token of the one before.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec

_CHUNK = 65_536
_PATIENCE = 30.0
_AHEAD = -10
_FIRST_FAULT = 400
_LEAD_SECONDS = 0.5
"""Until as many requests come out as go in."""


class Script(Protocol):
    """What one connection says, and what it makes of the answers."""

    def ask(self) -> bytes | None:
        """Give the next request, or None when there is nothing more to ask."""

    def hear(self, status: int, body: bytes) -> None:
        """Take the answer of the last request."""


class Repeat:
    """The same request, again and again."""

    def __init__(self, request: bytes) -> None:
        self._request = request

    def ask(self) -> bytes | None:
        """Give the request."""
        return self._request

    def hear(self, status: int, body: bytes) -> None:
        """Make nothing of the answer."""


class Outcome(msgspec.Struct, kw_only=True):
    """What became of the requests; latencies are in milliseconds."""

    seconds: float
    latencies: list[float] = []
    statuses: dict[int, int] = {}
    without_retry_after: int = 0
    """Answers of 429 or 503 that do not say when to come back."""
    unanswered: int = 0
    """Requests that got no answer within the patience, or whose connection was closed."""

    @property
    def rate(self) -> float:
        """Give the successful answers in a second."""
        return self.statuses.get(200, 0) / self.seconds

    @property
    def answered(self) -> int:
        """Give the answers, whatever their status."""
        return sum(self.statuses.values())

    def percentile(self, percent: float) -> float:
        """Give the latency that so many percent of the answers kept."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class _Connection:
    def __init__(self, port: int, script: Script) -> None:
        self.script = script
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.asked_at = 0.0

    def ask(self) -> bool:
        request = self.script.ask()
        if request is None:
            return False
        self.received = b""
        self.asked_at = time.perf_counter()
        self.socket.sendall(request)
        return True

    def read(self) -> tuple[int, bytes, bytes] | None:
        """Give status, head and body once they are whole."""
        chunk = self.socket.recv(_CHUNK)
        if not chunk:
            raise ConnectionResetError
        self.received += chunk
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return None
        return int(head[9:12]), head.lower(), body


def converse(port: int, scripts: Sequence[Script], *, seconds: float, patience: float = _PATIENCE) -> Outcome:
    """Let every script talk for so long, then wait for the last answers.

    What is counted is what comes out of a server that is full: the first half a second goes before
    the time that is measured, and answers that come after it count for nothing but having come.
    """
    outcome = Outcome(seconds=seconds)
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        open_requests = 0
        for script in scripts:
            connection = _Connection(port, script)
            opened.enter_context(connection.socket)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        connections: list[_Connection] = [key.data for key in selector.get_map().values()]
        begin = time.perf_counter() + _LEAD_SECONDS
        end = begin + seconds
        open_requests = sum(connection.ask() for connection in connections)
        while open_requests and time.perf_counter() < end + patience:
            for key, _ in selector.select(timeout=0.2):
                open_requests -= _listen(key.data, selector, outcome, begin=begin, end=end)
        outcome.unanswered += open_requests
    return outcome


def pace(port: int, request: bytes, *, rate: float, connections: int, seconds: float) -> Outcome:
    """Send a request so many times a second, whatever becomes of those before it.

    A latency counts from the instant at which the request was due: a server that stalls is
    charged for all that had to wait meanwhile.
    """
    _step_ahead()
    outcome = Outcome(seconds=seconds)
    with selectors.DefaultSelector() as selector, contextlib.ExitStack() as opened:
        idle: deque[_Connection] = deque()
        for _ in range(connections):
            connection = _Connection(port, Repeat(request))
            opened.enter_context(connection.socket)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            idle.append(connection)
        start, count = time.perf_counter(), round(rate * seconds)
        sent = 0
        while outcome.answered < count and time.perf_counter() < start + seconds + _PATIENCE:
            sent += _send_due(idle, [start + number / rate for number in range(sent, min(count, sent + len(idle)))])
            due = max(0.0, start + sent / rate - time.perf_counter()) if idle and sent < count else 0.2
            idle.extend(key.data for key, _ in selector.select(timeout=due) if _take(key.data, outcome))
        outcome.unanswered = count - outcome.answered
    return outcome


def _step_ahead() -> None:
    """Let nothing on this machine hold up the clock: how soon the kernel wakes us is not the server's doing.

    A session that mostly sleeps is kept waiting for tens of milliseconds where others are busy
    all the time. Without the right to it, that is measured, too.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(f"{_AHEAD}\n", encoding="ascii")
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, _AHEAD)


def _send_due(idle: deque[_Connection], instants: list[float]) -> int:
    """Send what is due by now, each on an idle connection; give how many."""
    now = time.perf_counter()
    due = [instant for instant in instants if instant <= now]
    for instant in due:
        connection = idle.popleft()
        connection.ask()
        connection.asked_at = instant
    return len(due)


def _take(connection: _Connection, outcome: Outcome) -> bool:
    answer = connection.read()
    if answer is None:
        return False
    outcome.latencies.append((time.perf_counter() - connection.asked_at) * 1000)
    outcome.statuses[answer[0]] = outcome.statuses.get(answer[0], 0) + 1
    return True


def _listen(
    connection: _Connection, selector: selectors.BaseSelector, outcome: Outcome, *, begin: float, end: float
) -> int:
    """Read what came; give 1 when the connection has no open request afterwards."""
    try:
        answer = connection.read()
    except OSError:
        selector.unregister(connection.socket)
        outcome.unanswered += 1
        return 1
    if answer is None:
        return 0
    status, head, body = answer
    now = time.perf_counter()
    connection.script.hear(status, body)
    if status in (429, 503) and b"\r\nretry-after:" not in head:
        outcome.without_retry_after += 1
    if now >= end:
        return 1
    if now >= begin or status >= _FIRST_FAULT:
        outcome.latencies.append((now - connection.asked_at) * 1000)
        outcome.statuses[status] = outcome.statuses.get(status, 0) + 1
    return 0 if connection.ask() else 1


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def write_request(method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Write an HTTP/1.1 request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body
