"""CORS origins: whose pages may call the API (contract page 24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import cors_origins as contract
from gatelodge.contract.cors_origins import CorsOriginResponse
from gatelodge.sdk._async.calls import AsyncCalls

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._async.paging import AsyncPageOf


class AsyncCorsOrigins(AsyncCalls):
    """The methods for CORS origins."""

    async def list_cors_origins(
        self,
        *,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> AsyncPageOf[CorsOriginResponse]:
        """List CORS origins, newest first unless `order` says otherwise.

        `GET /user_management/cors_origins`, contract page 24. `limit` is 1 to 100 a page;
        `before` and `after` are ids.

        Example:
            page = await um.list_cors_origins()

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListCorsOrigins(limit=limit, before=before, after=after, order=order)
        return await self._get_page(contract.LIST_CORS_ORIGINS, request, CorsOriginResponse)

    async def create_cors_origin(self, origin: str) -> CorsOriginResponse:
        """Let pages of an origin call the API: scheme, host and port, such as `https://app.example.com`.

        `POST /user_management/cors_origins`, contract page 24. Nothing on this wire takes
        one away again; `gatelodge environments remove-origin` does.

        Example:
            origin = await um.create_cors_origin("https://app.example.com")

        Raises:
            CorsOriginTaken: It is listed already.
            RequestInvalid: No browser sends such an origin.
        """
        return await self._get(
            contract.CREATE_CORS_ORIGIN, contract.CreateCorsOrigin(origin=origin), CorsOriginResponse
        )
