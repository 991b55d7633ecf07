# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Proving addresses by mailed codes (contract page 15)."""

from __future__ import annotations

from gatelodge.contract import email_verification as contract
from gatelodge.contract.email_verification import EmailVerification, SendVerificationEmailResponse, VerifyEmailResponse
from gatelodge.sdk._sync.calls import Calls


class EmailVerifications(Calls):
    """The methods for proving addresses."""

    def send_verification_email(self, user_id: str) -> SendVerificationEmailResponse:
        """Mail a new code to a user; older codes lapse. The result's `user` is who it went to.

        `POST /user_management/users/{user_id}/email_verification/send`, contract page 15.

        Example:
            sent = um.send_verification_email(newcomer.id)

        Raises:
            EmailAlreadyVerified: There is nothing to prove.
            NotFound: This environment has no such user.
            RateLimited: Too many mails to one user; `retry_after` is in seconds.
        """
        request = contract.SendVerificationEmail(user_id=user_id)
        return self._get(contract.SEND_VERIFICATION_EMAIL, request, SendVerificationEmailResponse)

    def verify_email(self, user_id: str, *, code: str) -> VerifyEmailResponse:
        """Prove a user's address by the code; no session begins. The result's `user` is verified.

        `POST /user_management/users/{user_id}/email_verification/confirm`, contract page 15.

        Example:
            verified = um.verify_email(newcomer.id, code=code)

        Raises:
            VerificationCodeIncorrect: The code is wrong.
            VerificationCodeExpired: Its time is over.
            VerificationCodeUsed: It was used before.
            EmailPreviouslyVerified: The address was proved before, by another code or way.
            NotFound: This environment has no such user.
        """
        request = contract.VerifyEmail(user_id=user_id, code=code)
        return self._get(contract.VERIFY_EMAIL, request, VerifyEmailResponse)

    def get_email_verification(self, email_verification_id: str) -> EmailVerification:
        """Get an e-mail verification with its code, for a mail of your own.

        `GET /user_management/email_verification/{email_verification_id}`, contract page 15.
        The id comes with `EmailVerificationRequired` or with the event.

        Example:
            verification = um.get_email_verification(verification.id)

        Raises:
            NotFound: There is none with this id, or it was swept away after its time.
        """
        request = contract.EmailVerificationId(email_verification_id=email_verification_id)
        return self._get(contract.GET_EMAIL_VERIFICATION, request, EmailVerification)
