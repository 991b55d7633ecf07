"""A wire between a client and its server that can be cut."""

from __future__ import annotations

import contextlib
import socket
import threading

_END_SECONDS = 20.0
_READY = b"Z\0\0\0\5"
_FIELDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
_FAREWELL = b"E" + (4 + len(_FIELDS)).to_bytes(4, "big") + _FIELDS


class Relay:
    """Carries bytes to a server on 127.0.0.1, and cuts the connection that says a given word."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut_before: bytes | None = None
        self.cut_after: bytes | None = None
        self.farewell_after: bytes | None = None
        """After which answer the server ends the session instead of waiting for more."""
        self.cuts = 0
        self._deaf = False
        self._ends: list[socket.socket] = []
        self._carriers: list[threading.Thread] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        # Wakes accept(), which close() alone would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def cut_all(self) -> None:
        """Cut every connection without a word, as a network does that forgot them."""
        while self._ends:
            with contextlib.suppress(OSError):
                self._ends.pop().shutdown(socket.SHUT_RDWR)

    def await_end(self) -> None:
        """Wait until every connection so far is over, and both sides can know."""
        for carrier in self._carriers:
            carrier.join(_END_SECONDS)
            assert not carrier.is_alive(), "a connection goes on"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._ends += [client, server]
            for source, sink in ((client, server), (server, client)):
                carrier = threading.Thread(target=self._carry, args=(source, sink, source is client), daemon=True)
                self._carriers.append(carrier)
                carrier.start()

    def _carry(self, source: socket.socket, sink: socket.socket, from_client: bool) -> None:  # noqa: FBT001
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                if from_client and self._says(self.cut_before, chunk):
                    break
                if from_client and self._says(self.cut_after, chunk):
                    # The server will act on it; its answer is what must not arrive.
                    self._deaf = True
                if self._deaf and not from_client:
                    self._deaf = False
                    break
                if not from_client and self._says(self.farewell_after, chunk):
                    answers, ready, _ = chunk.rpartition(_READY)
                    assert ready, "the answers came in one piece"
                    sink.sendall(answers + _FAREWELL)
                    break
                sink.sendall(chunk)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _says(self, word: bytes | None, chunk: bytes) -> bool:
        if word is None or word not in chunk:
            return False
        self.cuts += 1
        return True
