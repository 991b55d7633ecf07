"""Tell how an attempt came out, by the events `authentication.…` (contract page 23 §2)."""

from __future__ import annotations

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import GatelodgeError
from gatelodge.features.authentication.attempts import stated
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.events import actions as events
from gatelodge.features.events.rules import AuthenticationOutcome
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def record_success(queries: Queries, unit: Unit, proof: Proof) -> None:
    """Tell that a credential was right, also when further steps follow."""
    if proof.kind is None:
        return
    outcome = AuthenticationOutcome(
        type=proof.kind,
        status="succeeded",
        ip_address=proof.progress.ip_address,
        user_agent=proof.progress.user_agent,
        user_id=proof.user.id,
        email=proof.user.email,
    )
    events.record(queries, unit, f"authentication.{proof.kind}_succeeded", outcome)


def record_reauthentication(queries: Queries, unit: Unit, proof: Proof) -> None:
    """Tell that a user whom the browser had signed in has proved it once more."""
    outcome = AuthenticationOutcome(
        type="reauthentication",
        status="succeeded",
        ip_address=proof.progress.ip_address,
        user_agent=proof.progress.user_agent,
        user_id=proof.user.id,
        email=proof.user.email,
    )
    events.record(queries, unit, "authentication.reauthentication_succeeded", outcome)


def record_failure(unit: Unit, grant: Grant, failure: NotProved, *, kind: str | None) -> GatelodgeError:
    """Tell that a credential was wrong, and raise why: the event stays."""
    outcome = AuthenticationOutcome(
        type=kind or "",
        status="failed",
        ip_address=stated(unit, grant.ip_address) or unit.actor.ip_address,
        user_agent=stated(unit, grant.user_agent) or unit.actor.user_agent,
        user_id=failure.user_id,
        email=failure.email,
        error={"code": failure.error.code, "message": failure.error.message},
    )

    def write(queries: Queries) -> GatelodgeError:
        if kind is not None:
            events.record(queries, unit, f"authentication.{kind}_failed", outcome)
        return failure.error

    return unit.conclude(write)
