"""Tell how an attempt came out, by the events `authentication.…` (contract page 23 §2)."""

from __future__ import annotations

import msgspec
from msgspec import UNSET

from gatelodge.contract.authentication import AuthenticationResponse, Grant
from gatelodge.contract.errors import GatelodgeError
from gatelodge.features.authentication.attempts import stated
from gatelodge.features.authentication.grants import GRANTS
from gatelodge.features.authentication.rules import NotProved, Progress, Proof
from gatelodge.features.events import actions as events
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


class _Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The payload of `authentication.…` events (contract page 23 §2)."""

    type: str
    status: str
    ip_address: str | None
    user_agent: str | None
    user_id: str | None
    email: str | None
    error: dict[str, str] | msgspec.UnsetType = UNSET


def record_success(queries: Queries, unit: Unit, proof: Proof, progress: Progress) -> None:
    """Tell that a credential was right, also when further steps follow."""
    outcome = _Outcome(
        type=proof.kind,
        status="succeeded",
        ip_address=progress.ip_address,
        user_agent=progress.user_agent,
        user_id=proof.user.id,
        email=proof.user.email,
    )
    events.record(queries, unit, f"authentication.{proof.kind}_succeeded", outcome)


def record_failure(unit: Unit, grant: Grant, failure: NotProved) -> AuthenticationResponse:
    """Tell that a credential was wrong, and raise why: the event stays."""
    kind = GRANTS[type(grant)].kind
    outcome = _Outcome(
        type=kind,
        status="failed",
        ip_address=stated(unit, grant.ip_address) or unit.actor.ip_address,
        user_agent=stated(unit, grant.user_agent) or unit.actor.user_agent,
        user_id=failure.user_id,
        email=failure.email,
        error={"code": failure.error.code, "message": failure.error.message},
    )

    def write(queries: Queries) -> AuthenticationResponse | GatelodgeError:
        events.record(queries, unit, f"authentication.{kind}_failed", outcome)
        return failure.error

    return unit.conclude(write)
