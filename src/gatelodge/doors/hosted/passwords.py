"""Forgotten passwords: ask for a link, and set a new password by it."""

from __future__ import annotations

from gatelodge.contract.errors import GatelodgeError, NotFound, PasswordResetError, PasswordResetNotAllowed
from gatelodge.contract.password_reset import CreatePasswordReset, ResetPassword
from gatelodge.doors.hosted.answering import SIGN_IN, status_of
from gatelodge.doors.hosted.arriving import is_wrong
from gatelodge.doors.hosted.rendering import show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.password_reset import actions as password_reset

_LONGEST_EMAIL = 254
_LONGEST_PASSWORD = 1024
_LONGEST_TOKEN = 128


def show_forgot(visit: Visit) -> Response:
    """Ask for the address to send a link to."""
    request = visit.require_sign_in()
    return show(visit, "forgot_password", email=request.flow.email)


def send_link(visit: Visit) -> Response:
    """Send a link if the address has an account; the page says the same either way."""
    visit.require_sign_in()
    email = visit.field("email", _LONGEST_EMAIL)
    try:
        password_reset.create_password_reset(visit.unit, CreatePasswordReset(email=email))
    except (NotFound, PasswordResetNotAllowed):
        # Whoever asks must not learn of it, not by a stop-watch either.
        password_reset.feign_password_reset(visit.unit)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        fault = "invalid_email" if error.code == "invalid_request_parameters" else error.code
        return show(visit, "forgot_password", status=status_of(error), fault=fault, email=email)
    return show(visit, "link_sent", email=email)


def show_reset(visit: Visit) -> Response:
    """Ask for a new password, as long as the link is good; a scanner that opens it spends nothing."""
    token = visit.ask("token")[:_LONGEST_TOKEN]
    reset = password_reset.check_token(_settle_in(visit, token).unit, token)
    return show(visit, "reset_password", token=token, email=reset.email)


def _settle_in(visit: Visit, token: str) -> Visit:
    environment_id = password_reset.find_environment(visit.unit, token)
    if environment_id is None:
        raise NotFound("Password reset not found.", entity_id="")
    again = visit.sign_in
    visit.stand_for(environment_id, again.asked.client_id if again and again.environment_id == environment_id else None)
    return visit


def set_password(visit: Visit) -> Response:
    """Set the new password; it signs nobody in, so that no second factor is passed by."""
    token = visit.form.get("token", "")[:_LONGEST_TOKEN]
    reset = password_reset.check_token(_settle_in(visit, token).unit, token)
    asked = ResetPassword(token=token, new_password=visit.form.get("password", "")[:_LONGEST_PASSWORD])
    try:
        password_reset.reset_password(visit.unit, asked)
    except PasswordResetError as error:
        faults = getattr(error, "errors", None) or []
        code = str(faults[0].code) if faults else error.code
        if code.startswith("password_reset_token"):
            return show(visit, "error", status=400, code=code, again=None)
        return show(visit, "reset_password", status=400, fault=code, token=token, email=reset.email)
    return show(visit, "password_set", again=SIGN_IN if visit.sign_in is not None else None)
