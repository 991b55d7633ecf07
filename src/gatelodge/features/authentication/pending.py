"""Pending authentication tokens: a sign-in that waits for its next step.

A token survives wrong codes and is spent by the write that stores what the right one
bought. It is bound to the client that began the sign-in.
"""

from __future__ import annotations

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import PendingTokenInvalid
from gatelodge.contract.users import User
from gatelodge.features.authentication import store
from gatelodge.features.authentication.attempts import stated
from gatelodge.features.authentication.rules import (
    PENDING_PURPOSE,
    PENDING_TTL,
    Pending,
    Progress,
)
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def begin(unit: Unit, grant: Grant, user: User, *, method: str, proved: passwords.Proved | None = None) -> Progress:
    """Begin a sign-in that a first credential, or a password, has just proved."""
    return Progress(
        user_id=user.id,
        client_id=unit.actor.client_id or "",
        method=method,
        ip_address=stated(unit, grant.ip_address) or unit.actor.ip_address,
        user_agent=stated(unit, grant.user_agent) or unit.actor.user_agent,
        password_version=proved.version if proved else passwords.find_version(unit.read, unit, user.id),
    )


def require_pending(unit: Unit, token: str) -> tuple[Pending, User]:
    """Find the sign-in that a token stands for, with its user as it is now.

    Raises:
        PendingTokenInvalid: The token is unknown, spent, expired or another client's.
    """
    token_hash = unit.sealer.keyed_hash(token, purpose=PENDING_PURPOSE)
    found = store.find_pending(unit.read, unit.actor.environment_id, token_hash, now=unit.now)
    if found is None or found.progress.client_id != unit.actor.client_id:
        raise PendingTokenInvalid
    user = users.find_user(unit, found.progress.user_id)
    if user is None or not holds(unit.read, unit, found.progress):
        raise PendingTokenInvalid
    return found, user


def holds(queries: Queries, unit: Unit, progress: Progress) -> bool:
    """Tell whether the password under which a sign-in began is still the user's."""
    if progress.password_version is None:
        return True
    return passwords.find_version(queries, unit, progress.user_id) == progress.password_version


def spend(queries: Queries, unit: Unit, pending: Pending) -> None:
    """Spend a token in the write that stores what it bought.

    Raises:
        PendingTokenInvalid: A racer has spent it first.
    """
    if not store.delete_pending(queries, unit.actor.environment_id, pending.token_hash):
        raise PendingTokenInvalid


def keep(queries: Queries, unit: Unit, progress: Progress, token: str) -> None:
    """Store what a new token stands for."""
    token_hash = unit.sealer.keyed_hash(token, purpose=PENDING_PURPOSE)
    store.insert_pending(
        queries,
        unit.actor.environment_id,
        token_hash,
        progress=progress,
        expires_at=unit.now + PENDING_TTL,
        now=unit.now,
    )
