"""Set a new password by the old one: for a user whom the browser has signed in."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gatelodge.contract.authentication import PasswordGrant
from gatelodge.contract.errors import (
    InvalidCredentials,
    NotFound,
    PasswordAuthDisabled,
    PasswordResetNotAllowed,
)
from gatelodge.contract.users import User, UserId
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication import actions as authentication
from gatelodge.features.authentication import outcomes
from gatelodge.features.authentication.grants import password as password_grant
from gatelodge.features.authentication.places import read_progress
from gatelodge.features.authentication.rules import NotProved
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.events import actions as events
from gatelodge.features.factors import enroll
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit


def may_change(unit: Unit, user: User) -> bool:
    """Tell whether this user may sign in by password, and so may have one."""
    return applications.find_policy(unit).password and organizations.lets_use(unit, user.email, "Password")


def change_password(unit: Unit, session: BrowserSession, *, current: str, new: str) -> None:
    """Set a new password for the user of a browser session, which stays while every other session ends.

    The current password is tried as in a sign-in: charged first, and never given back when
    it was wrong. A user without one sets the first; that the sign-in was of late is for the
    page to have checked. Whatever was under way ends, as after a reset.

    Raises:
        NotFound: The user is gone.
        PasswordAuthDisabled, PasswordResetNotAllowed: Environment or organization do not allow it.
        InvalidCredentials: The current password is another one.
        TooManyRequests: It was tried too often.
        PasswordStrengthError: The new one breaks the policy.
    """
    user = users.get_user(unit, UserId(user_id=session.user_id))
    policy = applications.find_policy(unit)
    if not policy.password:
        raise PasswordAuthDisabled
    if not organizations.lets_use(unit, user.email, "Password"):
        raise PasswordResetNotAllowed
    confirm = _prove(unit, user, current) if passwords.has_password(unit, user.id) else _require_none(unit, user)
    second_factor = policy.mfa_required or bool(enroll.list_verified(unit, user.id))
    prepared = passwords.prepare_password(unit, new, email=user.email, second_factor=second_factor)

    def write(queries: Queries) -> None:
        held = users.hold_user(queries, unit, user.id)
        if held is None:
            raise NotFound.of("User", user.id)
        confirm(queries)
        passwords.keep(queries, unit, user.id, prepared)
        authentication.withdraw_sign_ins(queries, unit, user.id)
        email_change.void_change(queries, unit, user.id)
        email_verification.void_codes(queries, unit, user.id)
        magic_auth.void_codes(queries, unit, user.id)
        sessions.end_all(queries, unit, user.id, keep=session.id)
        _bind(queries, unit, session)
        if policy.sends_mail and held.email_verified:
            post_mail(queries, unit, "password_changed", to=held.email, locale=held.locale, values={})
        events.record(queries, unit, "user.updated", held)

    unit.conclude(write)


def _prove(unit: Unit, user: User, current: str) -> Callable[[Queries], None]:
    grant = PasswordGrant(email=user.email, password=current)
    try:
        return password_grant.prove(unit, grant).settle
    except NotProved as failure:
        raise outcomes.record_failure(unit, grant, failure, kind=password_grant.KIND) from None


def _require_none(unit: Unit, user: User) -> Callable[[Queries], None]:
    def confirm(queries: Queries) -> None:
        if passwords.find_version(queries, unit, user.id) is not None:
            raise InvalidCredentials

    return confirm


def _bind(queries: Queries, unit: Unit, session: BrowserSession) -> None:
    """Let the browser session go on under the new password: it would end with the old one."""
    version = passwords.find_version(queries, unit, session.user_id)
    progress = msgspec.structs.replace(read_progress(session), password_version=version)
    browser_sessions.remember(queries, unit, session, state=msgspec.json.encode(progress).decode())
