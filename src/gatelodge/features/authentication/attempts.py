"""Attempts are charged before they are judged, and a wrong one is never given back.

Two buckets hold at once: one for an address of e-mail as tried from one place, which a
success clears, and a wider one for the account from all places, which nothing clears but
time. A flood from one place meets the first, so it cannot lock the owner out elsewhere;
and a place the owner has signed in from is let past the second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import TooManyRequests
from gatelodge.contract.users import User
from gatelodge.features.authentication.rules import THROTTLE_PURPOSE
from gatelodge.features.sessions import actions as sessions
from gatelodge.kit import throttle
from gatelodge.kit.database import Queries
from gatelodge.kit.throttle import AskedCharge
from gatelodge.kit.unit import Unit

T = TypeVar("T")

_ATTEMPT_BYTES = 8


def stated(unit: Unit, value: str | None) -> str | None:
    """Believe what a caller says of the end user only when it has proved an API key."""
    return value if unit.actor.believed else None


def claimed_address(unit: Unit, grant: Grant) -> str | None:
    """Tell the end user's address for the sake of limits.

    A caller with an API key may state it, and one that does not has none: its own address
    is the app's, shared by all users. A public client's connection is the user's own.
    """
    if unit.actor.believed:
        return grant.ip_address or None
    return unit.actor.ip_address


def charge_sign_in(unit: Unit, grant: Grant, *, form: str, user: User | None) -> str:
    """Charge an attempt to sign in, in a write of its own; answers the bucket to clear.

    `form` is the address as `users.rules.name_address` gives it.

    Raises:
        TooManyRequests: A bucket is empty; nothing more was charged.
    """
    place, _ = charge_and_look(unit, grant, form=form, user=user, look=lambda _: None)
    return place


def charge_and_look(
    unit: Unit, grant: Grant, *, form: str, user: User | None, look: Callable[[Queries], T]
) -> tuple[str, T]:
    """Charge an attempt like `charge_sign_in`, and ask on the way for what it is judged by.

    `look` asks, and what it gives is answered beside the bucket.

    Raises:
        TooManyRequests: A bucket is empty; nothing more was charged.
    """
    address = claimed_address(unit, grant)
    narrow, wide = _bucket(unit, "place", form, address or "-"), _bucket(unit, "account", form)
    if not unit.settings.limits:
        return narrow, look(unit.read)
    limits = ((narrow, unit.settings.limit_per_email), (wide, unit.settings.limit_per_account))
    allowances = [(bucket, throttle.read_allowance(limit)) for bucket, limit in limits]
    buckets = [(bucket, allowance) for bucket, allowance in allowances if allowance is not None]
    attempt = int.from_bytes(unit.random.token_bytes(_ATTEMPT_BYTES), "big") >> 1

    def charge(queries: Queries) -> tuple[list[AskedCharge], T]:
        asked = throttle.ask_in_turn(queries, buckets, now=unit.now, attempt=attempt)
        return asked, look(queries)

    asked, seen = unit.write(charge)
    for each in asked:
        wait = each.judge(unit.read)
        if wait is not None and not (each.bucket == wide and _knows(unit, user, address)):
            raise TooManyRequests(retry_after=wait)
    return narrow, seen


def charge_passkey(unit: Unit, grant: Grant, passkey_id: str | None) -> str:
    """Charge an attempt by a passkey, or by one that is unknown; answers the bucket to clear.

    Only tries of this passkey from this place count: no flood of wrong passwords, and nobody
    elsewhere, keeps its owner out. Signatures cannot be guessed, so there is no wider bucket.

    Raises:
        TooManyRequests: The bucket is empty.
    """
    bucket = _bucket(unit, "passkey", passkey_id or "-", claimed_address(unit, grant) or "-")
    if unit.settings.limits:
        wait = unit.write(lambda queries: _charge(queries, unit, bucket, unit.settings.limit_per_email))
        if wait is not None:
            raise TooManyRequests(retry_after=wait)
    return bucket


def _bucket(unit: Unit, *parts: str) -> str:
    name = "\x1f".join((unit.actor.environment_id, *parts))
    return unit.sealer.keyed_hash(name, purpose=THROTTLE_PURPOSE).hex()


def _charge(queries: Queries, unit: Unit, bucket: str, setting: str) -> int | None:
    allowance = throttle.read_allowance(setting)
    if allowance is None:
        return None
    return throttle.charge(queries, bucket, allowance, now=unit.now)


def _knows(unit: Unit, user: User | None, address: str | None) -> bool:
    if user is None or address is None:
        return False
    return sessions.has_signed_in_from(unit, user.id, address)


def clear(queries: Queries, unit: Unit, bucket: str) -> None:
    """Clear the bucket of this address from this place, after a success."""
    if unit.settings.limits:
        throttle.clear(queries, bucket)
