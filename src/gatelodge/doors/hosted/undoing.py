"""The page on which the owner of an old address takes the account back."""

from __future__ import annotations

from gatelodge.contract.errors import EmailNotAvailable, GatelodgeError
from gatelodge.contract.password_reset import CreatePasswordReset
from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication.take_back import take_back
from gatelodge.features.email_change.rules import Undo
from gatelodge.features.email_change.undo import find_undo
from gatelodge.features.password_reset import actions as password_reset

_LONGEST_TOKEN = 128


def show_undo(visit: Visit) -> Response:
    """Ask whether the change shall be undone; a scanner that opens the link spends nothing."""
    token = visit.ask("token")[:_LONGEST_TOKEN]
    undo = _settle_in(visit, token)
    return show(visit, "undo_email_change", token=token, old_email=undo.old_email, new_email=undo.new_email)


def _settle_in(visit: Visit, token: str) -> Undo:
    environment_id, undo = find_undo(visit.unit, token)
    visit.stand_for(environment_id)
    return undo


def undo_change(visit: Visit) -> Response:
    """Undo the change, and mail a link to set a new password by."""
    undo = _settle_in(visit, visit.form.get("token", "")[:_LONGEST_TOKEN])
    try:
        user = take_back(visit.unit, undo)
    except EmailNotAvailable:
        return show(visit, "error", status=409, code="old_email_not_available", again=None)
    return show(visit, "email_change_undone", email=user.email, link_sent=_send_link(visit, user.email))


def _send_link(visit: Visit, email: str) -> bool:
    try:
        password_reset.create_password_reset(visit.unit, CreatePasswordReset(email=email))
    except GatelodgeError:
        # Passwords are not in use here, or too much was sent: the account is back all the same.
        return False
    return True
