"""The sign-in page: the address first, then a password or a mailed code."""

from __future__ import annotations

from msgspec import structs

from gatelodge.contract.authentication import MagicAuthGrant, PasswordGrant
from gatelodge.contract.errors import EmailInvalid, GatelodgeError, OneTimeCodeInvalid, SignUpNotAllowed
from gatelodge.contract.magic_auth import CreateMagicAuth
from gatelodge.doors.hosted import steps
from gatelodge.doors.hosted.answering import SIGN_IN, refuse_app, status_of
from gatelodge.doors.hosted.arriving import is_wrong, prove
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import allows_method
from gatelodge.features.authentication import demands, sign_up
from gatelodge.features.authorization import requests
from gatelodge.features.authorization.rules import AuthorizationRequest, Flow
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.passkeys import prove as passkeys
from gatelodge.features.users.rules import find_email_form

_LONGEST_PASSWORD = 1024
_LONGEST_EMAIL = 254


def show_sign_in(visit: Visit) -> Response:
    """Show the screen that this browser's sign-in is at."""
    visit.require_sign_in()
    return _show_screen(visit)


def _show_screen(visit: Visit, error: GatelodgeError | None = None) -> Response:
    request = visit.require_sign_in()
    flow = request.flow
    fault = error.code if error is not None else None
    status = 200 if error is None else status_of(error)
    if flow.screen in ("identify", "prove", "code"):
        methods = find_methods(visit, request, email=flow.email)
        may_sign_up = sign_up.may_sign_up(visit.unit, request)
        return show(
            visit,
            flow.screen,
            status=status,
            fault=fault,
            flow=flow,
            methods=methods,
            has_scripts="Passkey" in methods and flow.screen != "code",
            may_sign_up=may_sign_up,
            # A page of ours asks for it only where somebody signed in already has to prove it again.
            again=request.asked.returns_to is not None and "login" in request.asked.prompts,
        )
    return steps.show_step(visit, flow, fault=fault, status=status)


def find_methods(visit: Visit, request: AuthorizationRequest, *, email: str | None) -> frozenset[str]:
    """Tell how whoever has this address may sign in: by policy and domain, whether or not there is an account."""
    policy = applications.find_policy(visit.unit)
    methods = frozenset(name for name in ("Password", "MagicAuth", "SSO") if allows_method(policy, name))
    if passkeys.is_offered(visit.unit) and allows_method(policy, "Passkey"):
        methods |= {"Passkey"}
    narrowed = demands.find_methods(visit.unit, email or "", organization_id=request.asked.organization_id)
    return methods - {"SSO"} if narrowed is None else methods & narrowed


def take_email(visit: Visit) -> Response:
    """Take the address, and go on with what may prove it."""
    request = visit.require_sign_in()
    email = visit.field("email", _LONGEST_EMAIL)
    if find_email_form(email) is None:
        visit.move(Flow(email=email or None))
        return _show_screen(visit, EmailInvalid())
    methods = find_methods(visit, request, email=email)
    visit.move(Flow(screen="prove", email=email))
    if methods - {"Passkey"} == {"MagicAuth"}:
        # Whoever has a passkey could have used it on the page that this form was on.
        return send_code(visit)
    return go_to(visit, SIGN_IN)


def take_password(visit: Visit) -> Response:
    """Take the password to the address that was given before."""
    request = _keep_shown(visit)
    if request.flow.email is None or request.flow.screen not in ("prove", "code"):
        return go_to(visit, SIGN_IN)
    grant = PasswordGrant(
        email=request.flow.email,
        password=visit.form.get("password", "")[:_LONGEST_PASSWORD],
        invitation_token=request.asked.invitation_token,
    )
    try:
        return prove(visit, grant)
    except GatelodgeError as error:
        return show_again(visit, error)


def _keep_shown(visit: Visit) -> AuthorizationRequest:
    """Go on with the address that the form showed, where another tab has begun a sign-in since."""
    request = visit.require_sign_in()
    email = visit.field("username", _LONGEST_EMAIL)
    is_early = request.flow.screen in ("identify", "prove", "code")
    if not is_early or email == request.flow.email or find_email_form(email) is None:
        return request
    return visit.move(Flow(screen="prove", email=email))


def show_again(visit: Visit, error: GatelodgeError) -> Response:
    """Show the screen again with what was wrong on it; raise what no screen can tell."""
    if not is_wrong(error):
        raise error
    return _show_screen(visit, error)


def send_code(visit: Visit) -> Response:
    """Mail a code to the address; whether it has an account is not told."""
    request = visit.require_sign_in()
    email = request.flow.email
    if email is None or request.flow.screen not in ("prove", "code"):
        return go_to(visit, SIGN_IN)
    asked = CreateMagicAuth(email=email, invitation_token=request.asked.invitation_token)
    feigned_at = None
    try:
        magic_auth.create_magic_auth(visit.unit, asked)
    except SignUpNotAllowed:
        # There is no account, and there will be none: the page goes on as if there were.
        feigned_at = visit.unit.now
        magic_auth.feign_magic_auth(visit.unit)
    except GatelodgeError as error:
        return show_again(visit, error)
    visit.move(Flow(screen="code", email=email, feigned_at=feigned_at))
    return go_to(visit, SIGN_IN)


def take_code(visit: Visit) -> Response:
    """Take the code that was mailed."""
    request = visit.require_sign_in()
    if request.flow.screen != "code" or request.flow.email is None:
        return go_to(visit, SIGN_IN)
    grant = MagicAuthGrant(
        code=read_code(visit), email=request.flow.email, invitation_token=request.asked.invitation_token
    )
    try:
        return prove(visit, grant)
    except OneTimeCodeInvalid as error:
        flow = request.flow
        if flow.feigned_at is None:
            return show_again(visit, error)
        visit.move(structs.replace(flow, tries=flow.tries + 1))
        return show_again(visit, requests.judge_feigned(visit.unit, flow))
    except GatelodgeError as error:
        return show_again(visit, error)


def read_code(visit: Visit) -> str:
    """Give the code of the form, however it was spaced."""
    return visit.field("code", 32).replace(" ", "").replace("-", "")


def start_over(visit: Visit) -> Response:
    """Begin again with another address."""
    visit.require_sign_in()
    visit.move(Flow())
    return go_to(visit, SIGN_IN)


def give_up(visit: Visit) -> Response:
    """Go back to the app without signing in."""
    request = visit.require_sign_in()
    requests.drop(visit.unit, request)
    return refuse_app(visit, request, error="access_denied", message="The user did not sign in.")
