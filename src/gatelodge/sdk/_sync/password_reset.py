# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Setting a new password by a mailed link (contract page 16)."""

from __future__ import annotations

from gatelodge.contract import password_reset as contract
from gatelodge.contract.password_reset import PasswordReset, ResetPasswordResponse
from gatelodge.sdk._sync.calls import Calls


class PasswordResets(Calls):
    """The methods for password resets."""

    def create_password_reset(self, email: str) -> PasswordReset:
        """Mail a link to set a new password by, and give its token and address.

        `POST /user_management/password_reset`, contract page 16. Don't show your users
        whether it found somebody: that would tell who has an account.

        Example:
            reset = um.create_password_reset(user.email)

        Raises:
            NotFound: No user of this environment has this address.
            PasswordAuthDisabled: Signing in by password is switched off.
            RequestInvalid: The address is malformed.
            RateLimited: Too many mails to one address; `retry_after` is in seconds.
        """
        return self._get(contract.CREATE_PASSWORD_RESET, contract.CreatePasswordReset(email=email), PasswordReset)

    def reset_password(self, token: str, *, new_password: str) -> ResetPasswordResponse:
        """Set a new password by the token of the link. The result's `user` is whose it is.

        `POST /user_management/password_reset/confirm`, contract page 16. The address is
        proved by it, all sessions of the user end, and none begins. A token is good once.

        Example:
            changed = um.reset_password(reset.password_reset_token, new_password=new_password)

        Raises:
            PasswordResetError: The token is used or expired, or the password is too weak;
                `errors` says which.
            NotFound: No such token was ever issued, or it is long gone.
            PasswordAuthDisabled: Signing in by password is switched off.
        """
        request = contract.ResetPassword(token=token, new_password=new_password)
        return self._get(contract.RESET_PASSWORD, request, ResetPasswordResponse)

    def get_password_reset(self, password_reset_id: str) -> PasswordReset:
        """Get a password reset with its token and address, for a mail of your own.

        `GET /user_management/password_reset/{password_reset_id}`, contract page 16.

        Example:
            reset = um.get_password_reset(reset.id)

        Raises:
            NotFound: There is none with this id, or it was swept away after its time.
        """
        request = contract.PasswordResetId(password_reset_id=password_reset_id)
        return self._get(contract.GET_PASSWORD_RESET, request, PasswordReset)
