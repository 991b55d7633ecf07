"""Create, show, prove and spend magic auth codes."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import (
    InvitationForOtherEmail,
    InvitationTokenInvalid,
    MagicAuthDisabled,
    NotFound,
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeUsed,
    RateLimited,
    ServiceUnavailable,
    SignUpNotAllowed,
    TooManyRequests,
)
from gatelodge.contract.magic_auth import CreateMagicAuth, MagicAuth, MagicAuthId
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.events import actions as events
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.magic_auth import store
from gatelodge.features.magic_auth.rules import CODE_PURPOSE, KIND, MagicAuthCreated, MagicCode
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form, name_address, require_email_form
from gatelodge.kit import limits, one_time_codes
from gatelodge.kit.database import Queries
from gatelodge.kit.deliverable import check_mail_domain
from gatelodge.kit.limits import Limit
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.one_time_codes import CODE_MINUTES, CODE_TTL, MOST_ATTEMPTS
from gatelodge.kit.outbox import feign, post_mail
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500
_ROWS = 9
_TRIES = 4


def create_magic_auth(unit: Unit, asked: CreateMagicAuth) -> MagicAuth:
    """Mail a code to an address; an unknown one becomes a user, unverified, if it may sign up.

    Older codes of the address lapse. The user is made here and not at the sign-in, since
    the answer names it (contract page 17).

    Raises:
        RequestInvalid: The address is none.
        RateLimited: The address was sent too many codes.
        MagicAuthDisabled: The environment does not allow this method.
        SignUpNotAllowed: The address is unknown, and nobody may sign up without an invitation.
        InvitationTokenInvalid: The invitation is not good, or is for another address.
        EmailDomainNotDeliverable: The domain takes no mail.
        DailyQuotaExceeded: The environment may send no more mail.
    """
    form = require_email_form(asked.email)
    sends = limits.limit_on(unit, unit.settings.limit_per_code_send, KIND, "send", form)
    wait = unit.write(lambda queries: limits.charge(queries, unit, sends))
    if wait is not None:
        raise RateLimited(retry_after=wait)
    policy = applications.find_policy(unit)
    if not policy.magic_auth:
        raise MagicAuthDisabled
    if asked.invitation_token:
        _check_invitation(unit, asked.invitation_token, form)
    _refuse_strangers(unit, asked, policy)
    check_mail_domain(unit, form)

    def write(queries: Queries) -> MagicAuth:
        return _send(queries, unit, _ensure_held(queries, unit, asked.email), sends_mail=policy.sends_mail)

    return unit.conclude(write)


def feign_magic_auth(unit: Unit) -> None:
    """Do the work of a code for an address that gets none, so that no stop-watch tells of it."""
    feign(unit, rows=_ROWS)


def _ensure_held(queries: Queries, unit: Unit, email: str) -> User:
    """Find the user of an address or make one, and hold it; whoever leaves the address meanwhile makes room."""
    for _ in range(_TRIES):
        user = users.ensure_user(queries, unit, email)
        held = users.hold_user(queries, unit, user.id)
        if held is not None and find_email_form(held.email) == find_email_form(email):
            return held
    raise ServiceUnavailable


def _check_invitation(unit: Unit, token: str, form: str) -> None:
    invitation = invitations.require_usable(unit, token)
    try:
        invitations.check_address(unit, invitation, form)
    except InvitationForOtherEmail:
        # Contract page 17 has one word for both.
        raise InvitationTokenInvalid from None


def _refuse_strangers(unit: Unit, asked: CreateMagicAuth, policy: EnvironmentPolicy) -> None:
    may_sign_up = policy.sign_up == "open" or bool(asked.invitation_token)
    if not may_sign_up and users.find_user_by_email(unit, asked.email) is None:
        raise SignUpNotAllowed


def _send(queries: Queries, unit: Unit, user: User, *, sends_mail: bool) -> MagicAuth:
    environment_id = unit.actor.environment_id
    magic_auth_id = unit.new_id(KIND)
    issued = one_time_codes.issue(unit, magic_auth_id, purpose=CODE_PURPOSE)
    code = MagicCode(
        id=magic_auth_id,
        user_id=user.id,
        email=user.email,
        sealed=issued.sealed,
        code_hash=issued.code_hash,
        attempts=0,
        spent_at=None,
        expires_at=unit.now + CODE_TTL,
        created_at=unit.now,
        updated_at=unit.now,
    )
    store.lapse(queries, environment_id, user.id, now=unit.now)
    store.insert(queries, environment_id, code)
    if sends_mail:
        limits.charge_mail(queries, unit)
        values: Values = {"code": issued.plain, "minutes": CODE_MINUTES}
        post_mail(queries, unit, "magic_auth", to=user.email, locale=user.locale, values=values)
    shown = _render(code, issued.plain)
    created = {name: getattr(shown, name) for name in MagicAuthCreated.__struct_fields__}
    events.record(queries, unit, "magic_auth.created", MagicAuthCreated(**created))
    return shown


def _render(code: MagicCode, plain: str) -> MagicAuth:
    return MagicAuth(
        id=code.id,
        user_id=code.user_id,
        email=code.email,
        expires_at=write_timestamp(code.expires_at),
        created_at=write_timestamp(code.created_at),
        updated_at=write_timestamp(code.updated_at),
        code=plain,
    )


def get_magic_auth(unit: Unit, asked: MagicAuthId) -> MagicAuth:
    """Get a code in the clear; also one that is spent or expired, for a day.

    Raises:
        NotFound: This environment has no such code, or it was swept away.
    """
    found = store.find(unit.read, unit.actor.environment_id, asked.magic_auth_id)
    if found is None:
        raise NotFound.of("Magic auth", asked.magic_auth_id)
    return _render(found, unit.sealer.unseal(found.sealed, purpose=CODE_PURPOSE).decode())


class Proved(msgspec.Struct, frozen=True):
    """A code that was right, with what to give back of what its tries were charged."""

    code: MagicCode
    charged: tuple[Limit | None, ...]


def prove(unit: Unit, user: User | None, code: str, *, email: str, address: str | None) -> Proved:
    """Prove an address by the code that was mailed to it; `settle` then spends it.

    The try is charged, to the code, to the e-mail address across codes and to the network
    address, before it is judged; wrong tries are never given back. An unknown address
    costs the same work as a wrong code, and gets the same answer.

    Raises:
        OneTimeCodeInvalid, OneTimeCodeUsed, OneTimeCodeExpired, OneTimeCodeTooManyAttempts:
            As `one_time_codes.judge`.
        TooManyRequests: Too many wrong tries.
    """
    environment_id = unit.actor.environment_id
    user_id = user.id if user else ""
    form = name_address(email)
    charged = (
        limits.limit_on(unit, unit.settings.limit_per_code_account, KIND, "account", form),
        limits.limit_on(unit, unit.settings.limit_per_code_address, KIND, "address", address),
    )

    def charge(queries: Queries) -> int | MagicCode | None:
        wait = limits.charge(queries, unit, *charged)
        if wait is not None:
            return wait
        return store.charge(queries, environment_id, user_id, most=MOST_ATTEMPTS, now=unit.now)

    outcome = unit.write(charge)
    if isinstance(outcome, int):
        raise TooManyRequests(retry_after=outcome)
    found = outcome or store.find_current(unit.read, environment_id, user_id)
    one_time_codes.judge(unit, found, code, purpose=CODE_PURPOSE, charged=outcome is not None)
    # What was sent to an address that the user has left is no proof of the present one.
    if outcome is None or find_email_form(outcome.email) != form:
        raise OneTimeCodeInvalid
    return Proved(outcome, charged)


def settle(queries: Queries, unit: Unit, proved: Proved) -> None:
    """Spend a proved code in the write that stores what it bought, and note the address as proved.

    Raises:
        OneTimeCodeUsed: A racer has spent it first, or a newer code was sent.
        OneTimeCodeExpired: The user is gone, or its address has changed since.
    """
    code = proved.code
    held = users.hold_user(queries, unit, code.user_id)
    if held is None or find_email_form(held.email) != find_email_form(code.email):
        raise OneTimeCodeExpired
    if not store.spend(queries, unit.actor.environment_id, code, now=unit.now):
        raise OneTimeCodeUsed
    limits.refund(queries, unit, *proved.charged)
    users.mark_verified(queries, unit, code.user_id)


def void_codes(queries: Queries, unit: Unit, user_id: str) -> None:
    """Make the live code of a user lapse, within the transaction of what asks for it."""
    store.lapse(queries, unit.actor.environment_id, user_id, now=unit.now)


def sweep(unit: Unit) -> int:
    """Remove codes that expired a day ago."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
