"""Prove who somebody is by a passkey."""

from __future__ import annotations

from typing import Any

import msgspec

from gatelodge.contract.errors import AuthenticationMethodNotAllowed
from gatelodge.contract.users import User
from gatelodge.features.passkeys import challenges, notices, store
from gatelodge.features.passkeys.rules import (
    Answer,
    Passkey,
    PasskeyCopied,
    PasskeyInvalid,
    PasskeyOfOther,
    ask_for_one,
    find_party,
    has_gone_back,
    verify_proof,
)
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that was right, not yet used."""

    passkey: Passkey
    sign_count: int


def is_offered(unit: Unit) -> bool:
    """Tell whether browsers would use passkeys on our pages at all."""
    return find_party(unit.settings.base_url) is not None


def begin(unit: Unit, holder: str) -> dict[str, Any]:
    """Give what the browser needs to prove a passkey; `holder` names the sign-in that it is at.

    Raises:
        AuthenticationMethodNotAllowed: Browsers use no passkeys where our pages are.
    """
    party = find_party(unit.settings.base_url)
    if party is None:
        raise AuthenticationMethodNotAllowed
    return ask_for_one(party, challenges.issue(unit, holder))


def find_claimed(unit: Unit, answer: Answer) -> tuple[Passkey, User] | None:
    """Find the passkey that an answer says it is by, and its user; nothing is proved by that."""
    passkey = store.find_by_credential(unit.read, unit.actor.environment_id, answer.credential_id)
    user = users.find_user(unit, passkey.user_id) if passkey is not None else None
    return None if passkey is None or user is None else (passkey, user)


def judge(unit: Unit, passkey: Passkey, user: User, *, answer: Answer, email: str | None) -> Proved:
    """Judge an answer to a challenge that is spent by now.

    `email` is the address that is to sign in, where that is settled already. A passkey whose
    count of signatures goes back may have been copied. Refusing that one answer would not
    do, for a copy has only to be used often enough to get ahead: it is barred.

    Raises:
        PasskeyInvalid: The answer is for another origin or party, or not by this passkey and
            a user whom it has verified.
        PasskeyOfOther: The passkey is another user's than the one who is to sign in.
        PasskeyCopied: There may be a copy of it; that is remembered, and the owner told.
    """
    party = find_party(unit.settings.base_url)
    if party is None:
        raise PasskeyInvalid
    sign_count = verify_proof(party, answer, public_key=passkey.public_key)
    if answer.user_handle != user.id.encode():
        raise PasskeyInvalid
    if email is not None and find_email_form(email) != find_email_form(user.email):
        raise PasskeyOfOther
    if has_gone_back(passkey, sign_count):
        _bar(unit, passkey, user)
    if passkey.barred_at is not None or has_gone_back(passkey, sign_count):
        raise PasskeyCopied
    return Proved(passkey=passkey, sign_count=sign_count)


def _bar(unit: Unit, passkey: Passkey, user: User) -> None:
    tells_owner = notices.are_sent(unit)

    def write(queries: Queries) -> None:
        if store.bar(queries, unit.actor.environment_id, passkey.id, now=unit.now) and tells_owner:
            notices.tell_copied(queries, unit, user)

    unit.write(write)


def settle(queries: Queries, unit: Unit, proved: Proved) -> None:
    """Note the use in the transaction of what it buys.

    Raises:
        PasskeyInvalid: The passkey is gone or barred since, or a racer has counted as far.
    """
    environment_id = unit.actor.environment_id
    if not store.use(queries, environment_id, proved.passkey.id, sign_count=proved.sign_count, now=unit.now):
        raise PasskeyInvalid
