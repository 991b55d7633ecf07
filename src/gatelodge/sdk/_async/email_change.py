"""Changes of address that the new address confirms (contract page 24 §6)."""

from __future__ import annotations

from gatelodge.contract import email_change as contract
from gatelodge.contract.email_change import EmailChange, EmailChangeConfirmation
from gatelodge.sdk._async.calls import AsyncCalls


class AsyncEmailChanges(AsyncCalls):
    """The methods for changes of address."""

    async def send_email_change(self, user_id: str, *, new_email: str) -> EmailChange:
        """Mail a code to the address that a user wants to change to; nothing changes yet.

        `POST /user_management/users/{user_id}/email_change/send`, contract page 24 §6.

        Example:
            change = await um.send_email_change(user.id, new_email="countess@example.com")

        Raises:
            EmailChangeNotNeeded: The user has this address already.
            NewEmailNotAvailable: Another user has this address.
            NewEmailInvalid: The address is malformed.
            NotFound: This environment has no such user.
            RateLimited: Too many mails; `retry_after` is in seconds.
        """
        request = contract.SendEmailChange(user_id=user_id, new_email=new_email)
        return await self._get(contract.SEND_EMAIL_CHANGE, request, EmailChange)

    async def confirm_email_change(self, user_id: str, *, code: str) -> EmailChangeConfirmation:
        """Change a user's address by the code. The result's `user` has the new address, proved.

        `POST /user_management/users/{user_id}/email_change/confirm`, contract page 24 §6.

        Example:
            confirmed = await um.confirm_email_change(user.id, code=code)

        Raises:
            EmailChangeCodeIncorrect: The code is wrong.
            EmailChangeCodeExpired: Its time is over.
            EmailChangeCodeUsed: It was used before.
            EmailChangeTooManyAttempts: Wrong codes were tried too often; send another.
            NoPendingEmailChange: No change was asked for.
            NewEmailNotAvailable: Another user has taken the address meanwhile.
            NotFound: This environment has no such user.
        """
        request = contract.ConfirmEmailChange(user_id=user_id, code=code)
        return await self._get(contract.CONFIRM_EMAIL_CHANGE, request, EmailChangeConfirmation)
