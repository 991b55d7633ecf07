"""Request bodies, read whole on the event loop.

Each has a cap and a deadline, and all of a worker together have a cap, too: thousands of
strangers who send most of a large body and then wait must not fill the memory. A body
that was cut off is an error, never an empty one.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from gatelodge.contract.errors import (
    BodyTooLarge,
    BodyUnreadable,
    RequestTimeout,
    ServiceUnavailable,
)
from gatelodge.doors.http import Request, is_form

if TYPE_CHECKING:
    from granian._granian import RSGIHTTPProtocol as HTTPProtocol

    from gatelodge.kit.settings import Settings

# What any body may have, however much the others hold: ordinary requests are smaller.
_FREE = 16 * 1024
# A client that still sends when its connection ends does not see the answer that refuses it.
_LINGER_SECONDS = 1.0


class Bodies:
    """The bodies that a worker holds; used on its event loop alone."""

    def __init__(self, settings: Settings) -> None:
        """Hold none yet."""
        self._limit = settings.body_limit
        self._deadline = settings.body_deadline
        self._limit_together = settings.bodies_limit
        self._held = 0

    async def read(self, request: Request, protocol: HTTPProtocol) -> bytes:
        """Read the body of a request; it counts as held until it is released.

        What is refused is received for a second more, and thrown away.

        Raises:
            BodyTooLarge: It has more bytes than the limit.
            BodyUnreadable: It was cut off, or nothing tells where it ends.
            RequestTimeout: It did not arrive within the deadline.
            ServiceUnavailable: All bodies together hold too much at the moment.
        """
        announced = request.headers.get("content-length", "")
        if announced == "0":
            return b""
        length = int(announced) if announced.isascii() and announced.isdigit() else None
        if length is not None and length <= _FREE:
            body = await self._read_small(protocol)
            self._held += len(body)
            _require_whole(request, body, length)
            return body
        return await self._read_large(request, protocol, length)

    async def _read_small(self, protocol: HTTPProtocol) -> bytes:
        """Read in one step what any request may have; almost all of them are of this kind."""
        reading = asyncio.current_task()
        late = False

        def interrupt() -> None:
            nonlocal late
            late = reading is not None and reading.cancel()

        # A timer of the loop, since `asyncio.timeout` takes a tenth of a whole refresh.
        timer = asyncio.get_running_loop().call_later(self._deadline, interrupt)
        try:
            return await protocol()
        except asyncio.CancelledError:
            if not late or reading is None or reading.uncancel() > 0:
                raise
            raise RequestTimeout from None
        except (RuntimeError, OSError):
            raise BodyUnreadable("The request body was cut off.") from None
        finally:
            timer.cancel()

    async def _read_large(self, request: Request, protocol: HTTPProtocol, length: int | None) -> bytes:
        chunks: list[bytes] = []
        try:
            self._require_small(length or 0)
            await self._receive(protocol, chunks)
            body = b"".join(chunks)
            _require_whole(request, body, length)
        except BaseException as fault:
            self._held -= sum(len(chunk) for chunk in chunks)
            chunks.clear()
            if isinstance(fault, BodyTooLarge | ServiceUnavailable) and "expect" not in request.headers:
                await _discard(protocol)
            raise
        return body

    def release(self, body: bytes) -> None:
        """Note that a request with this body has been answered."""
        self._held -= len(body)

    async def _receive(self, protocol: HTTPProtocol, chunks: list[bytes]) -> None:
        try:
            async with asyncio.timeout(self._deadline):
                await self._take(protocol, chunks)
        except TimeoutError:
            raise RequestTimeout from None
        except (RuntimeError, OSError):
            raise BodyUnreadable("The request body was cut off.") from None

    async def _take(self, protocol: HTTPProtocol, chunks: list[bytes]) -> None:
        size = 0
        async for chunk in protocol:
            chunks.append(chunk)
            size += len(chunk)
            self._held += len(chunk)
            self._require_small(size)
            if size > _FREE and self._held > self._limit_together:
                raise ServiceUnavailable(retry_after=1)

    def _require_small(self, size: int) -> None:
        if size > self._limit:
            raise BodyTooLarge(f"A request body has at most {self._limit} bytes.")


async def _discard(protocol: HTTPProtocol) -> None:
    with contextlib.suppress(TimeoutError, RuntimeError, OSError):
        async with asyncio.timeout(_LINGER_SECONDS):
            async for _ in protocol:
                pass


def _require_whole(request: Request, body: bytes, length: int | None) -> None:
    """Refuse a body of which the end is missing, or would not be missed.

    The server does not tell whether the last of several chunks came. A JSON object ends by
    itself; an empty body and a form do not.
    """
    if length is not None and len(body) != length:
        raise BodyUnreadable("The request body was cut off.")
    in_chunks = length is None and "transfer-encoding" in request.headers
    if in_chunks and (not body or is_form(request)):
        raise BodyUnreadable("This request body needs a Content-Length.")
