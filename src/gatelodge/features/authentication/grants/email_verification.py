"""The `email-verification:code` grant: go on by proving the address (contract page 11 §6)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import EmailVerificationGrant
from gatelodge.contract.errors import RuleError
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.attempts import claimed_address
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

KIND = "email_verification"


def prove(unit: Unit, grant: EmailVerificationGrant) -> Proof:
    """Prove the address of a sign-in under way by the code that was mailed to it.

    That it is proved is written on the user, in the write that spends the code, and not
    only noted for this sign-in: should the address change before the sign-in is done,
    the new one must be proved as well.

    Raises:
        PendingTokenInvalid: The sign-in is unknown, spent or expired.
        NotProved: The code is wrong, used, expired or exhausted.
        TooManyRequests: Too many wrong tries.
    """
    waiting, user = pending.require_pending(unit, grant.pending_authentication_token)
    try:
        proved = email_verification.prove(unit, user, grant.code, address=claimed_address(unit, grant))
    except RuleError as error:
        raise NotProved(error, user_id=user.id, email=user.email) from None

    def settle(queries: Queries) -> None:
        email_verification.settle(queries, unit, proved)
        pending.spend(queries, unit, waiting)

    verified = msgspec.structs.replace(user, email_verified=True)
    return Proof(user=verified, progress=waiting.progress, kind=KIND, settle=settle)
