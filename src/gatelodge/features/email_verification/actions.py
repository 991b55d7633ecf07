"""Create verifications."""

from __future__ import annotations

from gatelodge.contract.timestamps import write_timestamp
from gatelodge.contract.users import User
from gatelodge.features.email_verification import store
from gatelodge.features.email_verification.rules import (
    CODE_PURPOSE,
    CODE_TTL,
    VerificationCreated,
)
from gatelodge.features.events import actions as events
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_code
from gatelodge.kit.unit import Unit

_KEPT_AFTER_EXPIRY = 86_400_000
_SWEEP_BATCH = 500


def create_verification(queries: Queries, unit: Unit, user: User) -> str:
    """Store a verification of a user's address within a transaction; answers its id."""
    verification_id = unit.new_id("email_verification")
    expires_at = unit.now + CODE_TTL
    store.insert(
        queries,
        environment_id=unit.actor.environment_id,
        verification_id=verification_id,
        user_id=user.id,
        email=user.email,
        code=unit.sealer.seal(issue_code(unit.random).encode(), purpose=CODE_PURPOSE),
        expires_at=expires_at,
        now=unit.now,
    )
    now = write_timestamp(unit.now)
    created = VerificationCreated(
        id=verification_id,
        user_id=user.id,
        email=user.email,
        expires_at=write_timestamp(expires_at),
        created_at=now,
        updated_at=now,
    )
    events.record(queries, unit, "email_verification.created", created)
    return verification_id


def sweep(unit: Unit) -> int:
    """Remove verifications that expired a day ago."""
    return unit.write(lambda queries: store.sweep(queries, before=unit.now - _KEPT_AFTER_EXPIRY, limit=_SWEEP_BATCH))
