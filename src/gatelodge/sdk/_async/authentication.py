"""Signing in: each kind of proof is a grant of one endpoint (contract page 11)."""

from __future__ import annotations

from msgspec import UNSET

from gatelodge.contract import authentication as contract
from gatelodge.contract.authentication import AuthenticationResponse
from gatelodge.sdk._async.calls import AsyncCalls


class AsyncAuthentication(AsyncCalls):
    """The methods for signing in."""

    async def authenticate_with_password(
        self,
        email: str,
        *,
        password: str,
        invitation_token: str | None = None,
        client_id: str | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Sign a user in with an address and a password.

        `POST /user_management/authenticate`, contract page 11. `ip_address` and
        `user_agent` are your user's, for the session, the events and the limits.

        Raises:
            InvalidCredentials: The password is wrong, or nobody has this address.
            EmailVerificationRequired: The password is right, and the address is not
                proved yet: go on with the code that was mailed and
                `pending_authentication_token`.
            TooManyRequests: Too many attempts; `retry_after` is in seconds.
            InvalidClient: The client id and the API key do not belong together.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        if not self._transport.trusted:
            self._configuration.need_api_key("authenticate_with_password")
        grant = contract.PasswordGrant(
            email=email,
            password=password,
            invitation_token=invitation_token,
            client_id=self._configuration.need_client_id(client_id),
            client_secret=self._configuration.api_key or None,
            ip_address=ip_address,
            user_agent=user_agent,
        )
        return await self._get(contract.AUTHENTICATE, grant, AuthenticationResponse)

    async def authenticate_with_refresh_token(
        self,
        refresh_token: str,
        *,
        organization_id: str | None = None,
        client_id: str | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Trade a refresh token for a new pair of tokens.

        `POST /user_management/authenticate`, contract page 11 §7; public clients may call
        it too. Keep the new refresh token: the old one is retired. Several callers with
        one token within 30 seconds get the same new pair; later the old one ends the
        session. Without `organization_id` the session keeps its organization.

        Raises:
            InvalidGrant: The token is unknown, retired or of an ended session: sign in again.
            OrganizationMembershipNotFound: The user is not in the organization asked for.
            TooManyRequests: Too many refreshes of one session; `retry_after` is in seconds.
            InvalidClient: The client id and the API key do not belong together.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        grant = contract.RefreshTokenGrant(
            refresh_token=refresh_token,
            organization_id=UNSET if organization_id is None else organization_id,
            client_id=self._configuration.need_client_id(client_id),
            client_secret=self._configuration.api_key or None,
            ip_address=ip_address,
            user_agent=user_agent,
        )
        return await self._get(contract.AUTHENTICATE, grant, AuthenticationResponse)
