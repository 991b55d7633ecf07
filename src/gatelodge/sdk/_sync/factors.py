# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Second factors and their challenges (contract page 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gatelodge.contract import factors as contract
from gatelodge.contract.factors import (
    AuthenticationChallenge,
    AuthenticationFactor,
    AuthenticationFactorEnrolled,
    ChallengeVerified,
    FactorEnrolled,
)
from gatelodge.sdk._sync.calls import Calls

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._sync.paging import PageOf


class Factors(Calls):
    """The methods for second factors."""

    def enroll_auth_factor(
        self,
        user_id: str,
        *,
        type: Literal["totp", "sms"],
        totp_issuer: str | None = None,
        totp_user: str | None = None,
        totp_secret: str | None = None,
        phone_number: str | None = None,
    ) -> FactorEnrolled:
        """Enrol an authenticator app or a telephone for a user, with a first challenge.

        `POST /user_management/users/{user_id}/auth_factors`, contract page 18. The secret,
        its URI and its QR code (a PNG in a data URL) are shown this once. The factor
        counts at sign-ins once a code of it was right. `totp_secret` brings one over from
        elsewhere, in Base32; `phone_number` is in E.164, and a code is sent to it.

        Example:
            enrolled = um.enroll_auth_factor(user.id, type="totp", totp_issuer="Acme", totp_user="ada")

        Raises:
            NotFound: This environment has no such user.
            RequestInvalid: A member does not fit the type, or is malformed.
            RateLimited: Too many codes to one telephone; `retry_after` is in seconds.
        """
        request = contract.EnrollUserFactor(
            user_id=user_id,
            type=type,
            totp_issuer=totp_issuer,
            totp_user=totp_user,
            totp_secret=totp_secret,
            phone_number=phone_number,
        )
        return self._get(contract.ENROLL_AUTH_FACTOR, request, FactorEnrolled)

    def list_auth_factors(
        self,
        user_id: str,
        *,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> PageOf[AuthenticationFactor]:
        """List a user's factors, without secrets, newest first unless `order` says otherwise.

        `GET /user_management/users/{user_id}/auth_factors`, contract page 18. `limit` is 1
        to 100 factors a page; `before` and `after` are ids.

        Example:
            page = um.list_auth_factors(user.id)

        Raises:
            NotFound: This environment has no such user.
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListUserFactors(user_id=user_id, limit=limit, before=before, after=after, order=order)
        return self._get_page(contract.LIST_AUTH_FACTORS, request, AuthenticationFactor)

    def create_auth_factor(
        self,
        type: Literal["totp", "sms"],
        *,
        phone_number: str | None = None,
        totp_issuer: str | None = None,
        totp_user: str | None = None,
        user_id: str | None = None,
    ) -> AuthenticationFactorEnrolled:
        """Enrol a factor by itself, for a user or for none, without a challenge.

        `POST /auth/factors/enroll`, contract page 18. TOTP needs `totp_issuer` and
        `totp_user`, SMS `phone_number` in E.164.

        Example:
            factor = um.create_auth_factor("totp", totp_issuer="Acme", totp_user="ada")

        Raises:
            NotFound: This environment has no such user.
            RequestInvalid: What the type needs is missing, or is malformed.
        """
        request = contract.EnrollFactor(
            type=type, phone_number=phone_number, totp_issuer=totp_issuer, totp_user=totp_user, user_id=user_id
        )
        return self._get(contract.CREATE_AUTH_FACTOR, request, AuthenticationFactorEnrolled)

    def get_auth_factor(self, authentication_factor_id: str) -> AuthenticationFactor:
        """Get a factor, without its secret.

        `GET /auth/factors/{authentication_factor_id}`, contract page 18.

        Example:
            factor = um.get_auth_factor(factor.id)

        Raises:
            NotFound: This environment has no such factor.
        """
        request = contract.FactorId(authentication_factor_id=authentication_factor_id)
        return self._get(contract.GET_AUTH_FACTOR, request, AuthenticationFactor)

    def delete_auth_factor(self, authentication_factor_id: str) -> None:
        """Delete a factor, a user's or one by itself.

        `DELETE /auth/factors/{authentication_factor_id}`, contract page 18.

        Example:
            um.delete_auth_factor(factor.id)

        Raises:
            NotFound: This environment has no such factor. That is also the outcome when a
                first try deleted it, but its answer was lost and the call was repeated.
        """
        request = contract.FactorId(authentication_factor_id=authentication_factor_id)
        self._exchange(contract.DELETE_AUTH_FACTOR, request)

    def challenge_auth_factor(
        self, authentication_factor_id: str, *, sms_template: str | None = None
    ) -> AuthenticationChallenge:
        """Ask a factor for a code; to a telephone one is sent, and the challenge says until when it counts.

        `POST /auth/factors/{authentication_factor_id}/challenge`, contract page 18.
        `sms_template` is the text, with the code in place of `{{code}}`.

        Example:
            challenge = um.challenge_auth_factor(factor.id)

        Raises:
            NotFound: This environment has no such factor.
            RequestInvalid: The template cannot be used.
            RateLimited: Too many codes to one telephone; `retry_after` is in seconds.
        """
        request = contract.ChallengeFactor(authentication_factor_id=authentication_factor_id, sms_template=sms_template)
        return self._get(contract.CHALLENGE_AUTH_FACTOR, request, AuthenticationChallenge)

    def verify_challenge(self, authentication_challenge_id: str, *, code: str) -> ChallengeVerified:
        """Answer a challenge outside of a sign-in; a wrong code is an answer too: `valid` is False.

        `POST /auth/challenges/{authentication_challenge_id}/verify`, contract page 18. The
        first right code confirms a factor that was just enrolled.

        Example:
            verified = um.verify_challenge(challenge.id, code=code)

        Raises:
            ChallengePreviouslyVerified: It was answered rightly before.
            ChallengeExpired: Its time is over.
            OneTimeCodeTooManyAttempts: Wrong codes were tried too often; challenge again.
            NotFound: This environment has no such challenge.
        """
        request = contract.VerifyChallenge(authentication_challenge_id=authentication_challenge_id, code=code)
        return self._get(contract.VERIFY_CHALLENGE, request, ChallengeVerified)
