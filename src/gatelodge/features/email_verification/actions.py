"""Create, show, send, prove and spend verifications."""

from __future__ import annotations

import msgspec

from gatelodge.contract.email_verification import (
    EmailVerification,
    EmailVerificationId,
    SendVerificationEmail,
    SendVerificationEmailResponse,
    VerifyEmail,
    VerifyEmailResponse,
)
from gatelodge.contract.errors import (
    EmailAlreadyVerified,
    EmailPreviouslyVerified,
    GatelodgeError,
    NotFound,
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeTooManyAttempts,
    OneTimeCodeUsed,
    PendingTokenInvalid,
    RateLimited,
    RuleError,
    TooManyRequests,
    VerificationCodeExpired,
    VerificationCodeIncorrect,
    VerificationCodeUsed,
)
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User, UserId
from gatelodge.features.applications import actions as applications
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_verification import store
from gatelodge.features.email_verification.rules import CODE_PURPOSE, KIND, Verification, VerificationCreated
from gatelodge.features.events import actions as events
from gatelodge.features.events.rules import AuthenticationOutcome
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit import limits, one_time_codes
from gatelodge.kit.database import Queries
from gatelodge.kit.limits import Limit
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.one_time_codes import CODE_MINUTES, CODE_TTL, MOST_ATTEMPTS
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500


def get_email_verification(unit: Unit, asked: EmailVerificationId) -> EmailVerification:
    """Get a verification with its code; also one that is spent or expired, for a day.

    Raises:
        NotFound: This environment has no such verification, or it was swept away.
    """
    found = store.find(unit.read, unit.actor.environment_id, asked.email_verification_id)
    if found is None:
        raise NotFound.of("Email verification", asked.email_verification_id)
    return EmailVerification(
        id=found.id,
        user_id=found.user_id,
        email=found.email,
        expires_at=write_timestamp(found.expires_at),
        created_at=write_timestamp(found.created_at),
        updated_at=write_timestamp(found.updated_at),
        code=unit.sealer.unseal(found.code, purpose=CODE_PURPOSE).decode(),
    )


def send_verification_email(unit: Unit, asked: SendVerificationEmail) -> SendVerificationEmailResponse:
    """Mail a new code to a user's address; the older ones lapse.

    Raises:
        NotFound: This environment has no such user.
        EmailAlreadyVerified: There is nothing to verify.
        RateLimited: The user was sent too many codes.
    """
    user = users.get_user(unit, UserId(user_id=asked.user_id))
    if user.email_verified:
        raise EmailAlreadyVerified
    wait = unit.write(lambda queries: limits.charge(queries, unit, _sends(unit, user.id)))
    if wait is not None:
        raise RateLimited(retry_after=wait)
    policy = applications.find_policy(unit)

    def write(queries: Queries) -> SendVerificationEmailResponse:
        held = users.hold_user(queries, unit, user.id)
        if held is None:
            raise NotFound.of("User", user.id)
        if held.email_verified:
            raise EmailAlreadyVerified
        _send(queries, unit, held, sends_mail=policy.sends_mail)
        return SendVerificationEmailResponse(user=held)

    return unit.conclude(write)


def require_verification(queries: Queries, unit: Unit, user: User, *, sends_mail: bool) -> Verification:
    """Give a verification for a sign-in that needs one, within its transaction.

    A new code is sent, unless the user was sent too many: then the last one must do, as
    long as it can still be tried. The user's row must be held.

    Raises:
        TooManyRequests: Too many codes were sent, and the last is no good any more.
    """
    wait = limits.charge(queries, unit, _sends(unit, user.id))
    if wait is None:
        return _send(queries, unit, user, sends_mail=sends_mail)
    last = store.find_current(queries, unit.actor.environment_id, user.id)
    if last is None or not _can_be_tried(unit, last, user):
        raise TooManyRequests(retry_after=wait)
    return last


def _sends(unit: Unit, user_id: str) -> Limit | None:
    return limits.limit_on(unit, unit.settings.limit_per_code_send, KIND, "send", user_id)


def _can_be_tried(unit: Unit, verification: Verification, user: User) -> bool:
    is_open = verification.spent_at is None and verification.expires_at > unit.now
    return is_open and verification.attempts < MOST_ATTEMPTS and _is_for(verification, user)


def _is_for(verification: Verification, user: User) -> bool:
    # Another spelling of the address is the same address; the normal form costs more to ask.
    return verification.email == user.email or find_email_form(verification.email) == find_email_form(user.email)


def _send(queries: Queries, unit: Unit, user: User, *, sends_mail: bool) -> Verification:
    environment_id = unit.actor.environment_id
    verification_id = unit.new_id(KIND)
    issued = one_time_codes.issue(unit, verification_id, purpose=CODE_PURPOSE)
    verification = Verification(
        id=verification_id,
        user_id=user.id,
        email=user.email,
        code=issued.sealed,
        code_hash=issued.code_hash,
        attempts=0,
        spent_at=None,
        expires_at=unit.now + CODE_TTL,
        created_at=unit.now,
        updated_at=unit.now,
    )
    store.lapse(queries, environment_id, user.id, now=unit.now)
    store.insert(queries, environment_id, verification)
    if sends_mail:
        limits.charge_mail(queries, unit)
        values: Values = {"code": issued.plain, "minutes": CODE_MINUTES}
        post_mail(queries, unit, "email_verification", to=user.email, locale=user.locale, values=values)
    events.record(queries, unit, "email_verification.created", _created(verification))
    return verification


def _created(verification: Verification) -> VerificationCreated:
    now = write_timestamp(verification.created_at)
    return VerificationCreated(
        id=verification.id,
        user_id=verification.user_id,
        email=verification.email,
        expires_at=write_timestamp(verification.expires_at),
        created_at=now,
        updated_at=now,
    )


class Proved(msgspec.Struct, frozen=True):
    """A code that was right, with what to give back of what its tries were charged."""

    verification: Verification
    charged: tuple[Limit | None, ...]


def prove(unit: Unit, user: User, code: str, *, address: str | None = None) -> Proved:
    """Prove a user's address by the code; `settle` then spends it.

    The try is charged, to the code, to the account across codes and to the network
    address, before it is judged; wrong tries are never given back.

    Raises:
        OneTimeCodeInvalid, OneTimeCodeUsed, OneTimeCodeExpired, OneTimeCodeTooManyAttempts:
            As `one_time_codes.judge`; expired is also what was sent to an address that the
            user no longer has.
        TooManyRequests: Too many wrong tries.
    """
    environment_id = unit.actor.environment_id
    charged = (
        limits.limit_on(unit, unit.settings.limit_per_code_account, KIND, "account", user.id),
        limits.limit_on(unit, unit.settings.limit_per_code_address, KIND, "address", address),
    )

    def charge(queries: Queries) -> int | Verification | None:
        wait = limits.charge(queries, unit, *charged)
        if wait is not None:
            return wait
        return store.charge(queries, environment_id, user.id, most=MOST_ATTEMPTS, now=unit.now)

    outcome = unit.write(charge)
    if isinstance(outcome, int):
        raise TooManyRequests(retry_after=outcome)
    verification = outcome or store.find_current(unit.read, environment_id, user.id)
    one_time_codes.judge(unit, verification, code, purpose=CODE_PURPOSE, charged=outcome is not None)
    if outcome is None or not _is_for(outcome, user):
        raise OneTimeCodeExpired
    return Proved(outcome, charged)


def settle(queries: Queries, unit: Unit, proved: Proved) -> User:
    """Spend a proved code and mark the address as verified, within the transaction of both.

    A change to another address that was asked for before is void: its owner has shown up.

    Raises:
        OneTimeCodeUsed: A racer has spent it first, or a newer code was sent.
        OneTimeCodeExpired: The user's address has changed since.
        PendingTokenInvalid: The user is gone.
    """
    verification = proved.verification
    held = users.hold_user(queries, unit, verification.user_id)
    if held is None:
        raise PendingTokenInvalid
    if not _is_for(verification, held):
        raise OneTimeCodeExpired
    if not store.spend(queries, unit.actor.environment_id, verification, now=unit.now):
        raise OneTimeCodeUsed
    limits.refund(queries, unit, *proved.charged)
    email_change.void_change(queries, unit, held.id)
    return users.mark_verified(queries, unit, held.id) or held


# Contract page 15 has words of its own for what page 11 calls by others. It has none for
# a code that was tried too often; like one that has expired, it takes a new one.
_WORDS: dict[type[RuleError], type[RuleError]] = {
    OneTimeCodeExpired: VerificationCodeExpired,
    OneTimeCodeInvalid: VerificationCodeIncorrect,
    OneTimeCodeTooManyAttempts: VerificationCodeExpired,
    OneTimeCodeUsed: VerificationCodeUsed,
}


def verify_email(unit: Unit, asked: VerifyEmail) -> VerifyEmailResponse:
    """Prove a user's address by the code that was mailed to it; opens no session.

    Raises:
        NotFound: This environment has no such user.
        EmailPreviouslyVerified: There is nothing to verify.
        VerificationCodeIncorrect, VerificationCodeExpired, VerificationCodeUsed: What is
            wrong with the code.
        RateLimited: Too many wrong tries.
    """
    user = users.get_user(unit, UserId(user_id=asked.user_id))
    if user.email_verified:
        raise EmailPreviouslyVerified
    try:
        proved = prove(unit, user, asked.code)
    except TooManyRequests as error:
        raise RateLimited(retry_after=error.retry_after) from None
    except RuleError as error:
        return _refuse(unit, user, _WORDS[type(error)]())

    def write(queries: Queries) -> VerifyEmailResponse:
        verified = settle(queries, unit, proved)
        outcome = _outcome(unit, user, status="succeeded")
        events.record(queries, unit, "authentication.email_verification_succeeded", outcome)
        return VerifyEmailResponse(user=verified)

    try:
        return unit.conclude(write)
    except PendingTokenInvalid:
        raise NotFound.of("User", user.id) from None
    except (OneTimeCodeExpired, OneTimeCodeUsed) as error:
        raise _WORDS[type(error)] from None


def _refuse(unit: Unit, user: User, error: RuleError) -> VerifyEmailResponse:
    told = {"code": error.code, "message": error.message}
    outcome = msgspec.structs.replace(_outcome(unit, user, status="failed"), error=told)

    def write(queries: Queries) -> VerifyEmailResponse | GatelodgeError:
        events.record(queries, unit, "authentication.email_verification_failed", outcome)
        return error

    return unit.conclude(write)


def _outcome(unit: Unit, user: User, *, status: str) -> AuthenticationOutcome:
    return AuthenticationOutcome(
        type=KIND,
        status=status,
        ip_address=None if unit.actor.believed else unit.actor.ip_address,
        user_agent=None if unit.actor.believed else unit.actor.user_agent,
        user_id=user.id,
        email=user.email,
    )


def void_codes(queries: Queries, unit: Unit, user_id: str) -> None:
    """Make the live code of a user lapse, within the transaction of what asks for it."""
    store.lapse(queries, unit.actor.environment_id, user_id, now=unit.now)


def sweep(unit: Unit) -> int:
    """Remove verifications that expired a day ago."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
