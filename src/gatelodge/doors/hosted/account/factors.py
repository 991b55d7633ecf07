"""The pages on which users add and remove second factors, and get recovery codes."""

from __future__ import annotations

from gatelodge.contract.errors import (
    ChallengeExpired,
    ChallengePreviouslyVerified,
    GatelodgeError,
    OneTimeCodeInvalid,
    RequestInvalid,
)
from gatelodge.contract.factors import ChallengeFactor, FactorId, VerifyChallenge
from gatelodge.doors.hosted.account.access import Account, come_back, read_done
from gatelodge.doors.hosted.answering import status_of
from gatelodge.doors.hosted.arriving import is_wrong
from gatelodge.doors.hosted.rendering import go_to, show
from gatelodge.doors.hosted.visit import Visit
from gatelodge.doors.http import Response
from gatelodge.features.authentication import sign_up
from gatelodge.features.authorization.redirects import write_redirect
from gatelodge.features.factors import challenge as challenges
from gatelodge.features.factors import enroll, recovery
from gatelodge.features.factors.rules import Challenge, Factor, draw_qr

FACTORS = "/account/factors"
CONFIRM = "/account/factors/confirm"
RECOVERY = "/account/recovery-codes"
_LONGEST_NUMBER = 32
_LONGEST_ID = 64
_SHOWN_DIGITS = 2


def show_factors(visit: Visit, account: Account) -> Response:
    """List the factors, and offer to add one."""
    return _show_factors(visit, account)


def _show_factors(visit: Visit, account: Account, *, fault: str | None = None, status: int = 200) -> Response:
    factors = [
        {
            "id": factor.id,
            "type": factor.type,
            "hint": (factor.phone_number or "")[-_SHOWN_DIGITS:],
            "at": factor.created_at,
        }
        for factor in enroll.list_verified(visit.unit, account.user.id)
    ]
    codes = recovery.count_codes(visit.unit, account.user.id)
    return show(
        visit, "account_factors", fault=fault, status=status, done=read_done(visit), factors=factors, codes=codes
    )


def add_factor(visit: Visit, account: Account) -> Response:
    """Begin to enrol an app or a telephone; it counts once its first code was right."""
    number = visit.field("phone_number", _LONGEST_NUMBER) if visit.field("method", 8) == "sms" else None
    try:
        enrolled = sign_up.enroll_another(visit.unit, account.user, phone_number=number)
    except RequestInvalid:
        return _show_factors(visit, account, fault="invalid_phone_number", status=400)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show_factors(visit, account, fault=error.code, status=status_of(error))
    return go_to(visit, write_redirect(CONFIRM, challenge_id=enrolled.authentication_challenge.id))


def _find_unconfirmed(visit: Visit, account: Account, challenge_id: str) -> tuple[Challenge, Factor] | None:
    """Find a factor of this very user whose first code has yet to come."""
    found = challenges.find_challenged(visit.unit, challenge_id)
    if found is None or found[1].user_id != account.user.id or found[1].verified_at is not None:
        return None
    return found


def show_confirm(visit: Visit, account: Account) -> Response:
    """Show what the app has to know, and ask for the first code."""
    return _show_confirm(visit, account, visit.ask("challenge_id")[:_LONGEST_ID])


def _show_confirm(
    visit: Visit, account: Account, challenge_id: str, *, fault: str | None = None, status: int = 200
) -> Response:
    found = _find_unconfirmed(visit, account, challenge_id)
    enrolled = enroll.show_unconfirmed(visit.unit, found[1]) if found is not None else None
    if found is None or enrolled is None:
        return go_to(visit, FACTORS)
    return show(
        visit,
        "account_factor",
        fault=fault,
        status=status,
        challenge_id=challenge_id,
        hint=(found[1].phone_number or "")[-_SHOWN_DIGITS:],
        totp=enrolled.totp,
        picture=draw_qr(enrolled.totp.uri) if enrolled.totp else None,
    )


def confirm_factor(visit: Visit, account: Account) -> Response:
    """Take the first code; with the first factor come recovery codes, shown this once."""
    challenge_id = visit.field("challenge_id", _LONGEST_ID)
    if _find_unconfirmed(visit, account, challenge_id) is None:
        return go_to(visit, FACTORS)
    code = visit.field("code", 32)
    try:
        asked = VerifyChallenge(authentication_challenge_id=challenge_id, code=code)
        if not challenges.verify_challenge(visit.unit, asked).valid:
            raise OneTimeCodeInvalid
    except ChallengePreviouslyVerified:
        return go_to(visit, FACTORS)
    except ChallengeExpired:
        return _show_confirm(visit, account, challenge_id, fault="one_time_code_expired", status=400)
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show_confirm(visit, account, challenge_id, fault=error.code, status=status_of(error))
    if recovery.count_codes(visit.unit, account.user.id).left:
        return come_back(visit, FACTORS, done="added")
    codes = recovery.issue_codes(visit.unit, account.user.id, tells_owner=False)
    return show(visit, "account_recovery", issued=codes, left=len(codes), made_at=None, is_first=True)


def send_code(visit: Visit, account: Account) -> Response:
    """Send another code to the telephone that is being enrolled."""
    challenge_id = visit.field("challenge_id", _LONGEST_ID)
    found = _find_unconfirmed(visit, account, challenge_id)
    if found is None:
        return go_to(visit, FACTORS)
    try:
        again = challenges.challenge_factor(visit.unit, ChallengeFactor(authentication_factor_id=found[1].id))
    except GatelodgeError as error:
        if not is_wrong(error):
            raise
        return _show_confirm(visit, account, challenge_id, fault=error.code, status=status_of(error))
    return go_to(visit, write_redirect(CONFIRM, challenge_id=again.id))


def remove_factor(visit: Visit, account: Account) -> Response:
    """Remove a factor of this very user; mail tells of it."""
    factor_id = visit.field("factor_id", _LONGEST_ID)
    if factor_id in {factor.id for factor in enroll.list_verified(visit.unit, account.user.id)}:
        enroll.delete_factor(visit.unit, FactorId(authentication_factor_id=factor_id))
    return come_back(visit, FACTORS, done="removed")


def show_recovery(visit: Visit, account: Account) -> Response:
    """Tell how many codes are left; the codes themselves nobody can show again."""
    if not enroll.list_verified(visit.unit, account.user.id):
        return go_to(visit, FACTORS)
    codes = recovery.count_codes(visit.unit, account.user.id)
    return show(visit, "account_recovery", issued=(), left=codes.left, made_at=codes.made_at, is_first=False)


def issue_recovery(visit: Visit, account: Account) -> Response:
    """Make new codes in place of the old ones, and show them this once."""
    try:
        codes = recovery.issue_codes(visit.unit, account.user.id)
    except OneTimeCodeInvalid:
        return go_to(visit, FACTORS)
    return show(visit, "account_recovery", issued=codes, left=len(codes), made_at=None, is_first=False)
