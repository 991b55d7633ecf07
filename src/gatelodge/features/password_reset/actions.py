"""Create, show and redeem password resets."""

from __future__ import annotations

from gatelodge.contract.errors import (
    NotFound,
    PasswordAuthDisabled,
    PasswordResetError,
    PasswordResetNotAllowed,
    PasswordStrengthError,
    RateLimited,
)
from gatelodge.contract.password_reset import (
    CreatePasswordReset,
    PasswordReset,
    PasswordResetId,
    ResetPassword,
    ResetPasswordResponse,
)
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.authentication import actions as authentication
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.events import actions as events
from gatelodge.features.factors import enroll
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.password_reset import store
from gatelodge.features.password_reset.rules import (
    KIND,
    PAGE,
    TOKEN_MINUTES,
    TOKEN_PURPOSE,
    TOKEN_TTL,
    PasswordResetEvent,
    Reset,
    check_reset,
    is_absolute,
    refuse,
    write_link,
)
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form, require_email_form
from gatelodge.kit import limits
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.outbox import feign, post_mail
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500
_ROWS = 9


def create_password_reset(unit: Unit, asked: CreatePasswordReset) -> PasswordReset:
    """Mail a link to set a new password by, also to a user who has none yet.

    The link leads to the environment's own page or to ours below the configured origin,
    whatever the request's headers say; without either no mail is made. Links that were
    sent before stay good until one of them is used.

    Raises:
        RequestInvalid: The address is none.
        RateLimited: The address was sent too many links.
        PasswordAuthDisabled: The environment does not allow passwords.
        PasswordResetNotAllowed: The organization of the user's domain does not.
        DailyQuotaExceeded: The environment may send no more mail.
        NotFound: Nobody has the address. That is for the app's own backend to know; a
            page for strangers answers everybody alike.
    """
    form = require_email_form(asked.email)
    sends = limits.limit_on(unit, unit.settings.limit_per_code_send, KIND, "send", form)
    wait = unit.write(lambda queries: limits.charge(queries, unit, sends))
    if wait is not None:
        raise RateLimited(retry_after=wait)
    policy = _require_passwords(unit)
    user = users.find_user_by_email(unit, form)
    if user is None:
        raise NotFound.of("User", asked.email)
    if not organizations.lets_use(unit, user.email, "Password"):
        raise PasswordResetNotAllowed
    token = issue_token(unit.random)
    sealed = unit.sealer.seal(token.encode(), purpose=TOKEN_PURPOSE)

    def write(queries: Queries) -> PasswordReset:
        held = users.hold_user(queries, unit, user.id)
        if held is None or find_email_form(held.email) != form:
            raise NotFound.of("User", asked.email)
        reset = _new_reset(queries, unit, held, token=token, sealed=sealed)
        store.insert(queries, unit.actor.environment_id, reset)
        shown = _render(unit, reset, token, policy)
        if policy.sends_mail and is_absolute(shown.password_reset_url):
            limits.charge_mail(queries, unit)
            values: Values = {"link": shown.password_reset_url, "minutes": TOKEN_MINUTES}
            post_mail(queries, unit, "password_reset", to=held.email, locale=held.locale, values=values)
        events.record(queries, unit, "password_reset.created", _describe(reset))
        return shown

    return unit.conclude(write)


def feign_password_reset(unit: Unit) -> None:
    """Do the work of a link for an address that gets none, so that no stop-watch tells of it."""
    feign(unit, rows=_ROWS)


def _require_passwords(unit: Unit) -> EnvironmentPolicy:
    policy = applications.find_policy(unit)
    if not policy.password:
        raise PasswordAuthDisabled
    return policy


def _new_reset(queries: Queries, unit: Unit, user: User, *, token: str, sealed: bytes) -> Reset:
    return Reset(
        id=unit.new_id(KIND),
        user_id=user.id,
        email=user.email,
        token=sealed,
        token_hash=unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE),
        password_version=passwords.find_version(queries, unit, user.id),
        spent_at=None,
        expires_at=unit.now + TOKEN_TTL,
        created_at=unit.now,
    )


def _render(unit: Unit, reset: Reset, token: str, policy: EnvironmentPolicy) -> PasswordReset:
    page = policy.password_reset_url or f"{unit.settings.base_url}{PAGE}"
    return PasswordReset(
        id=reset.id,
        user_id=reset.user_id,
        email=reset.email,
        expires_at=write_timestamp(reset.expires_at),
        created_at=write_timestamp(reset.created_at),
        password_reset_token=token,
        password_reset_url=write_link(page, token),
    )


def _describe(reset: Reset) -> PasswordResetEvent:
    return PasswordResetEvent(
        id=reset.id,
        user_id=reset.user_id,
        email=reset.email,
        expires_at=write_timestamp(reset.expires_at),
        created_at=write_timestamp(reset.created_at),
    )


def get_password_reset(unit: Unit, asked: PasswordResetId) -> PasswordReset:
    """Get a reset with its token; also one that is spent or expired, for a day.

    Raises:
        NotFound: This environment has no such reset, or it was swept away.
    """
    found = store.find(unit.read, unit.actor.environment_id, asked.password_reset_id)
    if found is None:
        raise NotFound.of("Password reset", asked.password_reset_id)
    token = unit.sealer.unseal(found.token, purpose=TOKEN_PURPOSE).decode()
    return _render(unit, found, token, applications.find_policy(unit))


def find_environment(unit: Unit, token: str) -> str | None:
    """Tell which environment the token of a link belongs to; nothing is spent."""
    return store.find_environment(unit.read, unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE))


def check_token(unit: Unit, token: str) -> Reset:
    """Give the reset of a link, as long as a password could be set by it; nothing is spent.

    Raises:
        NotFound: The token was never issued here.
        PasswordResetError: It is used or expired.
    """
    token_hash = unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE)
    reset = store.find_by_token(unit.read, unit.actor.environment_id, token_hash)
    if reset is None:
        raise _unknown()
    check_reset(reset, now=unit.now)
    return reset


def reset_password(unit: Unit, asked: ResetPassword) -> ResetPasswordResponse:
    """Set a new password by the token of a link; it opens no session.

    A password that breaks the policy leaves the token as it was. Of many racers one sets
    its password. Whoever holds the mailbox holds the account: every session ends, and so
    does whatever was under way, sign-ins, mailed codes, a change of the address.

    Raises:
        PasswordAuthDisabled: The environment does not allow passwords.
        PasswordResetNotAllowed: The organization of the user's domain does not, by now.
        NotFound: The token was never issued here; it is not repeated in the message.
        PasswordResetError: The token is used, expired or void, or the password breaks the
            policy; `errors` say which.
    """
    policy = _require_passwords(unit)
    token_hash = unit.sealer.keyed_hash(asked.token, purpose=TOKEN_PURPOSE)
    reset = store.find_by_token(unit.read, unit.actor.environment_id, token_hash)
    if reset is None:
        raise _unknown()
    check_reset(reset, now=unit.now)
    user = users.find_user(unit, reset.user_id)
    if user is None:
        raise _unknown()
    if not organizations.lets_use(unit, user.email, "Password"):
        raise PasswordResetNotAllowed
    _check_binding(unit.read, unit, reset, user)
    password_hash = _prepare(unit, user, asked.new_password, policy)

    def write(queries: Queries) -> ResetPasswordResponse:
        held = users.hold_user(queries, unit, user.id)
        if held is None:
            raise _unknown()
        spent = store.spend(queries, unit.actor.environment_id, token_hash, now=unit.now)
        if spent is None:
            raise refuse("used", "The link has been used; ask for a new one.")
        _check_binding(queries, unit, spent, held)
        _take_over(queries, unit, held, password_hash)
        changed = users.mark_verified(queries, unit, held.id) or held
        if policy.sends_mail:
            post_mail(queries, unit, "password_changed", to=held.email, locale=held.locale, values={})
        events.record(queries, unit, "password_reset.succeeded", _describe(spent))
        return ResetPasswordResponse(user=changed)

    return unit.conclude(write)


def _unknown() -> NotFound:
    return NotFound("Password reset not found.", entity_id="")


def _check_binding(queries: Queries, unit: Unit, reset: Reset, user: User) -> None:
    """Let a reset pass whose user has the address and the password that it was made for."""
    is_bound = find_email_form(reset.email) == find_email_form(user.email)
    if not is_bound or passwords.find_version(queries, unit, user.id) != reset.password_version:
        raise refuse("expired", "The account has changed since this link was sent; ask for a new one.")


def _prepare(unit: Unit, user: User, password: str, policy: EnvironmentPolicy) -> str:
    has_factor = user.email_verified and bool(enroll.list_verified(unit, user.id))
    second_factor = policy.mfa_required or has_factor
    try:
        return passwords.prepare_password(unit, password, email=user.email, second_factor=second_factor)
    except PasswordStrengthError as error:
        raise PasswordResetError(errors=error.errors) from None


def _take_over(queries: Queries, unit: Unit, user: User, password_hash: str) -> None:
    if not user.email_verified:
        authentication.forget_unproved(queries, unit, user.id)
    passwords.keep(queries, unit, user.id, password_hash)
    authentication.withdraw_sign_ins(queries, unit, user.id)
    email_change.void_change(queries, unit, user.id)
    email_verification.void_codes(queries, unit, user.id)
    magic_auth.void_codes(queries, unit, user.id)
    sessions.end_all(queries, unit, user.id)


def sweep(unit: Unit) -> int:
    """Remove resets that expired a day ago."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
