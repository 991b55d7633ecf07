# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Going on with a sign-in that asked for more (contract page 11 §9)."""

from __future__ import annotations

from gatelodge.contract import authentication as contract
from gatelodge.sdk._sync.authentication import Authentication
from gatelodge.sdk.signing_in import AuthenticationResponse, SealOptions


class Steps(Authentication):
    """The methods that go on with a sign-in; each may end in the next step."""

    def authenticate_with_email_verification(
        self,
        code: str,
        *,
        pending_authentication_token: str,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Go on after `EmailVerificationRequired`, with the code that was mailed.

        `POST /user_management/authenticate`, contract pages 11 and 15. It proves the
        address for good.

        Example:
            answer = um.authenticate_with_email_verification(code, pending_authentication_token=pending)

        Raises:
            OneTimeCodeInvalid: The code is wrong; the pending token is good for another try.
            OneTimeCodeExpired: Its time is over.
            OneTimeCodeUsed: It was used before.
            OneTimeCodeTooManyAttempts: Wrong codes were tried too often; sign in again.
            PendingTokenInvalid: The pending token is unknown, used or expired: sign in again.
            StepRequired: The sign-in goes on with another proof.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        self._need_secret("authenticate_with_email_verification")
        grant = contract.EmailVerificationGrant(
            code=code,
            pending_authentication_token=pending_authentication_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return self._sign_in(grant, session=session)

    def authenticate_with_totp(
        self,
        code: str,
        *,
        authentication_challenge_id: str,
        pending_authentication_token: str,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Go on after `MfaChallenge` or `MfaEnrollment`, with a code of the second factor.

        `POST /user_management/authenticate`, contract pages 11 and 18. The challenge
        comes from `challenge_auth_factor`, or from `enroll_auth_factor` after
        `MfaEnrollment`; codes that were sent by SMS are answered here too. A code is good
        once, even where an authenticator app still shows it.

        Example:
            answer = um.authenticate_with_totp(
                code, authentication_challenge_id=challenge.id, pending_authentication_token=pending
            )

        Raises:
            OneTimeCodeInvalid: The code is wrong; the pending token is good for another try.
            OneTimeCodeExpired: The challenge's time is over; ask for another.
            OneTimeCodeUsed: The code, or the challenge, was used before.
            OneTimeCodeTooManyAttempts: Wrong codes were tried too often.
            UserMismatch: The challenge belongs to another user.
            PendingTokenInvalid: The pending token is unknown, used or expired: sign in again.
            StepRequired: The sign-in goes on with another proof.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        self._need_secret("authenticate_with_totp")
        grant = contract.TotpGrant(
            code=code,
            authentication_challenge_id=authentication_challenge_id,
            pending_authentication_token=pending_authentication_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return self._sign_in(grant, session=session)

    def authenticate_with_organization_selection(
        self,
        organization_id: str,
        *,
        pending_authentication_token: str,
        client_id: str | None = None,
        session: SealOptions | None = None,
        ip_address: str | None = None,
        user_agent: str | None = None,
    ) -> AuthenticationResponse:
        """Go on after `OrganizationSelectionRequired`, with one of its `organizations`.

        `POST /user_management/authenticate`, contract page 11. The session is bound to
        the organization; `authenticate_with_refresh_token` changes to another.

        Example:
            answer = um.authenticate_with_organization_selection(
                organization.id, pending_authentication_token=pending
            )

        Raises:
            OrganizationIdInvalid: This is no id of an organization.
            OrganizationNotFound: This environment has no such organization.
            OrganizationMembershipNotFound: The user is no active member there.
            PendingTokenInvalid: The pending token is unknown, used or expired: sign in again.
            StepRequired: The organization asks for another proof.
            SsoRequired: The organization asks for its own sign-in.
            ApiKeyRequired: This client is public. Nothing was sent.
            ClientIdRequired: No client id is given, and none is configured. Nothing was sent.
        """
        self._need_secret("authenticate_with_organization_selection")
        grant = contract.OrganizationSelectionGrant(
            organization_id=organization_id,
            pending_authentication_token=pending_authentication_token,
            ip_address=ip_address,
            user_agent=user_agent,
            **self._name_client(client_id),
        )
        return self._sign_in(grant, session=session)
