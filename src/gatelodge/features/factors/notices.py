"""Mails that tell a user of second factors gained and lost."""

from __future__ import annotations

from gatelodge.features.applications import actions as applications
from gatelodge.features.factors.rules import Factor
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit


def are_sent(unit: Unit, factor: Factor) -> bool:
    """Tell whether mail is sent about a factor; asked before the transaction, not in it."""
    return factor.user_id is not None and applications.find_policy(unit).sends_mail


def tell_enrolled(queries: Queries, unit: Unit, factor: Factor) -> None:
    """Tell the owner that a factor counts from now on, in the transaction that enrols it."""
    _tell(queries, unit, factor, "mfa_enrolled")


def tell_removed(queries: Queries, unit: Unit, factor: Factor) -> None:
    """Tell the owner that a factor is gone, in the transaction that deletes it."""
    _tell(queries, unit, factor, "mfa_removed")


def _tell(queries: Queries, unit: Unit, factor: Factor, template: str) -> None:
    owner = users.find_users(queries, unit, [factor.user_id or ""]).get(factor.user_id or "")
    # An address that nobody proved may be a stranger's, who has no business with the account.
    if owner is not None and owner.email_verified:
        post_mail(queries, unit, template, to=owner.email, locale=owner.locale, values={"factor": factor.type})
