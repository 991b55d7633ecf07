"""`GET /user_management/authorize`: where an app's sign-in link leads (contract page 12 §1 to §3)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from gatelodge.contract.errors import GatelodgeError, ServiceUnavailable, StepRequired
from gatelodge.doors.hosted.answering import SIGN_IN, SIGN_UP, refuse_app
from gatelodge.doors.hosted.arriving import leave, take_step
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response, answer_json
from gatelodge.doors.inbox import prefers_html
from gatelodge.features.authentication import in_browser, sign_up
from gatelodge.features.authorization import requests
from gatelodge.features.authorization.authorize import (
    AskedWrongly,
    TargetUnknown,
    find_target,
    read_asked,
    read_state,
)
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.authorization.rules import Asked, AuthorizationRequest, Flow
from gatelodge.features.browser_sessions.rules import BrowserSession, is_fresh
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form

_BAD = 400
_FOUND = 302
_MOST_PARAMETERS = 100
_ASKS_AGAIN = frozenset({"create", "login", "select_account"})


def authorize(visit: Visit) -> Response:
    """Begin a sign-in, or complete it at once for whom the browser has signed in before."""
    try:
        parameters = _read_parameters(visit.request.query)
        client, redirect_uri = find_target(visit.unit, parameters)
    except TargetUnknown as fault:
        return _refuse(visit, fault)
    visit.stand_for(client.environment_id, client.id)
    try:
        asked = read_asked(client, redirect_uri, parameters=parameters)
        _require_organization(visit, asked)
    except AskedWrongly as fault:
        state = read_state(parameters)
        told = {"error": fault.error, "error_description": str(fault), "state": state}
        return go_to(visit, write_redirect(redirect_uri, **told), status=_FOUND)
    return begin(visit, asked)


def _require_organization(visit: Visit, asked: Asked) -> None:
    """Refuse an organization that there is not, before its user has signed in for nothing."""
    wanted = asked.organization_id
    if wanted is not None and organizations.find_organization(visit.unit, wanted) is None:
        raise AskedWrongly("organization_invalid", "There is no such organization.")


def _read_parameters(query: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise TargetUnknown("invalid_request", "The parameters of this address cannot be read.") from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _refuse(visit: Visit, fault: TargetUnknown) -> Response:
    accept = visit.request.headers.get("accept", "")
    if not prefers_html(accept):
        response = answer_json(_BAD, {"error": fault.error, "error_description": str(fault)})
        response.headers.append(("cache-control", "no-store"))
        return response
    return show(visit, "error", status=_BAD, code=fault.error, again=None)


def begin(visit: Visit, asked: Asked) -> Response:
    """Store what is asked, in this browser, and go on as far as that needs nobody."""
    session = visit.find_session()
    invited = _find_invited(visit, asked)
    email = _hint(asked) or invited
    request = visit.begin(asked, Flow(email=email))
    # Whoever is invited need not be whoever is signed in here: the invitation is not theirs to spend.
    if session is not None and _may_resume(visit, asked, session=session, email=email):
        answer = _resume(visit, request, session)
        if answer is not None:
            return answer
    if "none" in asked.prompts:
        requests.drop(visit.unit, request)
        return refuse_app(visit, request, error="login_required", message="The user has to sign in.")
    first = asked.screen_hint or ("sign-up" if invited or "create" in asked.prompts else "sign-in")
    return go_to(visit, SIGN_UP if first == "sign-up" else SIGN_IN, status=_FOUND)


def _find_invited(visit: Visit, asked: Asked) -> str | None:
    """Give the address that was invited, as long as the invitation is pending."""
    invitation = sign_up.find_invitation(visit.unit, asked.invitation_token)
    return invitation.email if invitation is not None else None


def _hint(asked: Asked) -> str | None:
    hint = (asked.login_hint or "").strip()
    return hint if find_email_form(hint) else None


def _may_resume(visit: Visit, asked: Asked, *, session: BrowserSession, email: str | None) -> bool:
    if asked.prompts & _ASKS_AGAIN or not is_fresh(session, max_age=asked.max_age, now=visit.unit.now):
        return False
    if email is None:
        return True
    user = users.find_user(visit.unit, session.user_id)
    return user is not None and find_email_form(user.email) == find_email_form(email)


def _resume(visit: Visit, request: AuthorizationRequest, session: BrowserSession) -> Response | None:
    """Sign in by what the browser proved before; None when the pages have to ask from the beginning."""
    try:
        arrived = in_browser.resume(visit.unit, request, session=session)
    except StepRequired as step:
        if "none" in request.asked.prompts:
            requests.drop(visit.unit, request)
            return refuse_app(visit, request, error="interaction_required", message="The sign-in needs the user.")
        return take_step(visit, step)
    except ServiceUnavailable:
        raise
    except GatelodgeError:
        return None
    return leave(visit, request, arrived=arrived)
