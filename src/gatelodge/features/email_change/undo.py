"""The link by which the old address takes a change back: made with the change, good for some days and for once."""

from __future__ import annotations

from urllib.parse import urlencode

from gatelodge.contract.errors import NotFound
from gatelodge.features.email_change import store
from gatelodge.features.email_change.rules import UNDO_PAGE, UNDO_PURPOSE, UNDO_TTL, PendingChange, Undo
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def write_link(unit: Unit, token: str) -> str | None:
    """Write the link of a token; None where no public origin is configured that it could lead to."""
    base_url = unit.settings.base_url
    return f"{base_url}{UNDO_PAGE}?{urlencode({'token': token})}" if base_url else None


def keep_undo(queries: Queries, unit: Unit, change: PendingChange, token: str) -> None:
    """Store what the link stands for, in the transaction of the change."""
    undo = Undo(
        token_hash=unit.sealer.keyed_hash(token, purpose=UNDO_PURPOSE),
        user_id=change.user_id,
        old_email=change.old_email,
        new_email=change.new_email,
        expires_at=unit.now + UNDO_TTL,
        created_at=unit.now,
    )
    store.insert_undo(queries, unit.actor.environment_id, undo)


def find_undo(unit: Unit, token: str) -> tuple[str, Undo]:
    """Find what a link stands for, and before it the environment; nothing is spent.

    Raises:
        NotFound: It was never made, is used, void or expired.
    """
    found = store.find_undo(unit.read, unit.sealer.keyed_hash(token, purpose=UNDO_PURPOSE), now=unit.now)
    if found is None:
        raise NotFound("Email change not found.", entity_id="")
    return found


def spend_undo(queries: Queries, unit: Unit, undo: Undo) -> None:
    """Spend a link, and void those of later changes; those of earlier ones stay good.

    So whoever has moved an account twice cannot keep its first owner from taking it back.

    Raises:
        NotFound: A racer was first.
    """
    environment_id = unit.actor.environment_id
    if not store.spend_undo(queries, environment_id, undo.token_hash, now=unit.now):
        raise NotFound("Email change not found.", entity_id="")
    store.delete_undos(queries, environment_id, undo.user_id, since=undo.created_at)
