"""Send, confirm and void changes of e-mail."""

from __future__ import annotations

from gatelodge.contract.email_change import (
    ConfirmEmailChange,
    EmailChange,
    EmailChangeConfirmation,
    SendEmailChange,
)
from gatelodge.contract.errors import (
    EmailChangeCodeExpired,
    EmailChangeCodeIncorrect,
    EmailChangeCodeUsed,
    EmailChangeNotAllowed,
    EmailChangeNotNeeded,
    EmailChangeTooManyAttempts,
    EmailNotAvailable,
    NewEmailInvalid,
    NewEmailNotAvailable,
    NoPendingEmailChange,
    NotFound,
    OneTimeCodeExpired,
    OneTimeCodeInvalid,
    OneTimeCodeTooManyAttempts,
    OneTimeCodeUsed,
    RateLimited,
)
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User, UserId
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.email_change import store
from gatelodge.features.email_change.rules import CODE_PURPOSE, KIND, UNDO_DAYS, PendingChange
from gatelodge.features.email_change.undo import keep_undo, write_link
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit import limits, one_time_codes
from gatelodge.kit.database import Queries, UniqueViolation
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.limits import Limit
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.one_time_codes import CODE_MINUTES, CODE_TTL, MOST_ATTEMPTS
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500


def send_email_change(unit: Unit, asked: SendEmailChange) -> EmailChange:
    """Mail a code to the new address and a notice to the old one; an earlier change is replaced.

    That the user has signed in of late is for the caller to have checked: the API key
    speaks for the app, not for a session.

    Raises:
        NotFound: This environment has no such user.
        EmailChangeNotAllowed: The environment does not allow it, or the address is managed
            by an identity provider.
        NewEmailInvalid: The new address is none.
        EmailChangeNotNeeded: It is the user's already, perhaps in another spelling.
        NewEmailNotAvailable: Another user has it.
        RateLimited: The user, or the new address, was sent too many codes.
        DailyQuotaExceeded: The environment may send no more mail.
    """
    return _begin(unit, asked, tells_taken=True)


def ask_email_change(unit: Unit, asked: SendEmailChange) -> EmailChange:
    """Begin a change as `send_email_change` does, for a page, which must not tell who else has an account.

    Where another user has the address, all goes on as if nobody had; but the mail to it has
    no code, and tells its owner that there is an account.

    Raises:
        NotFound, EmailChangeNotAllowed, NewEmailInvalid, EmailChangeNotNeeded, RateLimited,
            DailyQuotaExceeded: As `send_email_change`.
    """
    return _begin(unit, asked, tells_taken=False)


def may_change(unit: Unit, user: User) -> bool:
    """Tell whether this user may move to another address."""
    return applications.find_policy(unit).email_change and not organizations.is_managed(unit, user.email)


def _begin(unit: Unit, asked: SendEmailChange, *, tells_taken: bool) -> EmailChange:
    user = users.get_user(unit, UserId(user_id=asked.user_id))
    policy = _require_changes(unit, user)
    form = find_email_form(asked.new_email)
    if form is None:
        raise NewEmailInvalid
    if form == find_email_form(user.email):
        raise EmailChangeNotNeeded
    _charge_send(unit, user, form)
    is_taken = users.find_user_by_email(unit, form) is not None
    if is_taken and tells_taken:
        raise NewEmailNotAvailable

    def write(queries: Queries) -> EmailChange:
        held = users.hold_user(queries, unit, user.id)
        if held is None:
            raise NotFound.of("User", user.id)
        change, code = _keep(queries, unit, held, new_email=asked.new_email.strip())
        if policy.sends_mail:
            _send(queries, unit, held, change, code=None if is_taken else code)
        return EmailChange(
            user=held,
            new_email=change.new_email,
            expires_at=write_timestamp(change.expires_at),
            created_at=write_timestamp(change.created_at),
        )

    return unit.conclude(write)


def _require_changes(unit: Unit, user: User) -> EnvironmentPolicy:
    policy = applications.find_policy(unit)
    if not policy.email_change or organizations.is_managed(unit, user.email):
        raise EmailChangeNotAllowed
    return policy


def _charge_send(unit: Unit, user: User, form: str) -> None:
    setting = unit.settings.limit_per_code_send
    sends = [limits.limit_on(unit, setting, KIND, "send", subject) for subject in (user.id, form)]
    wait = unit.write(lambda queries: limits.charge(queries, unit, *sends))
    if wait is not None:
        raise RateLimited(retry_after=wait)


def _keep(queries: Queries, unit: Unit, user: User, *, new_email: str) -> tuple[PendingChange, str]:
    change_id = unit.new_id(KIND)
    issued = one_time_codes.issue(unit, change_id, purpose=CODE_PURPOSE)
    change = PendingChange(
        id=change_id,
        user_id=user.id,
        old_email=user.email,
        new_email=new_email,
        code_hash=issued.code_hash,
        password_version=passwords.find_version(queries, unit, user.id),
        attempts=0,
        spent_at=None,
        expires_at=unit.now + CODE_TTL,
        created_at=unit.now,
    )
    store.put(queries, unit.actor.environment_id, change)
    return change, issued.plain


def _send(queries: Queries, unit: Unit, user: User, change: PendingChange, *, code: str | None) -> None:
    limits.charge_mail(queries, unit)
    if code is None:
        post_mail(queries, unit, "account_exists", to=change.new_email, locale=None, values={})
    else:
        values: Values = {"code": code, "minutes": CODE_MINUTES}
        post_mail(queries, unit, "email_change", to=change.new_email, locale=user.locale, values=values)
    _notify(queries, unit, user, change, done=False)


def _notify(
    queries: Queries, unit: Unit, user: User, change: PendingChange, *, done: bool, link: str | None = None
) -> None:
    # An address that nobody proved may be a stranger's, who has no business with the new one.
    if user.email_verified:
        values: dict[str, str | int | None] = {"new_email": change.new_email, "done": int(done)}
        if link is not None:
            values |= {"link": link, "days": UNDO_DAYS}
        post_mail(queries, unit, "email_change_notice", to=change.old_email, locale=user.locale, values=values)


def confirm_email_change(unit: Unit, asked: ConfirmEmailChange) -> EmailChangeConfirmation:
    """Change a user's address by the code that was mailed to the new one; sessions stay.

    Raises:
        NotFound: This environment has no such user.
        EmailChangeNotAllowed: It is not allowed any more.
        NoPendingEmailChange: None was asked for, or it is void.
        EmailChangeCodeIncorrect, EmailChangeCodeExpired, EmailChangeCodeUsed: What is wrong
            with the code.
        EmailChangeTooManyAttempts: It was tried too often.
        NewEmailNotAvailable: Another user has taken the address since.
    """
    user = users.get_user(unit, UserId(user_id=asked.user_id))
    policy = _require_changes(unit, user)
    account = limits.limit_on(unit, unit.settings.limit_per_code_account, KIND, "account", user.id)
    change = _prove(unit, user, asked.code, account)
    undo_token = issue_token(unit.random)

    def write(queries: Queries) -> EmailChangeConfirmation:
        held = users.hold_user(queries, unit, user.id)
        if held is None:
            raise NotFound.of("User", user.id)
        if not _stands(queries, unit, change, held):
            raise NoPendingEmailChange
        if not store.spend(queries, unit.actor.environment_id, change, now=unit.now):
            raise EmailChangeCodeUsed
        limits.refund(queries, unit, account)
        changed = users.change_email(queries, unit, held, email=change.new_email)
        if policy.sends_mail:
            link = write_link(unit, undo_token) if held.email_verified else None
            _notify(queries, unit, held, change, done=True, link=link)
            if link is not None:
                keep_undo(queries, unit, change, undo_token)
        return EmailChangeConfirmation(user=changed)

    try:
        return unit.conclude(write)
    except (EmailNotAvailable, UniqueViolation):
        raise NewEmailNotAvailable from None


def _prove(unit: Unit, user: User, code: str, account: Limit | None) -> PendingChange:
    environment_id = unit.actor.environment_id

    def charge(queries: Queries) -> int | PendingChange | None:
        wait = limits.charge(queries, unit, account)
        if wait is not None:
            return wait
        return store.charge(queries, environment_id, user.id, most=MOST_ATTEMPTS, now=unit.now)

    outcome = unit.write(charge)
    if isinstance(outcome, int):
        raise EmailChangeTooManyAttempts(retry_after=outcome)
    change = outcome or store.find(unit.read, environment_id, user.id)
    if change is None or (change.spent_at is None and not _stands(unit.read, unit, change, user)):
        raise NoPendingEmailChange
    try:
        one_time_codes.judge(unit, change, code, purpose=CODE_PURPOSE, charged=outcome is not None)
    except OneTimeCodeInvalid:
        raise (EmailChangeCodeIncorrect if change.spent_at is None else NoPendingEmailChange) from None
    except OneTimeCodeUsed:
        raise EmailChangeCodeUsed from None
    except OneTimeCodeExpired:
        raise EmailChangeCodeExpired from None
    except OneTimeCodeTooManyAttempts:
        # Official clients sleep for as long as they are told and then ask three times
        # more, in vain: only a new code helps. So they are not kept waiting.
        raise EmailChangeTooManyAttempts(retry_after=1) from None
    return change


def _stands(queries: Queries, unit: Unit, change: PendingChange, user: User) -> bool:
    """Tell whether address and password are those that the change was asked for with."""
    if find_email_form(change.old_email) != find_email_form(user.email):
        return False
    return passwords.find_version(queries, unit, user.id) == change.password_version


def void_change(queries: Queries, unit: Unit, user_id: str) -> None:
    """Void the pending change of a user, within the transaction of what asks for it."""
    store.delete(queries, unit.actor.environment_id, user_id)


def sweep(unit: Unit) -> int:
    """Remove changes that expired a day ago, and links to undo one that have expired."""
    undos = unit.write(lambda queries: store.sweep_undos(queries, now=unit.now, limit=_SWEEP_BATCH))
    return undos + unit.write(
        lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH)
    )
