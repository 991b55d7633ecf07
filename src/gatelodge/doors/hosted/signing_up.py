"""The sign-up page."""

from __future__ import annotations

from gatelodge.contract.errors import GatelodgeError, PasswordStrengthError, RequestInvalid, StepRequired
from gatelodge.doors.hosted.answering import SIGN_IN, status_of
from gatelodge.doors.hosted.arriving import is_wrong, leave, take_step
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication import sign_up
from gatelodge.features.authorization.rules import Flow

_LONGEST_PASSWORD = 1024
_LONGEST_EMAIL = 254
_LONGEST_NAME = 100


def show_sign_up(visit: Visit) -> Response:
    """Show the form for a new account, or say that there are none to be had here."""
    request = visit.require_sign_in()
    invitation = sign_up.find_invitation(visit.unit, request.asked.invitation_token)
    email = request.flow.email or (invitation.email if invitation else None)
    return _show(visit, email=email)


def _show(visit: Visit, *, email: str | None, fault: str | None = None, status: int = 200) -> Response:
    request = visit.require_sign_in()
    policy = applications.find_policy(visit.unit)
    if not sign_up.may_sign_up(visit.unit, request):
        return show(visit, "error", status=403, code="sign_up_not_allowed", again=SIGN_IN)
    names = {
        name: visit.field(name, _LONGEST_NAME) if visit.request.body else "" for name in ("first_name", "last_name")
    }
    return show(visit, "sign_up", status=status, fault=fault, email=email, names=names, by_password=policy.password)


def take_sign_up(visit: Visit) -> Response:
    """Make the account, and go on to prove its address; whether the address had one already is not told."""
    request = visit.require_sign_in()
    email = visit.field("email", _LONGEST_EMAIL)
    wanted = sign_up.SignUp(
        email=email,
        password=visit.form.get("password", "")[:_LONGEST_PASSWORD],
        first_name=visit.field("first_name", _LONGEST_NAME) or None,
        last_name=visit.field("last_name", _LONGEST_NAME) or None,
    )
    try:
        arrived = sign_up.sign_up(visit.unit, request, wanted=wanted)
    except sign_up.AddressTaken:
        now = visit.unit.now
        visit.move(Flow(screen="verify_email", email=email, feigned_at=now, feigned_since=now))
        return go_to(visit, SIGN_IN)
    except RequestInvalid:
        return _show(visit, email=email, fault="invalid_email", status=400)
    except PasswordStrengthError as error:
        return _show(visit, email=email, fault=_first_fault(error), status=400)
    except StepRequired as step:
        return take_step(visit, step)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show(visit, email=email, fault=error.code, status=status_of(error))
    return leave(visit, request, arrived=arrived)


def _first_fault(error: PasswordStrengthError) -> str:
    faults = getattr(error, "errors", None) or []
    return str(faults[0].code) if faults else error.code
