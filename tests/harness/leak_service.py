"""A real HTTP server on loopback that knows leaked passwords, as Have I Been Pwned does."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(kw_only=True)
class LeakService:
    """Which passwords have leaked, what was asked, and how it is answered."""

    url: str = ""
    leaked: set[str] = field(default_factory=set)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    status: int = 200
    body: bytes | None = None

    def answer(self, prefix: str) -> bytes:
        """Give the suffixes behind a prefix, and padding, which counts nothing."""
        if self.body is not None:
            return self.body
        digests = [hashlib.sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in self.leaked]
        lines = [f"{digest[5:]}:42" for digest in digests if digest.startswith(prefix)]
        return "\r\n".join([*lines, f"{'0' * 35}:0", f"{'F' * 35}:7"]).encode()


@contextmanager
def leak_service() -> Iterator[LeakService]:
    """Run the service until the block ends."""
    service = LeakService()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append((self.path, self.headers["add-padding"]))
            answer = service.answer(self.path.removeprefix("/range/"))
            self.send_response(service.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
