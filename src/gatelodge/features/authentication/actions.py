"""Authenticate: the one pipeline that every grant goes through."""

from __future__ import annotations

from gatelodge.contract.authentication import (
    AnyGrant,
    AuthenticationResponse,
    RefreshTokenGrant,
)
from gatelodge.contract.errors import (
    EmailVerificationRequired,
    GatelodgeError,
    InvalidGrant,
    UnauthorizedClient,
)
from gatelodge.features.authentication import answers, attempts, outcomes, refresh, store
from gatelodge.features.authentication.grants import GRANTS
from gatelodge.features.authentication.rules import (
    PENDING_PURPOSE,
    PENDING_TTL,
    Done,
    NotProved,
    Progress,
    Proof,
    VerifyEmail,
    next_step,
)
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Session, auth_method_of
from gatelodge.features.tokens import actions as tokens
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries, ReferenceViolation
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit

_SWEEP_BATCH = 500


def authenticate(unit: Unit, grant: AnyGrant) -> AuthenticationResponse:
    """Turn a credential into a session, or into the step that is still missing.

    Raises:
        UnauthorizedClient: This grant needs a secret, and none was proved.
        RuleError: The credential proves nothing; the attempt stays charged.
        StepRequired: The sign-in goes on with another step.
    """
    if isinstance(grant, RefreshTokenGrant):
        return refresh.refresh_session(unit, grant)
    if not unit.actor.believed:
        raise UnauthorizedClient("This grant requires client_secret.")
    try:
        proof = GRANTS[type(grant)].prove(unit, grant)
    except NotProved as failure:
        return outcomes.record_failure(unit, grant, failure)
    progress = Progress(
        user_id=proof.user.id,
        client_id=unit.actor.client_id or "",
        method=proof.method,
        email_proved=proof.email_proved,
        ip_address=attempts.stated(unit, grant.ip_address) or unit.actor.ip_address,
        user_agent=attempts.stated(unit, grant.user_agent) or unit.actor.user_agent,
    )
    return advance(unit, proof, progress)


def advance(unit: Unit, proof: Proof, progress: Progress) -> AuthenticationResponse:
    """Open the session, or store the step that is missing."""
    match next_step(proof.user, progress):
        case Done():
            return _open(unit, proof, progress)
        case VerifyEmail():
            return _require_email_verification(unit, proof, progress)


def _open(unit: Unit, proof: Proof, progress: Progress) -> AuthenticationResponse:
    session = _new_session(unit, progress)
    refresh_token = issue_token(unit.random)
    access_token = tokens.issue_access_token(unit, answers.subject_of(session))

    def write(queries: Queries) -> AuthenticationResponse:
        proof.settle(queries)
        user = users.stamp_sign_in(queries, unit, progress.user_id)
        if user is None:
            raise InvalidGrant("The user is gone.")
        outcomes.record_success(queries, unit, proof, progress)
        sessions.open_session(queries, unit, session, refresh_token)
        return answers.respond(session, user, access_token=access_token, refresh_token=refresh_token)

    try:
        return unit.conclude(write)
    except ReferenceViolation:
        raise InvalidGrant("The user is gone.") from None


def _new_session(unit: Unit, progress: Progress) -> Session:
    return Session(
        environment_id=unit.actor.environment_id,
        id=unit.new_id("session"),
        user_id=progress.user_id,
        client_id=progress.client_id,
        organization_id=progress.organization_id,
        authentication_method=progress.method,
        auth_method=auth_method_of(progress.method),
        ip_address=progress.ip_address,
        user_agent=progress.user_agent,
        impersonator=None,
        authenticated_at=unit.now,
        refreshed_at=unit.now,
        expires_at=unit.now + unit.settings.session_ttl * 1000,
        ended_at=None,
        revoked=False,
        created_at=unit.now,
        updated_at=unit.now,
    )


def _require_email_verification(
    unit: Unit, proof: Proof, progress: Progress
) -> AuthenticationResponse:
    token = issue_token(unit.random)

    def write(queries: Queries) -> AuthenticationResponse | GatelodgeError:
        proof.settle(queries)
        outcomes.record_success(queries, unit, proof, progress)
        verification_id = email_verification.create_verification(queries, unit, proof.user)
        _store_pending(queries, unit, progress, token)
        return EmailVerificationRequired(
            pending_authentication_token=token,
            email=proof.user.email,
            email_verification_id=verification_id,
        )

    return unit.conclude(write)


def _store_pending(queries: Queries, unit: Unit, progress: Progress, token: str) -> None:
    token_hash = unit.sealer.keyed_hash(token, purpose=PENDING_PURPOSE)
    store.insert_pending(
        queries,
        unit.actor.environment_id,
        token_hash,
        progress=progress,
        expires_at=unit.now + PENDING_TTL,
        now=unit.now,
    )


def sweep(unit: Unit) -> int:
    """Remove pending authentications that have expired."""
    return unit.write(
        lambda queries: store.sweep_pending(queries, now=unit.now, limit=_SWEEP_BATCH)
    )
