"""Redirect URIs: where browsers may be sent after signing in (contract page 24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import redirect_uris as contract
from gatelodge.contract.redirect_uris import RedirectUri
from gatelodge.sdk._async.calls import AsyncCalls

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._async.paging import AsyncPageOf


class AsyncRedirectUris(AsyncCalls):
    """The methods for redirect URIs."""

    async def list_redirect_uris(
        self,
        *,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> AsyncPageOf[RedirectUri]:
        """List redirect URIs, newest first unless `order` says otherwise.

        `GET /user_management/redirect_uris`, contract page 24. `limit` is 1 to 100 a
        page; `before` and `after` are ids.

        Example:
            page = await um.list_redirect_uris()

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListRedirectUris(limit=limit, before=before, after=after, order=order)
        return await self._get_page(contract.LIST_REDIRECT_URIS, request, RedirectUri)

    async def create_redirect_uri(self, uri: str) -> RedirectUri:
        """Let browsers be sent to a URI after signing in, from now on; the first is the default.

        `POST /user_management/redirect_uris`, contract page 24.

        Example:
            uri = await um.create_redirect_uri("https://app.example.com/callback")

        Raises:
            RedirectUriTaken: It is listed already.
            RequestInvalid: A browser may not be sent there, for example by plain http to another machine.
        """
        return await self._get(contract.CREATE_REDIRECT_URI, contract.CreateRedirectUri(uri=uri), RedirectUri)

    async def delete_redirect_uri(self, redirect_uri_id: str) -> None:
        """Let browsers no longer be sent to a URI after signing in.

        `DELETE /user_management/redirect_uris/{id}`, contract page 24.

        Example:
            await um.delete_redirect_uri(uri.id)

        Raises:
            NotFound: This environment has no such redirect URI. That is also the outcome when a
                first try deleted it, but its answer was lost and the call was repeated.
            RedirectUriIsDefault: It is the default, which stays.
        """
        await self._exchange(contract.DELETE_REDIRECT_URI, contract.RedirectUriId(id=redirect_uri_id))
