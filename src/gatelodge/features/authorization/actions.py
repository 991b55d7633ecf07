"""Issue, prove and spend authorization codes."""

from __future__ import annotations

from gatelodge.contract.errors import (
    CodeChallengeNotFound,
    InvalidGrant,
    InvalidRequest,
    UnauthorizedClient,
)
from gatelodge.features.authorization import store
from gatelodge.features.authorization.rules import (
    CODE_PURPOSE,
    CODE_TTL,
    IssuedCode,
    answers_challenge,
)
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit

_SWEEP_BATCH = 500


def issue_code(
    queries: Queries, unit: Unit, *, user_id: str, client_id: str, state: str, code_challenge: str | None
) -> str:
    """Store a code for a sign-in that has passed every step; answers its plain form."""
    code = issue_token(unit.random)
    issued = IssuedCode(
        code_hash=unit.sealer.keyed_hash(code, purpose=CODE_PURPOSE),
        client_id=client_id,
        user_id=user_id,
        state=state,
        code_challenge=code_challenge,
    )
    store.insert(
        queries,
        unit.actor.environment_id,
        issued,
        expires_at=unit.now + CODE_TTL,
        now=unit.now,
    )
    return code


def prove_code(unit: Unit, code: str, verifier: str | None) -> IssuedCode:
    """Prove a code, by its verifier when it was issued with a challenge.

    A client without a secret must bring a verifier: nothing else ties the code to it.

    Raises:
        InvalidGrant: Unknown, spent, expired, another client's, or the wrong verifier; one
            answer for all.
        InvalidRequest: The verifier is missing.
        CodeChallengeNotFound: A verifier came, but the code has no challenge.
        UnauthorizedClient: A public client brings no verifier.
    """
    if verifier is None and not unit.actor.believed:
        raise UnauthorizedClient("A public client must send code_verifier.")
    code_hash = unit.sealer.keyed_hash(code, purpose=CODE_PURPOSE)
    found = store.find(unit.read, unit.actor.environment_id, code_hash, now=unit.now)
    if found is None or found.client_id != unit.actor.client_id:
        raise InvalidGrant("The code is invalid or has expired.")
    if found.code_challenge is None:
        if verifier is not None:
            raise CodeChallengeNotFound
        return found
    if verifier is None:
        raise InvalidRequest("code_verifier is required.")
    if not answers_challenge(found.code_challenge, verifier):
        raise InvalidGrant("The code is invalid or has expired.")
    return found


def spend_code(queries: Queries, unit: Unit, code: IssuedCode) -> None:
    """Spend a code in the write that opens the session.

    Raises:
        InvalidGrant: A racer has spent it first.
    """
    if not store.delete(queries, unit.actor.environment_id, code.code_hash):
        raise InvalidGrant("The code is invalid or has expired.")


def void_codes(queries: Queries, unit: Unit, user_id: str) -> None:
    """Void every code of a user, within the transaction of the change that asks for it."""
    store.delete_of_user(queries, unit.actor.environment_id, user_id)


def sweep(unit: Unit) -> int:
    """Remove codes and requests that have expired."""
    return unit.write(
        lambda queries: (
            store.sweep(queries, now=unit.now, limit=_SWEEP_BATCH)
            + store.sweep_requests(queries, now=unit.now, limit=_SWEEP_BATCH)
        )
    )
