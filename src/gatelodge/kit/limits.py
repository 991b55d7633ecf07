"""Limits on what is tried and what is sent: buckets in rows, as wide as the settings say.

A try is charged in a write of its own, before it is judged, so that a raise refunds
nothing and racers pay each for themselves. What turned out right may be given back, so
that the buckets count wrong tries and can be small.
"""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import DailyQuotaExceeded
from gatelodge.kit import throttle
from gatelodge.kit.database import Queries
from gatelodge.kit.throttle import Allowance, read_allowance
from gatelodge.kit.unit import Unit

_PURPOSE = "limit"


class Limit(msgspec.Struct, frozen=True):
    """One bucket, and how much may be charged to it."""

    bucket: str
    allowance: Allowance


def limit_on(unit: Unit, setting: str, *subject: str | None) -> Limit | None:
    """Name the bucket of a subject; None when nothing limits it.

    `setting` is `count/seconds` or `off`. A subject of which a part is unknown, such as an
    address that nobody told, has no bucket.
    """
    allowance = read_allowance(setting) if unit.settings.limits else None
    if allowance is None or not all(subject):
        return None
    name = "\x1f".join((unit.actor.environment_id, *(part or "" for part in subject)))
    return Limit(unit.sealer.keyed_hash(name, purpose=_PURPOSE).hex(), allowance)


def charge(queries: Queries, unit: Unit, *limits: Limit | None) -> int | None:
    """Charge each bucket once; give None, or the whole seconds after which to try again.

    The first that is exhausted ends it: those before it stay charged.
    """
    for limit in limits:
        if limit is None:
            continue
        wait = throttle.charge(queries, limit.bucket, limit.allowance, now=unit.now)
        if wait is not None:
            return wait
    return None


def charge_mail(queries: Queries, unit: Unit) -> None:
    """Charge a mail with a code or a link to the quota of its environment.

    In the transaction that writes the mail: where the quota is used up, neither the mail
    nor the code comes to be, and so nothing is charged.

    Raises:
        DailyQuotaExceeded: The environment may send no more for now.
    """
    wait = charge(queries, unit, limit_on(unit, unit.settings.limit_mails, "mails"))
    if wait is not None:
        raise DailyQuotaExceeded(retry_after=wait)


def refund(queries: Queries, unit: Unit, *limits: Limit | None) -> None:
    """Give back what a right try was charged, in the write that stores what it bought."""
    for limit in limits:
        if limit is not None:
            throttle.refund(queries, limit.bucket, limit.allowance, now=unit.now)
