"""Take an account back by the link that was sent to its old address."""

from __future__ import annotations

from gatelodge.contract.errors import EmailNotAvailable, NotFound
from gatelodge.contract.users import User, UserId
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.actions import withdraw_sign_ins
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_change import undo as undos
from gatelodge.features.email_change.rules import Undo
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.factors import enroll
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.passkeys import register as passkeys
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.database import Queries, UniqueViolation
from gatelodge.kit.mail_templates import Values
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit


def take_back(unit: Unit, undo: Undo) -> User:
    """Give a user the address back that the link was sent to, and shut out whoever is in the account.

    Every session ends, and with it whatever was under way. The password goes, for whoever
    changed the address may know it, and so do second factors and passkeys that were set since
    then; a new password comes by mail. An account that somebody has made with the old address
    meanwhile, and that nobody has ever proved, gives way. Of many racers one succeeds.

    Raises:
        NotFound: The link is used, void or expired, or the user is gone.
        EmailNotAvailable: Another user has proved the old address meanwhile.
    """
    _clear_squatter(unit, undo)
    sends_mail = applications.find_policy(unit).sends_mail

    def write(queries: Queries) -> User:
        held = users.hold_user(queries, unit, undo.user_id)
        if held is None:
            raise NotFound.of("User", undo.user_id)
        undos.spend_undo(queries, unit, undo)
        changed = users.change_email(queries, unit, held, email=undo.old_email)
        _shut_out(queries, unit, undo)
        if sends_mail and held.email_verified and find_email_form(held.email) != find_email_form(changed.email):
            values: Values = {"new_email": changed.email, "done": 1}
            post_mail(queries, unit, "email_change_notice", to=held.email, locale=held.locale, values=values)
        return changed

    try:
        return unit.conclude(write)
    except UniqueViolation:
        raise EmailNotAvailable from None


def _clear_squatter(unit: Unit, undo: Undo) -> None:
    """Delete an account that holds the old address without ever having proved it, or been signed in to.

    Otherwise whoever took the account could bar the way back by signing up with the address.
    """
    other = users.find_user_by_email(unit, undo.old_email)
    if other is None or other.id == undo.user_id:
        return
    if not other.email_verified and other.last_sign_in_at is None:
        memberships.delete_user(unit.act_as(unit.actor), UserId(user_id=other.id))


def _shut_out(queries: Queries, unit: Unit, undo: Undo) -> None:
    passwords.remove(queries, unit, undo.user_id)
    enroll.remove_factors(queries, unit, undo.user_id, since=undo.created_at)
    passkeys.remove_all(queries, unit, undo.user_id, since=undo.created_at)
    email_change.void_change(queries, unit, undo.user_id)
    email_verification.void_codes(queries, unit, undo.user_id)
    magic_auth.void_codes(queries, unit, undo.user_id)
    withdraw_sign_ins(queries, unit, undo.user_id)
    sessions.end_all(queries, unit, undo.user_id)
