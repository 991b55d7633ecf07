"""Go on from one step of a sign-in to the next, and from the last to the app."""

from __future__ import annotations

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import (
    EmailVerificationRequired,
    GatelodgeError,
    MfaChallenge,
    MfaEnrollment,
    OrganizationSelectionRequired,
    PendingTokenInvalid,
    StepRequired,
)
from gatelodge.contract.factors import ChallengeFactor
from gatelodge.doors.hosted.answering import SIGN_IN
from gatelodge.doors.hosted.rendering import go_to
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication import in_browser
from gatelodge.features.authentication.in_browser import Arrived
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.authorization.rules import AuthorizationRequest, Choice, Flow
from gatelodge.features.factors import challenge as challenges
from gatelodge.features.factors import enroll

_SHOWN_DIGITS = 2


def prove(visit: Visit, grant: Grant) -> Response:
    """Carry the sign-in on by a grant, and send the browser to whatever comes next.

    Raises:
        GatelodgeError: The grant proves nothing, or the sign-in is refused.
    """
    request = visit.require_sign_in()
    try:
        arrived = in_browser.sign_in(visit.unit, request, grant=grant, earlier=visit.find_session())
    except StepRequired as step:
        return take_step(visit, step)
    except PendingTokenInvalid:
        # Its time is over, or another tab went on with it: begin again, with the address kept.
        visit.move(Flow(email=request.flow.email))
        raise
    return leave(visit, request, arrived=arrived)


def leave(visit: Visit, request: AuthorizationRequest, *, arrived: Arrived) -> Response:
    """Send the browser back to the app with its code, signed in here as well."""
    if arrived.session_token is not None:
        visit.keep_session(arrived.session_token)
    asked = request.asked
    if asked.redirect_uri is None or arrived.code is None:
        return go_to(visit, asked.returns_to or "/")
    return go_to(visit, write_redirect(asked.redirect_uri, code=arrived.code, state=asked.state))


def take_step(visit: Visit, step: StepRequired) -> Response:
    """Store the screen that asks for the missing step, and go there."""
    visit.move(_screen_of(visit, step))
    return go_to(visit, SIGN_IN)


def _screen_of(visit: Visit, step: StepRequired) -> Flow:
    token = str(step.details.get("pending_authentication_token", ""))
    email = visit.require_sign_in().flow.email
    match step:
        case EmailVerificationRequired():
            return Flow(screen="verify_email", email=step.email, pending_token=token)
        case MfaEnrollment():
            return Flow(screen="enroll", email=step.user.email, pending_token=token)
        case MfaChallenge():
            # An app costs nobody anything and works without a network, so it is asked first.
            factors = sorted(step.authentication_factors, key=lambda factor: factor.type != "totp")
            choices = tuple(Choice(id=factor.id, name=factor.type) for factor in factors)
            flow = Flow(screen="challenge", email=step.user.email, pending_token=token, choices=choices)
            return ask_factor(visit, flow, factor_id=choices[0].id)
        case OrganizationSelectionRequired():
            choices = tuple(Choice(id=each.id, name=each.name) for each in step.organizations)
            return Flow(screen="organization", email=step.user.email, pending_token=token, choices=choices)
        case _:
            return Flow(email=email)


def ask_factor(visit: Visit, flow: Flow, *, factor_id: str) -> Flow:
    """Challenge one of the factors that the sign-in may be answered with; an SMS leaves.

    Raises:
        RateLimited: Too many codes were sent to this telephone.
    """
    factor = enroll.require_factor(visit.unit, factor_id)
    asked = challenges.challenge_factor(visit.unit, ChallengeFactor(authentication_factor_id=factor_id))
    return Flow(
        screen="challenge",
        email=flow.email,
        pending_token=flow.pending_token,
        choices=flow.choices,
        factor_id=factor_id,
        challenge_id=asked.id,
        phone_hint=(factor.phone_number or "")[-_SHOWN_DIGITS:] or None,
    )


def is_wrong(error: GatelodgeError) -> bool:
    """Tell whether a form may be shown again with what was wrong in it, rather than a page of its own."""
    return error.status in (400, 403, 422, 429)
