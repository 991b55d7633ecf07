"""Recovery codes: a way past the second factor for whoever has lost it, each good for once."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import OneTimeCodeInvalid, OneTimeCodeUsed, RateLimited
from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.features.factors import store
from gatelodge.features.factors.rules import (
    RECOVERY_BYTES,
    RECOVERY_CODES,
    RECOVERY_PURPOSE,
    RecoveryCodes,
    fold_recovery_code,
    write_recovery_code,
)
from gatelodge.features.users import actions as users
from gatelodge.kit import limits
from gatelodge.kit.database import Queries
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.unit import Unit


class Recovered(msgspec.Struct, frozen=True, kw_only=True):
    """A recovery code that was right, not yet spent."""

    user: User
    code_hash: bytes
    tells_owner: bool


def issue_codes(unit: Unit, user_id: str, *, tells_owner: bool = True) -> list[str]:
    """Make ten new codes in place of all earlier ones, and give them this once; only hashes are kept.

    `tells_owner` says whether mail tells of it, which is not needed where mail tells of the
    factor that they come with.

    Raises:
        NotFound: The user is gone.
        OneTimeCodeInvalid: There is no second factor that they could stand in for.
    """
    sends_mail = tells_owner and applications.find_policy(unit).sends_mail
    codes = [write_recovery_code(unit.random.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES)]
    hashes = [_hash(unit, user_id, fold_recovery_code(code)) for code in codes]

    def write(queries: Queries) -> None:
        environment_id = unit.actor.environment_id
        user = users.hold_user(queries, unit, user_id)
        if user is None or not store.list_verified(queries, environment_id, user_id):
            raise OneTimeCodeInvalid
        store.delete_recovery_codes(queries, environment_id, user_id)
        for code_hash in hashes:
            store.insert_recovery_code(queries, environment_id, user_id, code_hash=code_hash, now=unit.now)
        if sends_mail and user.email_verified:
            post_mail(queries, unit, "recovery_codes_made", to=user.email, locale=user.locale, values={})

    unit.write(write)
    return codes


def _hash(unit: Unit, user_id: str, folded: str) -> bytes:
    return unit.sealer.keyed_hash(f"{user_id}:{folded}", purpose=RECOVERY_PURPOSE)


def count_codes(unit: Unit, user_id: str) -> RecoveryCodes:
    """Tell how many codes a user has that are good, and when they were made."""
    return store.count_recovery_codes(unit.read, unit.actor.environment_id, user_id)


def judge(unit: Unit, user: User, code: str) -> Recovered:
    """Judge a recovery code; the try is charged first, and a wrong one is never given back.

    A user without a second factor has none to stand in for, so that no code can take the
    place of a factor that has yet to be enrolled.

    Raises:
        OneTimeCodeInvalid: It is none of the user's.
        OneTimeCodeUsed: It was used before.
        RateLimited: Too many were tried for this user.
    """
    charged = limits.limit_on(unit, unit.settings.limit_per_factor, "recovery_code", user.id)
    wait = unit.write(lambda queries: limits.charge(queries, unit, charged))
    if wait is not None:
        raise RateLimited(retry_after=wait)
    environment_id = unit.actor.environment_id
    code_hash = _hash(unit, user.id, fold_recovery_code(code))
    is_spent = store.find_recovery_code(unit.read, environment_id, user.id, code_hash=code_hash)
    if is_spent is None or not store.list_verified(unit.read, environment_id, user.id):
        raise OneTimeCodeInvalid
    if is_spent:
        raise OneTimeCodeUsed
    return Recovered(user=user, code_hash=code_hash, tells_owner=applications.find_policy(unit).sends_mail)


def spend(queries: Queries, unit: Unit, recovered: Recovered) -> None:
    """Spend a code in the transaction of what it buys, and tell its owner.

    Raises:
        OneTimeCodeUsed: A racer was first, or the codes were made anew.
    """
    environment_id, user = unit.actor.environment_id, recovered.user
    if not store.spend_recovery_code(queries, environment_id, user.id, code_hash=recovered.code_hash, now=unit.now):
        raise OneTimeCodeUsed
    if recovered.tells_owner and user.email_verified:
        left = store.count_recovery_codes(queries, environment_id, user.id).left
        post_mail(queries, unit, "recovery_code_used", to=user.email, locale=user.locale, values={"left": left})
