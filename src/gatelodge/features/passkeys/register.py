"""Register passkeys, list, rename and remove them."""

from __future__ import annotations

from typing import Any

from gatelodge.contract.errors import AuthenticationMethodNotAllowed, InvalidGrant, RateLimited
from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import allows_method
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.browser_sessions.rules import BrowserSession
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.passkeys import challenges, notices, store
from gatelodge.features.passkeys.rules import (
    LONGEST_NAME,
    MOST_PASSKEYS,
    Answer,
    Party,
    Passkey,
    PasskeyChallengeGone,
    PasskeyTaken,
    TooManyPasskeys,
    ask_for_new,
    find_party,
    read_answer,
    verify_new,
)
from gatelodge.features.users import actions as users
from gatelodge.kit import limits
from gatelodge.kit.database import Queries, UniqueViolation
from gatelodge.kit.unit import Unit


def may_register(unit: Unit, user: User) -> bool:
    """Tell whether a user may have passkeys: by where the pages are, by environment and by organization."""
    if find_party(unit.settings.base_url) is None:
        return False
    return allows_method(applications.find_policy(unit), "Passkey") and organizations.lets_use(
        unit, user.email, "Passkey"
    )


def begin(unit: Unit, session: BrowserSession, user: User) -> dict[str, Any]:
    """Give what the browser needs to make a passkey for whom it is signed in as.

    Raises:
        AuthenticationMethodNotAllowed: This user may have none.
        TooManyPasskeys: There are as many as there may be.
    """
    party = _require_party(unit, user)
    others = list_passkeys(unit, user.id)
    if len(others) >= MOST_PASSKEYS:
        raise TooManyPasskeys
    brand = applications.find_policy(unit).brand_name or unit.settings.brand_name
    challenge = challenges.issue(unit, _name_holder(session))
    return ask_for_new(party, challenge, brand=brand, user=user, others=others)


def _require_party(unit: Unit, user: User) -> Party:
    party = find_party(unit.settings.base_url)
    if party is None or not may_register(unit, user):
        raise AuthenticationMethodNotAllowed
    return party


def _name_holder(session: BrowserSession) -> str:
    return f"register:{session.id}"


def register(unit: Unit, session: BrowserSession, user: User, *, credential: str, name: str) -> Passkey:
    """Keep the passkey that the browser has made, and tell its owner by mail.

    It is kept only while the browser session lives: should the owner of the address claim
    the account at this moment, nothing of whoever was in it before may come in after that.

    Raises:
        AuthenticationMethodNotAllowed: This user may have none.
        PasskeyChallengeGone: It answers no challenge that this browser still has.
        PasskeyInvalid: It was made for another origin or party, without verifying the user, or is malformed.
        PasskeyTaken: It is registered here already, by whomever.
        TooManyPasskeys: There are as many as there may be.
        InvalidGrant: The browser session has ended.
        RateLimited: That was tried too often.
    """
    party = _require_party(unit, user)
    answer = read_answer(credential)
    _charge(unit, session, answer)
    made = verify_new(party, answer)
    passkey = Passkey(
        id=unit.new_id("passkey"),
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        name=name[:LONGEST_NAME],
        created_at=unit.now,
        updated_at=unit.now,
    )
    tells_owner = notices.are_sent(unit)

    def write(queries: Queries) -> Passkey:
        owner = users.hold_user(queries, unit, user.id)
        if owner is None or not browser_sessions.use(queries, unit, session):
            raise InvalidGrant("The browser session has ended.")
        if len(store.list_of_user(queries, unit.actor.environment_id, user.id)) >= MOST_PASSKEYS:
            raise TooManyPasskeys
        store.insert_passkey(queries, unit.actor.environment_id, passkey)
        if tells_owner:
            notices.tell_added(queries, unit, owner)
        return passkey

    try:
        return unit.conclude(write)
    except UniqueViolation:
        raise PasskeyTaken from None


def _charge(unit: Unit, session: BrowserSession, answer: Answer) -> None:
    charged = limits.limit_on(unit, unit.settings.limit_per_factor, "passkey_registration", session.user_id)

    def charge(queries: Queries) -> tuple[int | None, bool]:
        wait = limits.charge(queries, unit, charged)
        spent = wait is None and challenges.spend(queries, unit, answer.challenge, holder=_name_holder(session))
        return wait, spent

    wait, spent = unit.write(charge)
    if wait is not None:
        raise RateLimited(retry_after=wait)
    if not spent:
        raise PasskeyChallengeGone


def list_passkeys(unit: Unit, user_id: str) -> list[Passkey]:
    """List the passkeys of a user, oldest first; there are at most `MOST_PASSKEYS`."""
    return store.list_of_user(unit.read, unit.actor.environment_id, user_id)


def rename(unit: Unit, user: User, passkey_id: str, *, name: str) -> None:
    """Give a passkey of this very user another name; one that is gone, or another's, is let be."""
    unit.write(
        lambda queries: store.rename(
            queries, unit.actor.environment_id, passkey_id, user_id=user.id, name=name[:LONGEST_NAME], now=unit.now
        )
    )


def remove(unit: Unit, user: User, passkey_id: str) -> None:
    """Remove a passkey of this very user, and tell them by mail; one that is gone, or another's, is let be."""
    tells_owner = notices.are_sent(unit)

    def write(queries: Queries) -> None:
        owner = users.hold_user(queries, unit, user.id)
        is_gone = store.delete_passkey(queries, unit.actor.environment_id, passkey_id, user_id=user.id)
        if is_gone and tells_owner and owner is not None:
            notices.tell_removed(queries, unit, owner)

    unit.conclude(write)


def remove_all(queries: Queries, unit: Unit, user_id: str, *, since: int = 0) -> None:
    """Remove the passkeys of a user, within the transaction of what asks for it.

    `since` leaves those that were made before an instant, in milliseconds.
    """
    store.delete_of_user(queries, unit.actor.environment_id, user_id, since=since)
