"""Challenges: what a passkey signs, so that an answer is good for one browser, one purpose and once."""

from __future__ import annotations

from gatelodge.features.passkeys import store
from gatelodge.features.passkeys.rules import (
    CHALLENGE_BYTES,
    CHALLENGE_PURPOSE,
    CHALLENGE_TTL,
    HOLDER_PURPOSE,
    MOST_CHALLENGES,
)
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

_SWEEP_BATCH = 500


def issue(unit: Unit, holder: str) -> bytes:
    """Make a challenge for a holder, which names the browser and what it is about to do."""
    challenge = unit.random.token_bytes(CHALLENGE_BYTES)
    environment_id, holder_hash = unit.actor.environment_id, _hash_holder(unit, holder)
    challenge_hash = _hash(unit, challenge)

    def write(queries: Queries) -> None:
        store.insert_challenge(
            queries,
            environment_id,
            challenge_hash,
            holder_hash=holder_hash,
            expires_at=unit.now + CHALLENGE_TTL,
            now=unit.now,
        )
        store.drop_oldest_challenges(queries, environment_id, holder_hash, most=MOST_CHALLENGES)

    unit.write(write)
    return challenge


def spend(queries: Queries, unit: Unit, challenge: bytes, *, holder: str) -> bool:
    """Spend a challenge before its answer is judged, in the write that charges the try.

    A wrong answer spends it, too: the browser makes another as easily, and so nobody can try
    many answers to one. False when it was spent before, has expired, or is another holder's.
    """
    return store.spend_challenge(
        queries,
        unit.actor.environment_id,
        _hash(unit, challenge),
        holder_hash=_hash_holder(unit, holder),
        now=unit.now,
    )


def _hash(unit: Unit, challenge: bytes) -> bytes:
    return unit.sealer.keyed_hash(challenge.hex(), purpose=CHALLENGE_PURPOSE)


def _hash_holder(unit: Unit, holder: str) -> bytes:
    return unit.sealer.keyed_hash(holder, purpose=HOLDER_PURPOSE)


def sweep(unit: Unit) -> int:
    """Remove challenges that have expired."""
    return unit.write(lambda queries: store.sweep(queries, now=unit.now, limit=_SWEEP_BATCH))
