"""The keys that verify access tokens (contract page 12 §5)."""

from __future__ import annotations

from gatelodge.contract import tokens as contract
from gatelodge.contract.tokens import Jwks
from gatelodge.sdk._async.calls import AsyncCalls
from gatelodge.sdk.urls import write_jwks_url


class AsyncTokens(AsyncCalls):
    """The methods for signing keys."""

    async def get_jwks(self, client_id: str | None = None) -> Jwks:
        """Get the public keys that verify the access tokens of a client, your own by default.

        `GET /sso/jwks/{client_id}`, contract page 12 §5. It needs no API key, and none is sent.

        Example:
            jwks = await um.get_jwks()

        Raises:
            NotFound: There is no such client.
            ClientIdRequired: No client id is given, and none is configured.
        """
        request = contract.GetJwks(client_id=self._configuration.need_client_id(client_id))
        return await self._get(contract.GET_JWKS, request, Jwks)

    def get_jwks_url(self, client_id: str | None = None) -> str:
        """Write the address of those keys, for a library that fetches and keeps them itself.

        Nothing is sent (contract pages 12 §5 and 32 §4).

        Example:
            url = um.get_jwks_url()

        Raises:
            ClientIdRequired: No client id is given, and none is configured.
            ConfigurationInvalid: The client has no base URL.
        """
        wanted = self._configuration.need_client_id(client_id)
        return write_jwks_url(self._configuration.need_base_url(), wanted)
