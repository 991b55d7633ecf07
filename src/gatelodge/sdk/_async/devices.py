"""Signing in on a device without a browser (contract page 11 §6; RFC 8628)."""

from __future__ import annotations

from gatelodge.contract import authentication as contract
from gatelodge.contract.authentication import DeviceAuthorization
from gatelodge.sdk._async.authentication import AsyncAuthentication
from gatelodge.sdk.signing_in import AuthenticationResponse, SealOptions


class AsyncDevices(AsyncAuthentication):
    """The methods for devices; a public client may call them, and no secret is sent."""

    async def create_device_authorization(self, client_id: str | None = None) -> DeviceAuthorization:
        """Begin a sign-in: show the user code and the address, and ask with the device code.

        `POST /user_management/authorize/device`, contract page 11 §6. `expires_in` and
        `interval`, the least time between two asks, are in seconds.

        Example:
            device = await um.create_device_authorization()

        Raises:
            InvalidClient: There is no such client.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        request = contract.CreateDevice(client_id=self._configuration.need_client_id(client_id))
        return await self._get(contract.CREATE_DEVICE, request, DeviceAuthorization)

    async def authenticate_with_device_code(
        self,
        device_code: str,
        *,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Ask whether the user has confirmed the device, and get the session if so.

        `POST /user_management/authenticate`, contract page 11 §6. Ask again after
        `interval` seconds while it raises `AuthorizationPending`. `ip_address` and `user_agent`
        are the device's; they are believed only with an API key.

        Example:
            answer = await um.authenticate_with_device_code(device.device_code)

        Raises:
            AuthorizationPending: The user has not confirmed yet.
            SlowDown: Asked too soon; wait five seconds longer each time from now on.
            AccessDenied: The user refused.
            ExpiredToken: The time to confirm is over: begin again.
            InvalidGrant: The code is unknown, used, or another client's.
            InvalidClient: There is no such client.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        grant = contract.DeviceCodeGrant(
            device_code=device_code,
            client_id=self._configuration.need_client_id(client_id),
            ip_address=ip_address,
            user_agent=user_agent,
        )
        return await self._sign_in(grant, session=session)
