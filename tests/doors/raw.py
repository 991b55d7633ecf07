"""Bytes to a server as no HTTP library would send them, and what comes back."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.harness.servers import DEVELOPMENT_KEY, Server

AUTHORIZED = f"Authorization: Bearer {DEVELOPMENT_KEY}\r\n".encode()
JSON = b"Content-Type: application/json\r\n"


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """An HTTP answer taken apart by hand: header names in lower case, the last of two stays."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Read the body as JSON."""
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


def request(method: str, path: str, headers: bytes = b"", body: bytes = b"") -> bytes:
    """Write a request that asks for the connection to be closed after it."""
    line = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode("latin-1")
    return line + headers + b"\r\n" + body


def talk(server: Server, *pieces: bytes | float, closes: bool = False, within: float = 20.0) -> RawAnswer | None:
    """Send bytes, pausing where a number of seconds stands, and read until the server is done.

    `closes` ends our side of the connection after the last piece. None means that the
    connection ended without an answer.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=within) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            _send(connection, pieces)
            if closes:
                _end(connection)
        return _take_apart(_receive(connection))


def _send(connection: socket.socket, pieces: Sequence[bytes | float]) -> None:
    for piece in pieces:
        if isinstance(piece, bytes):
            connection.sendall(piece)
        else:
            time.sleep(piece)


def _end(connection: socket.socket) -> None:
    # A connection that the server has ended already is no longer connected.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_WR)


def _receive(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while chunk := connection.recv(65_536):
            received += chunk
    return received


def _take_apart(received: bytes) -> RawAnswer | None:
    head, separator, body = received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n").partition(b"\r\n\r\n")
    if not separator:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return RawAnswer(status=int(first.split()[1]), headers=headers, body=body)
