"""Go on by a recovery code in place of a second factor; the pages alone take one, the wire has no word for it."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import RateLimited, RuleError, TooManyRequests
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.factors import recovery
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

KIND = "mfa"


class RecoveryCodeGrant(Grant, frozen=True, kw_only=True):
    """Go on with a sign-in by a recovery code."""

    code: str
    pending_authentication_token: str


def prove(unit: Unit, grant: RecoveryCodeGrant) -> Proof:
    """Prove possession of a recovery code, which is spent with what it buys.

    Raises:
        PendingTokenInvalid: The sign-in is unknown, spent or expired.
        NotProved: The code is wrong or used, or there is no factor that it could stand in for.
        TooManyRequests: Too many codes were tried.
    """
    waiting, user = pending.require_pending(unit, grant.pending_authentication_token)
    try:
        recovered = recovery.judge(unit, user, grant.code)
    except RateLimited as error:
        raise TooManyRequests(retry_after=error.retry_after) from None
    except RuleError as error:
        raise NotProved(error, user_id=user.id, email=user.email) from None

    def settle(queries: Queries) -> None:
        pending.spend(queries, unit, waiting)
        recovery.spend(queries, unit, recovered)

    progress = msgspec.structs.replace(waiting.progress, factor_proved=True)
    return Proof(user=user, progress=progress, kind=KIND, settle=settle)
