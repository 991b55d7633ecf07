"""The server's API door, on Granian's RSGI interface.

The event loop reads the body and hands the whole request to a lane; answers come back in
batches, with one wake-up of the loop for all that are ready. A client that trickles its
body therefore holds no thread.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from gatelodge.contract.errors import GatelodgeError, ServiceUnavailable
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.doors.api.bodies import Bodies
from gatelodge.doors.api.lanes import open_lanes
from gatelodge.doors.dispatch import Door
from gatelodge.doors.http import Request, Response
from gatelodge.kit.log import AccessLine
from gatelodge.kit.route import LaneFull

if TYPE_CHECKING:
    from collections.abc import Callable

    from granian._granian import RSGIHTTPProtocol as HTTPProtocol
    from granian.rsgi import Scope

_BODYLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_NO_CONTENT = frozenset({204, 304})
_FORWARDED = "x-forwarded-for"
_LAST = ("connection", "close")


class RsgiApp:
    """One worker's door: lanes, and the way back to the loop."""

    def __init__(
        self,
        door: Door,
        stop_worker: Callable[[], None] | None = None,
        *,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        """Open the lanes; the loop is known once the server starts."""
        self._door = door
        self._stop_worker = stop_worker
        self._is_stopping = is_stopping
        self._settings = door.runtime.settings
        self._clock = door.runtime.wall_clock
        self._bodies = Bodies(self._settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready: deque[tuple[asyncio.Future[Response], Response]] = deque()
        self._waking = False
        self._lanes = open_lanes(self._settings, door.runtime.database.dialect, deliver=self._deliver)
        self._lines: list[AccessLine] = []

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the loop that serves."""
        self._loop = loop

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Finish what is queued and close."""
        self._flush_lines()
        for lane in self._lanes.values():
            lane.close()
        if self._stop_worker is not None:
            self._stop_worker()
        self._door.runtime.database.close()

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        """Answer one request."""
        arrived = self._clock.now()
        request = Request(
            method=scope.method,
            path=scope.path,
            query=scope.query_string,
            headers=self._headers(scope),
            address=scope.client.rpartition(":")[0].strip("[]") or None,
        )
        try:
            if request.method not in _BODYLESS:
                request.body = await self._bodies.read(request, protocol)
            response = await self._hand_over(request)
        except GatelodgeError as error:
            response = self._door.refuse(request, error)
        finally:
            self._bodies.release(request.body)
        self._note(request, response, arrived)
        # Who is not told may send the next request while we hang up, and cannot know whether it was done.
        headers = [_LAST, *response.headers] if self._is_stopping() else response.headers
        if response.status in _NO_CONTENT or not response.body:
            protocol.response_empty(response.status, headers)
        else:
            protocol.response_bytes(response.status, headers, response.body)

    def _headers(self, scope: Scope) -> dict[str, str]:
        """Give the headers by name in lower case, as Granian has them; of one that came twice the last stays."""
        lines = scope.headers.items()
        headers = dict(lines)
        if self._settings.trusted_proxies and _FORWARDED in headers:
            # Each proxy may add a line of its own, and they are counted over all lines.
            headers[_FORWARDED] = ", ".join(value for name, value in lines if name == _FORWARDED)
        return headers

    async def _hand_over(self, request: Request) -> Response:
        loop = self._loop or asyncio.get_running_loop()
        self._loop = loop
        future: asyncio.Future[Response] = loop.create_future()

        def work() -> None:
            self._ready.append((future, self._door.respond(request)))

        try:
            self._lanes[self._door.lane_of(request)].submit(work)
        except LaneFull:
            raise ServiceUnavailable(retry_after=1) from None
        return await future

    def _deliver(self) -> None:
        # Threads may race here and wake the loop twice, which is harmless; a wake-up is
        # never lost, since the loop lowers the flag before it looks.
        if self._ready and not self._waking and self._loop is not None:
            self._waking = True
            self._loop.call_soon_threadsafe(self._collect)

    def _collect(self) -> None:
        self._waking = False
        while self._ready:
            future, response = self._ready.popleft()
            if not future.done():
                future.set_result(response)

    def _note(self, request: Request, response: Response, arrived: int) -> None:
        if not self._settings.access_log:
            return
        if not self._lines and self._loop is not None:
            self._loop.call_later(0.05, self._flush_lines)
        now = self._clock.now()
        self._lines.append(
            AccessLine(
                at=write_timestamp(now),
                method=request.method,
                path=response.template,
                status=response.status,
                milliseconds=now - arrived,
                request_id=response.headers[-1][1],
                address=request.address,
            )
        )

    def _flush_lines(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._door.log.access(lines)
