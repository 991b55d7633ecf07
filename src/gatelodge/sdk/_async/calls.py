"""How every method carries out its operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.paging import Page
from gatelodge.sdk._async.paging import AsyncPageOf
from gatelodge.sdk.configuration import Configuration, describe_agent
from gatelodge.sdk.decoding import decode_answer, decode_error
from gatelodge.sdk.encoding import encode_call
from gatelodge.sdk.errors import ConnectionFailed, GatelodgeError, RequestTimedOut
from gatelodge.sdk.retry import RETRIED, AsyncTiming, choose_wait, issue_idempotency_key, read_retry_after
from gatelodge.sdk.wire import WireRequest, WireResponse

if TYPE_CHECKING:
    from gatelodge.sdk._async.transport import AsyncTransport

T = TypeVar("T")


class AsyncCalls:
    """Encodes, sends, retries and decodes; the resources are mixed into it."""

    def __init__(self, configuration: Configuration, *, transport: AsyncTransport, timing: AsyncTiming) -> None:
        self._configuration = configuration
        self._transport = transport
        self._timing = timing

    async def _get(self, operation: Operation, request: msgspec.Struct, shape: type[T]) -> T:
        """Carry out an operation whose answer has a body."""
        return decode_answer(await self._exchange(operation, request), shape)

    async def _get_page(self, operation: Operation, request: msgspec.Struct, shape: type[T]) -> AsyncPageOf[T]:
        """Carry out a list operation; `shape` is that of an item."""
        page: Page[T] = await self._get(operation, request, Page[shape])  # type: ignore[valid-type]  # a shape made at run time
        # In the order "normal" the two cursors trade places (contract page 00 §6).
        turned = getattr(request, "order", None) == "normal"
        metadata = page.list_metadata

        async def turn(position: str) -> AsyncPageOf[T]:
            members = {"before": position, "after": None} if turned else {"before": None, "after": position}
            return await self._get_page(operation, msgspec.structs.replace(request, **members), shape)

        following = metadata.before if turned else metadata.after
        return AsyncPageOf(page.data, metadata, following or None, turn)

    async def _exchange(self, operation: Operation, request: msgspec.Struct) -> WireResponse:
        """Carry out an operation, with retries, and give its success."""
        asked = encode_call(operation, request, headers=self._write_headers(operation))
        retries = self._configuration.retries
        for tries in range(1, retries + 2):
            answer = await self._try(asked)
            if isinstance(answer, WireResponse):
                return answer
            # Every call may be sent again; see `gatelodge.sdk.retry`.
            is_passing = isinstance(answer, ConnectionFailed | RequestTimedOut) or answer.status in RETRIED
            if not is_passing or tries > retries:
                raise answer
            wait = choose_wait(tries, retry_after=answer.retry_after, chance=self._timing.chance())
            await self._timing.sleep(wait)
        raise AssertionError("a try ends in an answer or in an error")

    async def _try(self, asked: WireRequest) -> WireResponse | GatelodgeError:
        try:
            response = await self._transport.send(asked)
        except (ConnectionFailed, RequestTimedOut) as failure:
            return failure
        if response.is_success:
            return response
        told = response.headers.get("retry-after")
        return decode_error(response, retry_after=read_retry_after(told, now=self._timing.now()))

    def _write_headers(self, operation: Operation) -> dict[str, str]:
        headers = {"Accept": "application/json", "User-Agent": describe_agent()}
        if operation.access is Access.API_KEY and not self._transport.trusted:
            self._configuration.need_api_key(operation.name)
        if operation.access is not Access.PUBLIC and self._configuration.api_key:
            headers["Authorization"] = f"Bearer {self._configuration.api_key}"
        # In this very process an answer is not lost on the way; a call that is not retried needs no key.
        if operation.method == "POST" and (self._configuration.retries or not self._transport.trusted):
            headers["Idempotency-Key"] = issue_idempotency_key()
        return headers
