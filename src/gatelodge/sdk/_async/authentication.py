"""Signing in: each kind of proof is a grant of one endpoint (contract page 11)."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET

from gatelodge.contract import authentication as contract
from gatelodge.sdk._async.calls import AsyncCalls
from gatelodge.sdk.signing_in import AuthenticationResponse, SealOptions, prepare_seal


class AsyncAuthentication(AsyncCalls):
    """The methods for signing in."""

    def _need_secret(self, method: str) -> None:
        """Refuse a public client before anything is sent."""
        if not self._transport.trusted:
            self._configuration.need_api_key(method)

    def _name_client(self, client_id: str | None) -> dict[str, Any]:
        """Give the members of a grant that say who calls."""
        wanted = self._configuration.need_client_id(client_id)
        return {"client_id": wanted, "client_secret": self._configuration.api_key or None}

    async def _sign_in(self, grant: contract.Grant, *, session: SealOptions | None) -> AuthenticationResponse:
        """Send a grant, and seal the session it begins if that is asked for."""
        finish = prepare_seal(session, self._configuration)
        return finish(await self._get(contract.AUTHENTICATE, grant, AuthenticationResponse))

    async def authenticate_with_password(
        self,
        email: str,
        *,
        password: str,
        invitation_token: str | None = None,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Sign a user in with an address and a password.

        `POST /user_management/authenticate`, contract page 11. `ip_address` and
        `user_agent` are your user's, for the session, the events and the limits. `session`
        asks for `sealed_session`, a cookie's content; see `SealOptions`.

        Example:
            answer = await um.authenticate_with_password(user.email, password=password)

        Raises:
            InvalidCredentials: The password is wrong, or nobody has this address.
            StepRequired: The password is right, and more is asked; go on with the error's
                `pending_authentication_token`. `EmailVerificationRequired`: a code was
                mailed, for `authenticate_with_email_verification`. `MfaChallenge`: ask one
                of its factors by `challenge_auth_factor`, then `authenticate_with_totp`.
                `MfaEnrollment`: `enroll_auth_factor` first. `OrganizationSelectionRequired`:
                `authenticate_with_organization_selection`.
            SsoRequired: An organization of the user asks for its own sign-in.
            InvitationTokenInvalid: The invitation is not open.
            TooManyRequests: Too many attempts; `retry_after` is in seconds.
            InvalidClient: The client id and the API key do not belong together.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        self._need_secret("authenticate_with_password")
        grant = contract.PasswordGrant(
            email=email,
            password=password,
            invitation_token=invitation_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return await self._sign_in(grant, session=session)

    async def authenticate_with_code(
        self,
        code: str,
        *,
        code_verifier: str | None = None,
        invitation_token: str | None = None,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Trade the code that came with a redirect for a session.

        `POST /user_management/authenticate`, contract page 11 §8. A public client proves
        itself by the verifier, a confidential one by its API key; where both are there,
        both are sent and both are checked. A code is good once, for ten minutes.

        Example:
            answer = await um.authenticate_with_code(code, code_verifier=code_verifier)

        Raises:
            InvalidGrant: The code is unknown, used or expired, or the verifier is wrong.
            CodeChallengeNotFound: A verifier is given, but the code was issued without a challenge.
            InvalidRequest: The code was issued with a challenge, and no verifier is given.
            StepRequired: The sign-in goes on with another proof; see `authenticate_with_password`.
            InvalidClient: The client id and the API key do not belong together.
            ApiKeyRequired: Neither a verifier nor an API key is there. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
            ValueError: The verifier is blank. Nothing was sent.
        """
        if code_verifier is not None and not code_verifier.strip():
            raise ValueError("code_verifier must not be blank.")
        if code_verifier is None:
            self._need_secret("authenticate_with_code without code_verifier")
        grant = contract.AuthorizationCodeGrant(
            code=code,
            code_verifier=code_verifier,
            invitation_token=invitation_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return await self._sign_in(grant, session=session)

    async def authenticate_with_magic_auth(
        self,
        code: str,
        *,
        email: str,
        invitation_token: str | None = None,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Sign a user in with an address and the code that `create_magic_auth` mailed to it.

        `POST /user_management/authenticate`, contract pages 11 and 17. It proves the
        address. A code is good once, for ten minutes, and few wrong ones may be tried.

        Example:
            answer = await um.authenticate_with_magic_auth(magic_auth.code, email=magic_auth.email)

        Raises:
            OneTimeCodeInvalid: The code is wrong, or none was sent to this address.
            OneTimeCodeExpired: Its time is over.
            OneTimeCodeUsed: It was used before.
            OneTimeCodeTooManyAttempts: Wrong codes were tried too often; create another.
            StepRequired: The sign-in goes on with another proof; see `authenticate_with_password`.
            InvitationTokenInvalid: The invitation is not open.
            TooManyRequests: Too many attempts; `retry_after` is in seconds.
            InvalidClient: The client id and the API key do not belong together.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        self._need_secret("authenticate_with_magic_auth")
        grant = contract.MagicAuthGrant(
            code=code,
            email=email,
            invitation_token=invitation_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return await self._sign_in(grant, session=session)

    async def authenticate_with_refresh_token(
        self,
        refresh_token: str,
        *,
        organization_id: str | None = None,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Trade a refresh token for a new pair of tokens.

        `POST /user_management/authenticate`, contract page 11 §7; public clients may call
        it too. Keep the new refresh token: the old one is retired. Several callers with
        one token within 30 seconds get the same new pair; later the old one ends the
        session. Without `organization_id` the session keeps its organization.

        Example:
            answer = await um.authenticate_with_refresh_token(answer.refresh_token)

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
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return await self._sign_in(grant, session=session)
