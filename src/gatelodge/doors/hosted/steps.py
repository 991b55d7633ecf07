"""The steps after the first proof: verify the address, answer or enrol a second factor, choose an organization."""

from __future__ import annotations

from msgspec import structs

from gatelodge.contract.authentication import EmailVerificationGrant, OrganizationSelectionGrant, TotpGrant
from gatelodge.contract.email_verification import SendVerificationEmail
from gatelodge.contract.errors import (
    EmailAlreadyVerified,
    GatelodgeError,
    PendingTokenInvalid,
    RequestInvalid,
)
from gatelodge.doors.hosted.answering import SIGN_IN, status_of
from gatelodge.doors.hosted.arriving import ask_factor, is_wrong, prove
from gatelodge.doors.hosted.recovering import may_recover
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication import pending, sign_up
from gatelodge.features.authentication.rules import PENDING_TTL
from gatelodge.features.authorization import requests
from gatelodge.features.authorization.rules import AuthorizationRequest, Flow, Screen
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.factors.rules import draw_qr
from gatelodge.features.users import notices

_LONGEST_NUMBER = 32


def show_step(visit: Visit, flow: Flow, *, fault: str | None = None, status: int = 200) -> Response:
    """Show the step that the sign-in is at."""
    picture = draw_qr(flow.uri) if flow.screen == "enroll_totp" and flow.uri else None
    by_sms = next((choice.name == "sms" for choice in flow.choices if choice.id == flow.factor_id), flow.secret is None)
    recoverable = may_recover(visit, flow)
    return show(
        visit,
        flow.screen,
        status=status,
        fault=fault,
        flow=flow,
        picture=picture,
        by_sms=by_sms,
        recoverable=recoverable,
    )


def _at(visit: Visit, *screens: Screen) -> AuthorizationRequest | None:
    """Give the sign-in when it is at one of these screens; a form of another is out of turn."""
    request = visit.require_sign_in()
    return request if request.flow.screen in screens else None


def _again(visit: Visit, error: GatelodgeError) -> Response:
    flow = visit.require_sign_in().flow
    if not is_wrong(error) or flow.screen == "identify":
        raise error
    return show_step(visit, flow, fault=error.code, status=status_of(error))


def _read_code(visit: Visit) -> str:
    return visit.field("code", 32).replace(" ", "").replace("-", "")


def verify_email(visit: Visit) -> Response:
    """Take the code that proves the address."""
    request = _at(visit, "verify_email")
    if request is None:
        return go_to(visit, SIGN_IN)
    flow = request.flow
    try:
        if flow.pending_token is None:
            return _try_in_vain(visit, flow)
        return prove(
            visit, EmailVerificationGrant(code=_read_code(visit), pending_authentication_token=flow.pending_token)
        )
    except GatelodgeError as error:
        return _again(visit, error)


def _try_in_vain(visit: Visit, flow: Flow) -> Response:
    """Answer as if a code had been mailed: the address has an account, which whoever asks must not learn."""
    _require_in_time(visit, flow)
    visit.move(structs.replace(flow, tries=flow.tries + 1))
    raise requests.judge_feigned(visit.unit, flow)


def _require_in_time(visit: Visit, flow: Flow) -> None:
    if flow.feigned_since is not None and flow.feigned_since + PENDING_TTL <= visit.unit.now:
        visit.move(Flow(email=flow.email))
        raise PendingTokenInvalid


def resend_email(visit: Visit) -> Response:
    """Mail another code."""
    request = _at(visit, "verify_email")
    if request is None:
        return go_to(visit, SIGN_IN)
    flow = request.flow
    try:
        if flow.pending_token is None:
            _require_in_time(visit, flow)
            notices.tell_account_exists(visit.unit, flow.email or "", link=None)
            visit.move(structs.replace(flow, feigned_at=visit.unit.now, tries=0))
        else:
            _, user = pending.require_pending(visit.unit, flow.pending_token)
            email_verification.send_verification_email(visit.unit, SendVerificationEmail(user_id=user.id))
    except EmailAlreadyVerified:
        visit.move(Flow(email=flow.email))
    except PendingTokenInvalid:
        visit.move(Flow(email=flow.email))
        raise
    except GatelodgeError as error:
        return _again(visit, error)
    return go_to(visit, SIGN_IN)


def answer_factor(visit: Visit) -> Response:
    """Take the code of the second factor, or of one that is just being enrolled."""
    request = _at(visit, "challenge", "enroll_totp")
    if request is None or request.flow.challenge_id is None:
        return go_to(visit, SIGN_IN)
    grant = TotpGrant(
        code=_read_code(visit),
        pending_authentication_token=request.flow.pending_token or "",
        authentication_challenge_id=request.flow.challenge_id,
    )
    try:
        return prove(visit, grant)
    except GatelodgeError as error:
        return _again(visit, error)


def choose_factor(visit: Visit) -> Response:
    """Ask another factor, or send another code to this one."""
    request = _at(visit, "challenge")
    factor_id = visit.field("factor_id", 64)
    if request is None or factor_id not in {choice.id for choice in request.flow.choices}:
        return go_to(visit, SIGN_IN)
    try:
        visit.move(ask_factor(visit, request.flow, factor_id=factor_id))
    except GatelodgeError as error:
        return _again(visit, error)
    return go_to(visit, SIGN_IN)


def enroll_factor(visit: Visit) -> Response:
    """Enrol an app or a telephone; it counts once its first code was right."""
    request = _at(visit, "enroll", "enroll_totp", "challenge")
    if request is None or request.flow.pending_token is None:
        return go_to(visit, SIGN_IN)
    flow = request.flow
    if visit.field("method", 16) == "start":
        visit.move(Flow(screen="enroll", email=flow.email, pending_token=flow.pending_token))
        return go_to(visit, SIGN_IN)
    by_sms = visit.field("method", 16) == "sms"
    number = visit.field("phone_number", _LONGEST_NUMBER) if by_sms else None
    try:
        enrolled = sign_up.enroll_required(visit.unit, flow.pending_token or "", phone_number=number)
    except RequestInvalid:
        return show_step(visit, flow, fault="invalid_phone_number", status=400)
    except GatelodgeError as error:
        return _again(visit, error)
    totp = enrolled.authentication_factor.totp
    visit.move(
        Flow(
            screen="enroll_totp" if totp else "challenge",
            email=flow.email,
            pending_token=flow.pending_token,
            factor_id=enrolled.authentication_factor.id,
            challenge_id=enrolled.authentication_challenge.id,
            secret=totp.secret if totp else None,
            uri=totp.uri if totp else None,
            phone_hint=None if totp else (number or "")[-2:],
        )
    )
    return go_to(visit, SIGN_IN)


def choose_organization(visit: Visit) -> Response:
    """Take the organization to go on with."""
    request = _at(visit, "organization")
    chosen = visit.field("organization_id", 64)
    if request is None or chosen not in {choice.id for choice in request.flow.choices}:
        return go_to(visit, SIGN_IN)
    token = request.flow.pending_token or ""
    try:
        return prove(visit, OrganizationSelectionGrant(pending_authentication_token=token, organization_id=chosen))
    except GatelodgeError as error:
        return _again(visit, error)
