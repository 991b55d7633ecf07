"""Sign in by a passkey: what the script of the page asks for, and the form that it sends."""

from __future__ import annotations

from gatelodge.contract.errors import AuthenticationMethodNotAllowed, GatelodgeError
from gatelodge.doors.hosted.answering import SIGN_IN
from gatelodge.doors.hosted.arriving import prove
from gatelodge.doors.hosted.rendering import answer_script, go_to
from gatelodge.doors.hosted.sign_in import find_methods, show_again
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication.grants.passkey import PasskeyGrant
from gatelodge.features.authorization.rules import AuthorizationRequest
from gatelodge.features.passkeys import prove as passkeys

# Where the address is settled, so that the passkey has to be its account's.
_SETTLED = ("prove", "code")


def send_options(visit: Visit) -> Response:
    """Give the script a challenge, good for this browser and the sign-in that it is at."""
    request = _find(visit)
    if request is None:
        raise AuthenticationMethodNotAllowed
    return answer_script(visit, passkeys.begin(visit.unit, _name_holder(request)))


def _find(visit: Visit) -> AuthorizationRequest | None:
    """Give the sign-in when a passkey may be used where it is."""
    request = visit.require_sign_in()
    is_at_start = request.flow.screen in ("identify", *_SETTLED)
    return request if is_at_start and "Passkey" in find_methods(visit, request, email=request.flow.email) else None


def _name_holder(request: AuthorizationRequest) -> str:
    return f"sign_in:{request.token_hash.hex()}"


def take_passkey(visit: Visit) -> Response:
    """Take what the passkey has signed."""
    request = _find(visit)
    if request is None:
        return go_to(visit, SIGN_IN)
    flow = request.flow
    grant = PasskeyGrant(
        credential=visit.form.get("credential", ""),
        holder=_name_holder(request),
        email=flow.email if flow.screen in _SETTLED else None,
        invitation_token=request.asked.invitation_token,
    )
    try:
        return prove(visit, grant)
    except GatelodgeError as error:
        return show_again(visit, error)
