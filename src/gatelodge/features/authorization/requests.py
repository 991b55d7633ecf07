"""Begin, find, carry on and spend authorization requests."""

from __future__ import annotations

import msgspec

from gatelodge.contract.errors import OneTimeCodeExpired, OneTimeCodeInvalid, OneTimeCodeTooManyAttempts, RuleError
from gatelodge.contract.shapes import ready
from gatelodge.features.authorization import store
from gatelodge.features.authorization.rules import (
    REQUEST_PURPOSE,
    REQUEST_TTL,
    Asked,
    AuthorizationRequest,
    Flow,
)
from gatelodge.kit.database import Queries
from gatelodge.kit.one_time_codes import CODE_TTL, MOST_ATTEMPTS
from gatelodge.kit.sealing import SealBroken
from gatelodge.kit.unit import Unit


class RequestGone(Exception):
    """The request is done, expired, or was never made in this browser."""


def begin(unit: Unit, token: str, *, asked: Asked, flow: Flow) -> AuthorizationRequest:
    """Store what an app asks for; `token` is what the browser's cookie holds."""
    request = AuthorizationRequest(
        environment_id=unit.actor.environment_id,
        token_hash=unit.sealer.keyed_hash(token, purpose=REQUEST_PURPOSE),
        asked=asked,
        flow=flow,
        created_at=unit.now,
    )
    sealed = _seal(unit, asked), _seal(unit, flow)

    def write(queries: Queries) -> None:
        store.insert_request(
            queries,
            unit.actor.environment_id,
            request.token_hash,
            client_id=asked.client_id,
            asked=sealed[0],
            flow=sealed[1],
            expires_at=unit.now + REQUEST_TTL,
            now=unit.now,
        )

    unit.write(write)
    return request


def find(unit: Unit, token: str) -> AuthorizationRequest | None:
    """Find the live request of a cookie; it names its environment."""
    token_hash = unit.sealer.keyed_hash(token, purpose=REQUEST_PURPOSE)
    row = store.find_request(unit.read, token_hash, now=unit.now)
    if row is None:
        return None
    environment_id, asked, flow, created_at = row
    try:
        return AuthorizationRequest(
            environment_id=environment_id,
            token_hash=token_hash,
            asked=msgspec.json.decode(unit.sealer.unseal(asked, purpose=REQUEST_PURPOSE), type=ready(Asked)),
            flow=msgspec.json.decode(unit.sealer.unseal(flow, purpose=REQUEST_PURPOSE), type=ready(Flow)),
            created_at=created_at,
        )
    except (SealBroken, msgspec.ValidationError):
        # Of another release or another key: the app begins anew, nothing is lost.
        return None


def carry_on(unit: Unit, request: AuthorizationRequest, *, flow: Flow) -> AuthorizationRequest:
    """Store how far the browser has come; a request that is gone stays gone."""
    sealed = _seal(unit, flow)
    unit.write(lambda queries: store.update_flow(queries, request.environment_id, request.token_hash, flow=sealed))
    return msgspec.structs.replace(request, flow=flow)


def judge_feigned(unit: Unit, flow: Flow) -> RuleError:
    """Give the answer that a wrong code would get which had been mailed when it was said to be."""
    if flow.feigned_at is not None and flow.feigned_at + CODE_TTL <= unit.now:
        return OneTimeCodeExpired()
    return OneTimeCodeInvalid() if flow.tries < MOST_ATTEMPTS else OneTimeCodeTooManyAttempts()


def spend(queries: Queries, request: AuthorizationRequest) -> None:
    """Spend a request in the write that stores what it bought: of two racers one gets a code.

    Raises:
        RequestGone: A racer has spent it first.
    """
    if not store.delete_request(queries, request.environment_id, request.token_hash):
        raise RequestGone


def drop(unit: Unit, request: AuthorizationRequest) -> None:
    """End a request that the user gave up."""
    unit.write(lambda queries: store.delete_request(queries, request.environment_id, request.token_hash))


def _seal(unit: Unit, value: msgspec.Struct) -> bytes:
    return unit.sealer.seal(msgspec.json.encode(value), purpose=REQUEST_PURPOSE)
