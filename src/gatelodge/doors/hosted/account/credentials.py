"""The pages on which users change their password and their address."""

from __future__ import annotations

from gatelodge.contract.email_change import SendEmailChange
from gatelodge.contract.errors import GatelodgeError, InvalidCredentials, PasswordStrengthError
from gatelodge.contract.password_reset import CreatePasswordReset
from gatelodge.doors.hosted.account.access import ACCOUNT, Account, come_back
from gatelodge.doors.hosted.answering import status_of
from gatelodge.doors.hosted.arriving import is_wrong
from gatelodge.doors.hosted.email_change import CONFIRM
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.password_reset import actions as password_reset
from gatelodge.features.password_reset import change
from gatelodge.features.passwords import actions as passwords

PASSWORD = "/account/password"
EMAIL = "/account/email"
_LONGEST_PASSWORD = 1024
_LONGEST_EMAIL = 254
_CONFLICT = 409


def show_password(visit: Visit, account: Account) -> Response:
    """Ask for the password there is and the one to be."""
    return _show_password(visit, account)


def _show_password(visit: Visit, account: Account, *, fault: str | None = None, status: int = 200) -> Response:
    has_password = passwords.has_password(visit.unit, account.user.id)
    return show(
        visit, "account_password", fault=fault, status=status, email=account.user.email, has_password=has_password
    )


def set_password(visit: Visit, account: Account) -> Response:
    """Set the new password; every other browser and app is signed out."""
    current = visit.form.get("current", "")[:_LONGEST_PASSWORD]
    wanted = visit.form.get("password", "")[:_LONGEST_PASSWORD]
    try:
        change.change_password(visit.unit, account.session, current=current, new=wanted)
    except PasswordStrengthError as error:
        faults = getattr(error, "errors", None) or []
        code = str(faults[0].code) if faults else error.code
        return _show_password(visit, account, fault=code, status=400)
    except InvalidCredentials:
        return _show_password(visit, account, fault="current_password_wrong", status=400)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show_password(visit, account, fault=error.code, status=status_of(error))
    return come_back(visit, ACCOUNT, done="password")


def send_link(visit: Visit, account: Account) -> Response:
    """Mail a link to set a new password by, for whoever does not know the one there is."""
    try:
        password_reset.create_password_reset(visit.unit, CreatePasswordReset(email=account.user.email))
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show_password(visit, account, fault=error.code, status=status_of(error))
    return come_back(visit, ACCOUNT, done="link")


def show_email(visit: Visit, account: Account) -> Response:
    """Ask for the new address."""
    return show(visit, "account_email", email=account.user.email, typed="")


def ask_email(visit: Visit, account: Account) -> Response:
    """Mail a code to the new address; whether somebody has it already is not told."""
    typed = visit.field("email", _LONGEST_EMAIL)
    asked = SendEmailChange(user_id=account.user.id, new_email=typed)
    try:
        email_change.ask_email_change(visit.unit, asked)
    except GatelodgeError as error:
        if not is_wrong(error) and error.status != _CONFLICT:
            raise
        status = status_of(error)
        return show(visit, "account_email", fault=error.code, status=status, email=account.user.email, typed=typed)
    return go_to(visit, write_redirect(CONFIRM, client_id=account.client_id))
