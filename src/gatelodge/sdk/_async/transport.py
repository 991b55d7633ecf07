"""The way to a server: over HTTP, or another that keeps this promise."""

from __future__ import annotations

from typing import Protocol

from gatelodge.sdk.errors import ConnectionFailed, RequestTimedOut, ServiceUnavailable
from gatelodge.sdk.pools import AsyncPools, prepare_options
from gatelodge.sdk.wire import WireRequest, WireResponse


class AsyncTransport(Protocol):
    """Carries requests and brings the answers, whatever their status."""

    @property
    def trusted(self) -> bool:
        """Tell whether the caller needs no API key, being in the server's own process."""
        ...

    async def send(self, request: WireRequest) -> WireResponse:
        """Send a request once.

        Raises:
            ConnectionFailed: No answer came, and whether the request arrived is not known.
            RequestTimedOut: The same, because the time was up.
        """
        ...

    async def close(self) -> None:
        """Let go of connections; nothing can be sent afterwards."""
        ...


class AsyncHttpTransport:
    """HTTP, with connections that are kept and shared, and a forked child's own."""

    trusted = False

    def __init__(self, base_url: str, *, timeout: float) -> None:
        """Prepare; `timeout` bounds, in seconds, connecting and each wait to send or receive."""
        # 120 milliseconds that a program which only imports the client need not spend.
        import httpx2

        self._base_url = base_url
        self._pools = AsyncPools(prepare_options(timeout))
        self._too_late = httpx2.TimeoutException
        self._failure = httpx2.RequestError

    async def send(self, request: WireRequest) -> WireResponse:
        """Send a request once, and read the whole answer.

        Raises:
            ServiceUnavailable: The client is closed.
        """
        query = f"?{request.query}" if request.query else ""
        url = f"{self._base_url}{request.path}{query}"
        content = request.body or None
        http = self._pools.get()
        try:
            answer = await http.request(request.method, url, headers=request.headers, content=content)
        except self._too_late:
            raise RequestTimedOut(f"{self._base_url} did not answer in time.") from None
        except self._failure as failure:
            reason = str(failure) or type(failure).__name__
            raise ConnectionFailed(f"{self._base_url} could not be reached: {reason}") from failure
        except RuntimeError:
            # What the library says when another caller closed the client meanwhile.
            if http.is_closed:
                raise ServiceUnavailable("The client is closed.") from None
            raise
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return WireResponse(status=answer.status_code, headers=headers, body=answer.content)

    async def close(self) -> None:
        """Close the connections."""
        await self._pools.aclose()
