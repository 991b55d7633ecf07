"""Sign in by a passkey; the pages alone take one, the wire has no word for it."""

from __future__ import annotations

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import RuleError
from gatelodge.features.authentication import attempts, pending
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.passkeys import challenges
from gatelodge.features.passkeys import prove as passkeys
from gatelodge.features.passkeys.rules import PasskeyChallengeGone, PasskeyUnknown, read_answer
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

KIND = "passkey"


class PasskeyGrant(Grant, frozen=True, kw_only=True):
    """Sign in by what a browser answers to a challenge."""

    credential: str
    """The answer, in the JSON form of browsers."""
    holder: str
    """Whom the challenge was given to: this browser, at this sign-in."""
    email: str | None = None
    """The address that is to sign in, where that is settled already."""
    invitation_token: str | None = None


def prove(unit: Unit, grant: PasskeyGrant) -> Proof:
    """Prove who somebody is by a passkey that they have been verified for on their own device.

    The attempt is charged, and the challenge spent, before anything is judged.

    Raises:
        NotProved: The passkey is unknown or another user's, the answer is wrong or too late.
        TooManyRequests: The passkey has been tried too often from this place.
    """
    try:
        answer = read_answer(grant.credential)
    except RuleError as error:
        raise NotProved(error) from None
    claimed = passkeys.find_claimed(unit, answer)
    place = attempts.charge_passkey(unit, grant, claimed[0].id if claimed else None)
    is_ours = unit.write(lambda queries: challenges.spend(queries, unit, answer.challenge, holder=grant.holder))
    if claimed is None:
        raise NotProved(PasskeyUnknown())
    passkey, user = claimed
    try:
        if not is_ours:
            raise PasskeyChallengeGone
        proved = passkeys.judge(unit, passkey, user, answer=answer, email=grant.email)
    except RuleError as error:
        raise NotProved(error, user_id=user.id, email=user.email) from None

    def settle(queries: Queries) -> None:
        passkeys.settle(queries, unit, proved)
        attempts.clear(queries, unit, place)

    progress = pending.begin(unit, grant, user, method="Passkey")
    return Proof(user=user, progress=progress, kind=KIND, settle=settle)
