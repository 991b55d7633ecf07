"""The page on which a user confirms a change of address by the code that was mailed to the new one."""

from __future__ import annotations

from gatelodge.contract.email_change import ConfirmEmailChange
from gatelodge.contract.errors import GatelodgeError
from gatelodge.doors.hosted.answering import status_of
from gatelodge.doors.hosted.arriving import is_wrong
from gatelodge.doors.hosted.authorize import begin
from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.authorization.rules import Asked
from gatelodge.features.email_change import actions as email_change

CONFIRM = "/confirm-email-change"
_LONGEST_ID = 128


def show_confirm(visit: Visit) -> Response:
    """Ask for the code; whoever is not signed in here signs in first."""
    client_id = _settle_in(visit)
    if client_id is None:
        return show(visit, "error", status=400, code="invalid_client", again=None)
    if visit.find_session() is None:
        return begin(visit, Asked(client_id=client_id, returns_to=write_redirect(CONFIRM, client_id=client_id)))
    return show(visit, "email_change", client_id=client_id)


def _settle_in(visit: Visit) -> str | None:
    client_id = visit.ask("client_id")[:_LONGEST_ID] or visit.field("client_id", _LONGEST_ID)
    client = applications.find_client(visit.unit, client_id)
    if client is None:
        return None
    visit.stand_for(client.environment_id, client.id)
    return client.id


def confirm(visit: Visit) -> Response:
    """Change the address of whoever is signed in here."""
    client_id = _settle_in(visit)
    session = visit.find_session() if client_id is not None else None
    if client_id is None or session is None:
        return show(visit, "error", status=400, code="form_refused", again=None)
    code = visit.field("code", 32).replace(" ", "").replace("-", "")
    try:
        changed = email_change.confirm_email_change(visit.unit, ConfirmEmailChange(user_id=session.user_id, code=code))
    except GatelodgeError as error:
        if not is_wrong(error) and error.status != 409:  # noqa: PLR2004  # somebody took the address meanwhile
            raise
        return show(visit, "email_change", status=status_of(error), fault=error.code, client_id=client_id)
    return show(visit, "email_changed", email=changed.user.email)
