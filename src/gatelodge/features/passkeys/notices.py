"""Mails that tell users of passkeys gained, lost, and perhaps copied."""

from __future__ import annotations

from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit


def are_sent(unit: Unit) -> bool:
    """Tell whether mail is sent about passkeys; asked before the transaction, not in it."""
    return applications.find_policy(unit).sends_mail


def tell_added(queries: Queries, unit: Unit, owner: User) -> None:
    """Tell the owner of a new passkey, in the transaction that stores it."""
    _tell(queries, unit, owner, "passkey_added")


def tell_copied(queries: Queries, unit: Unit, owner: User) -> None:
    """Tell the owner that there may be a copy of a passkey, in the transaction that bars it."""
    _tell(queries, unit, owner, "passkey_copied")


def tell_removed(queries: Queries, unit: Unit, owner: User) -> None:
    """Tell the owner that a passkey is gone, in the transaction that deletes it."""
    _tell(queries, unit, owner, "passkey_removed")


def _tell(queries: Queries, unit: Unit, owner: User, template: str) -> None:
    # An address that nobody proved may be a stranger's, who has no business with the account.
    if owner.email_verified:
        post_mail(queries, unit, template, to=owner.email, locale=owner.locale, values={})
