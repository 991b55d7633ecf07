"""The second factor is lost: go on with a recovery code."""

from __future__ import annotations

from gatelodge.contract.errors import GatelodgeError, PendingTokenInvalid
from gatelodge.doors.hosted.answering import SIGN_IN, status_of
from gatelodge.doors.hosted.arriving import is_wrong, prove
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.grants.recovery_code import RecoveryCodeGrant
from gatelodge.features.authorization.rules import Flow
from gatelodge.features.factors import recovery

RECOVER = "/sign-in/recover"
_LONGEST_CODE = 64


def may_recover(visit: Visit, flow: Flow) -> bool:
    """Tell whether the sign-in under way may go on with a recovery code."""
    if flow.screen != "challenge" or not flow.choices or flow.pending_token is None:
        return False
    try:
        _, user = pending.require_pending(visit.unit, flow.pending_token)
    except PendingTokenInvalid:
        return False
    return recovery.count_codes(visit.unit, user.id).left > 0


def show_recover(visit: Visit) -> Response:
    """Ask for a recovery code."""
    return _show(visit)


def _show(visit: Visit, *, fault: str | None = None, status: int = 200) -> Response:
    if visit.require_sign_in().flow.screen != "challenge":
        return go_to(visit, SIGN_IN)
    return show(visit, "recover", fault=fault, status=status)


def take_code(visit: Visit) -> Response:
    """Take the recovery code in place of the second factor's."""
    flow = visit.require_sign_in().flow
    if flow.screen != "challenge" or flow.pending_token is None or not flow.choices:
        return go_to(visit, SIGN_IN)
    grant = RecoveryCodeGrant(
        code=visit.field("recovery_code", _LONGEST_CODE), pending_authentication_token=flow.pending_token
    )
    try:
        return prove(visit, grant)
    except PendingTokenInvalid:
        raise
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show(visit, fault=_name(error), status=status_of(error))


def _name(error: GatelodgeError) -> str:
    codes = {"invalid_one_time_code": "recovery_code_wrong", "one_time_code_previously_used": "recovery_code_used"}
    return codes.get(error.code, error.code)
