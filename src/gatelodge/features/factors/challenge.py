"""Ask a factor, and judge its answer."""

from __future__ import annotations

import hmac

import msgspec

from gatelodge.contract.errors import (
    ChallengeExpired,
    ChallengePreviouslyVerified,
    NotFound,
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeTooManyAttempts,
    OneTimeCodeUsed,
    RateLimited,
)
from gatelodge.contract.factors import (
    AuthenticationChallenge,
    ChallengeFactor,
    ChallengeVerified,
    VerifyChallenge,
)
from gatelodge.features.factors import notices, store
from gatelodge.features.factors.rules import (
    CHALLENGE_TTL,
    CODE_PURPOSE,
    MOST_ATTEMPTS,
    SECRET_PURPOSE,
    Challenge,
    Factor,
    find_step,
    fold_code,
    show_challenge,
)
from gatelodge.features.users import actions as users
from gatelodge.kit import limits
from gatelodge.kit.database import Queries, ReferenceViolation
from gatelodge.kit.entropy import issue_code
from gatelodge.kit.limits import Limit
from gatelodge.kit.outbox import post_sms, post_sms_text
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A right answer, not yet written down; `step` is the TOTP step of its code."""

    challenge: Challenge
    factor: Factor
    step: int | None
    charged: Limit | None
    """What to give back of what the try was charged."""
    tells_owner: bool = False
    """Whether mail tells the owner of the factor, should this be its first right answer."""


def challenge_factor(unit: Unit, asked: ChallengeFactor) -> AuthenticationChallenge:
    """Ask a factor; for SMS the code leaves in the same transaction, by the outbox.

    Raises:
        NotFound: This environment has no such factor.
        RateLimited: Too many codes were sent to this telephone.
    """
    factor = store.find_factor(unit.read, unit.actor.environment_id, asked.authentication_factor_id)
    if factor is None:
        raise NotFound.of("Authentication factor", asked.authentication_factor_id)
    if factor.type == "sms":
        _charge(unit, limits.limit_on(unit, unit.settings.limit_per_send, "factor", "send", factor.id))

    def write(queries: Queries) -> AuthenticationChallenge:
        return show_challenge(ask(queries, unit, factor, sms_template=asked.sms_template))

    try:
        return unit.conclude(write)
    except ReferenceViolation:
        raise NotFound.of("Authentication factor", factor.id) from None


def ask(queries: Queries, unit: Unit, factor: Factor, *, sms_template: str | None = None) -> Challenge:
    """Store a challenge within a transaction, and send its code when it has one."""
    challenge_id = unit.new_id("auth_challenge")
    code_hash = None
    if factor.type == "sms":
        code = issue_code(unit.random)
        code_hash = _hash_code(unit, challenge_id, code)
        _send_code(queries, unit, factor, code, sms_template=sms_template)
    challenge = Challenge(
        id=challenge_id,
        factor_id=factor.id,
        code_hash=code_hash,
        attempts=0,
        verified_at=None,
        expires_at=unit.now + CHALLENGE_TTL,
        created_at=unit.now,
        updated_at=unit.now,
    )
    store.insert_challenge(queries, unit.actor.environment_id, challenge)
    return challenge


def _send_code(queries: Queries, unit: Unit, factor: Factor, code: str, *, sms_template: str | None) -> None:
    number = factor.phone_number or ""
    if sms_template:
        post_sms_text(queries, unit, to=number, text=sms_template.replace("{{code}}", code))
        return
    owner = users.find_users(queries, unit, [factor.user_id]) if factor.user_id else {}
    locale = next((user.locale for user in owner.values()), None)
    post_sms(queries, unit, "mfa_code", to=number, locale=locale, values={"code": code})


def _hash_code(unit: Unit, challenge_id: str, code: str) -> bytes:
    return unit.sealer.keyed_hash(f"{challenge_id}:{code}", purpose=CODE_PURPOSE)


def find_challenged(unit: Unit, challenge_id: str) -> tuple[Challenge, Factor] | None:
    """Find a challenge with its factor."""
    environment_id = unit.actor.environment_id
    challenge = store.find_challenge(unit.read, environment_id, challenge_id)
    if challenge is None:
        return None
    factor = store.find_factor(unit.read, environment_id, challenge.factor_id)
    return None if factor is None else (challenge, factor)


def judge(unit: Unit, challenge: Challenge, *, factor: Factor, code: str) -> Answered:
    """Judge a code; the try is charged first, and a wrong one is never given back.

    It is charged to the factor, which bounds how fast codes are tried, and to whoever owns
    it, which bounds how many wrong ones there may be, by whatever factors and challenges.

    Raises:
        OneTimeCodeUsed: The challenge was answered before, or the TOTP step was used.
        OneTimeCodeExpired: The challenge is too old.
        OneTimeCodeTooManyAttempts: Its tries are used up.
        OneTimeCodeInvalid: The code is wrong.
        RateLimited: The factor or its owner was tried too often.
    """
    if challenge.verified_at is not None:
        raise OneTimeCodeUsed
    if challenge.expires_at <= unit.now:
        raise OneTimeCodeExpired
    owner = limits.limit_on(
        unit, unit.settings.limit_per_code_account, "factor", "account", factor.user_id or factor.id
    )
    _charge(unit, limits.limit_on(unit, unit.settings.limit_per_factor, "factor", factor.id), owner)
    environment_id = unit.actor.environment_id
    if not unit.write(lambda queries: store.charge_attempt(queries, environment_id, challenge.id, most=MOST_ATTEMPTS)):
        raise OneTimeCodeTooManyAttempts
    folded = fold_code(code)
    if factor.type == "sms":
        step = None
        right = hmac.compare_digest(challenge.code_hash or b"", _hash_code(unit, challenge.id, folded))
    else:
        secret = unit.sealer.unseal(factor.secret or b"", purpose=SECRET_PURPOSE).decode("ascii")
        step = find_step(secret, folded, seconds=unit.wall_seconds)
        right = step is not None
    if not right:
        raise OneTimeCodeInvalid
    if step is not None and factor.last_step is not None and step <= factor.last_step:
        raise OneTimeCodeUsed
    tells_owner = factor.verified_at is None and notices.are_sent(unit, factor)
    return Answered(challenge=challenge, factor=factor, step=step, charged=owner, tells_owner=tells_owner)


def accept(queries: Queries, unit: Unit, answered: Answered) -> Challenge:
    """Write down a right answer, in the transaction of what it buys.

    A factor's first right answer enrols it, and mail tells its owner.

    Raises:
        OneTimeCodeUsed: A racer was first, with this challenge or this TOTP step.
    """
    environment_id = unit.actor.environment_id
    challenge = store.verify_challenge(queries, environment_id, answered.challenge.id, now=unit.now)
    if challenge is None or not store.accept_step(
        queries, environment_id, answered.factor.id, step=answered.step, now=unit.now
    ):
        raise OneTimeCodeUsed
    limits.refund(queries, unit, answered.charged)
    is_first = answered.factor.verified_at is None
    if is_first and store.confirm_factor(queries, environment_id, answered.factor.id, now=unit.now):
        _tell_owner(queries, unit, answered)
    return challenge


def _tell_owner(queries: Queries, unit: Unit, answered: Answered) -> None:
    if answered.tells_owner:
        notices.tell_enrolled(queries, unit, answered.factor)


def verify_challenge(unit: Unit, asked: VerifyChallenge) -> ChallengeVerified:
    """Answer a challenge outside a sign-in; a wrong code is an answer, not an error.

    Raises:
        NotFound: This environment has no such challenge.
        ChallengePreviouslyVerified: It was answered before.
        ChallengeExpired: It is too old.
        OneTimeCodeTooManyAttempts: Its tries are used up.
    """
    found = find_challenged(unit, asked.authentication_challenge_id)
    if found is None:
        raise NotFound.of("Authentication challenge", asked.authentication_challenge_id)
    challenge, factor = found
    if challenge.verified_at is not None:
        raise ChallengePreviouslyVerified
    if challenge.expires_at <= unit.now:
        raise ChallengeExpired
    wrong = ChallengeVerified(challenge=show_challenge(challenge), valid=False)
    try:
        answered = judge(unit, challenge, factor=factor, code=asked.code)
        return unit.conclude(
            lambda queries: ChallengeVerified(challenge=show_challenge(accept(queries, unit, answered)), valid=True)
        )
    except (OneTimeCodeInvalid, OneTimeCodeUsed):
        return wrong


def _charge(unit: Unit, *charged: Limit | None) -> None:
    wait = unit.write(lambda queries: limits.charge(queries, unit, *charged)) if any(charged) else None
    if wait is not None:
        raise RateLimited(retry_after=wait)


def sweep(unit: Unit) -> int:
    """Remove challenges that expired a day ago."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
