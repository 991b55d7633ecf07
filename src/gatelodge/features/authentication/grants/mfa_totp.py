"""The `mfa-totp` grant: go on by answering a second factor (contract page 11 §6)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import TotpGrant
from gatelodge.contract.errors import (
    InvalidRequest,
    OneTimeCodeInvalid,
    RateLimited,
    RuleError,
    TooManyRequests,
    UserMismatch,
)
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.factors import challenge as challenges
from gatelodge.features.factors import enroll
from gatelodge.features.factors.rules import Factor
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

KIND = "mfa"


def prove(unit: Unit, grant: TotpGrant) -> Proof:
    """Prove possession of a second factor, by the code of an app or of an SMS.

    A factor that was never confirmed does only for a user who has no other: whoever has
    stolen a password must not get past the owner's factor by enrolling a new one.

    Raises:
        PendingTokenInvalid: The sign-in is unknown, spent or expired.
        UserMismatch: The challenge is another user's.
        NotProved: The code is wrong, used or expired.
    """
    waiting, user = pending.require_pending(unit, grant.pending_authentication_token)
    found = challenges.find_challenged(unit, grant.authentication_challenge_id)
    if found is None:
        raise InvalidRequest("authentication_challenge_id is unknown.")
    challenge, factor = found
    if factor.user_id != user.id:
        raise UserMismatch
    try:
        _refuse_unconfirmed(unit, factor)
        answered = challenges.judge(unit, challenge, factor=factor, code=grant.code)
    except RateLimited as error:
        raise TooManyRequests(retry_after=error.retry_after) from None
    except RuleError as error:
        raise NotProved(error, user_id=user.id, email=user.email) from None

    def settle(queries: Queries) -> None:
        pending.spend(queries, unit, waiting)
        challenges.accept(queries, unit, answered)

    progress = msgspec.structs.replace(waiting.progress, factor_proved=True)
    return Proof(user=user, progress=progress, kind=KIND, settle=settle)


def _refuse_unconfirmed(unit: Unit, factor: Factor) -> None:
    if factor.verified_at is None and enroll.list_verified(unit, factor.user_id or ""):
        raise OneTimeCodeInvalid
