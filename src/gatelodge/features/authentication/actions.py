"""Authenticate: the one pipeline that every grant goes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

from msgspec import structs

from gatelodge.contract.authentication import (
    AnyGrant,
    AuthenticationResponse,
    Grant,
    RefreshTokenGrant,
)
from gatelodge.contract.errors import (
    EmailVerificationRequired,
    GatelodgeError,
    InvalidCredentials,
    InvalidGrant,
    InvalidRequest,
    MfaChallenge,
    MfaEnrollment,
    OrganizationSelectionRequired,
    ServiceUnavailable,
    StepRequired,
    UnauthorizedClient,
)
from gatelodge.contract.users import User
from gatelodge.features.authentication import answers, outcomes, pending, redeem, refresh, store
from gatelodge.features.authentication.grants import GRANTS
from gatelodge.features.authentication.rules import (
    ChallengeFactor,
    Done,
    EnrollFactor,
    MissingStep,
    NotProved,
    Progress,
    Proof,
    Refused,
    SelectOrganization,
    Situation,
    VerifyEmail,
    next_step,
)
from gatelodge.features.authentication.situation import observe
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.devices import actions as devices
from gatelodge.features.email_change import actions as email_change
from gatelodge.features.email_verification import actions as email_verification
from gatelodge.features.factors import enroll
from gatelodge.features.passkeys import register as passkeys
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Session, auth_method_of
from gatelodge.features.tokens import actions as tokens
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries, Queued, ReferenceViolation, Unmet
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit

_SWEEP_BATCH = 500

T = TypeVar("T")
Finish: TypeAlias = Callable[[Unit, Proof, Situation], T]
"""What becomes of a sign-in that has passed every step: a session, or a code to trade for one."""


def admit(unit: Unit, grant: AnyGrant) -> None:
    """Let a client use a grant, or refuse it.

    Raises:
        UnauthorizedClient: This grant needs a secret, and none was proved.
    """
    row = GRANTS.get(type(grant))
    if row is not None and row.confidential and not unit.actor.believed:
        raise UnauthorizedClient("This grant requires client_secret.")


def authenticate(unit: Unit, grant: AnyGrant) -> AuthenticationResponse:
    """Turn a credential into a session, or into the step that is still missing.

    Raises:
        RuleError: The credential proves nothing; the attempt stays charged.
        StepRequired: The sign-in goes on with another step.
    """
    if isinstance(grant, RefreshTokenGrant):
        return refresh.refresh_session(unit, grant)
    return carry_out(unit, grant, finish=_open)


def carry_out(unit: Unit, grant: Grant, *, finish: Finish[T], organization_id: str | None = None) -> T:
    """Prove a grant and go on to the end, or to the step that is missing.

    `organization_id` is the organization that the sign-in is for, where that is known.

    Raises:
        RuleError: The credential proves nothing; the attempt stays charged.
        StepRequired: The sign-in goes on with another step.
    """
    row = GRANTS.get(type(grant))
    if row is None:
        raise InvalidRequest("grant_type is not supported.")
    # An invitation is looked at before anything is spent, and spent with the session.
    invitation = redeem.find_invitation(unit, grant)
    try:
        proof = redeem.bind(unit, row.prove(unit, grant), invitation)
    except NotProved as failure:
        raise outcomes.record_failure(unit, grant, failure, kind=row.kind) from None
    if organization_id is not None and proof.progress.organization_id is None:
        progress = structs.replace(proof.progress, organization_id=organization_id)
        proof = structs.replace(proof, progress=progress)
    return advance(unit, proof, finish=finish)


def advance(unit: Unit, proof: Proof, *, finish: Finish[T]) -> T:
    """Finish the sign-in, or store the step that is missing."""
    situation = observe(unit, proof)
    match next_step(situation):
        case Done(organization_id):
            progress = structs.replace(proof.progress, organization_id=organization_id)
            return finish(unit, structs.replace(proof, progress=progress), situation)
        case Refused(error):
            raise _refuse(unit, proof, error)
        case step:
            raise _require(unit, proof, situation, step)


def _open(unit: Unit, proof: Proof, situation: Situation) -> AuthenticationResponse:
    progress, joins = proof.progress, situation.joins
    session = _new_session(unit, progress)
    refresh_token = issue_token(unit.random)
    claims = redeem.find_claims(unit, progress, joins)
    access_token = tokens.issue_access_token(unit, answers.subject_of(session, claims))

    def write(queries: Queries) -> Callable[[], AuthenticationResponse]:
        redeem.hold(queries, unit, progress, joins)
        stamped = _stamp(queries, unit, proof)
        outcomes.record_success(queries, unit, proof)
        redeem.enter(queries, unit, progress, joins)
        sessions.open_session(queries, unit, session, refresh_token)
        return lambda: answers.respond(
            session, users.read_stamped(stamped), access_token=access_token, refresh_token=refresh_token
        )

    with withdrawn(unit, proof):
        return unit.conclude_at_once(write)


def _stamp(queries: Queries, unit: Unit, proof: Proof) -> Queued:
    """Spend what was proved, and write this sign-in down; `users.read_stamped` reads the answer."""
    if not proof.checks_password or proof.claims:
        settle(queries, unit, proof)
        return users.stamp_sign_in(queries, unit, proof.user.id)
    # Writing it down holds the row as well, and a password leaves the user as it is.
    stamped = users.stamp_sign_in(queries, unit, proof.user.id)
    proof.settle(queries)
    return stamped


@contextmanager
def withdrawn(unit: Unit, proof: Proof) -> Iterator[None]:
    """Say what a sign-in failed by whose proof was withdrawn while it was under way.

    Raises:
        InvalidCredentials: The password has changed.
        InvalidGrant: The user is gone.
    """
    try:
        yield
    except ReferenceViolation:
        raise InvalidGrant("The user is gone.") from None
    except Unmet:
        if users.find_user(unit, proof.user.id) is None:
            raise InvalidGrant("The user is gone.") from None
        raise InvalidCredentials from None


def settle(queries: Queries, unit: Unit, proof: Proof) -> User:
    """Spend what was proved, and give the user as it was found, whose row is held from here on.

    A change of the password or of the address holds the same row, so it comes before this
    sign-in, which then finds its proof withdrawn, or after it, and ends its session.
    """
    user = users.hold_user(queries, unit, proof.user.id)
    if user is None:
        raise InvalidGrant("The user is gone.")
    proof.settle(queries)
    if not (proof.checks_password or pending.holds(queries, unit, proof.progress)):
        raise InvalidGrant("The password has changed.")
    if proof.claims:
        if user.email_verified:
            # Somebody has proved the address in this moment, so the step was decided on a
            # state that is no more; whoever tries again finds it as it is.
            raise ServiceUnavailable(retry_after=1)
        forget_unproved(queries, unit, user.id)
    return user


def forget_unproved(queries: Queries, unit: Unit, user_id: str) -> None:
    """Take from an account what was set on it before anybody had proved its address.

    Whoever knew the address could have made the account and left a password, a factor, a passkey, a
    session or a sign-in under way behind, to come back once the owner of the address has
    moved in. Call it within the transaction of the first proof, which must not rest on
    any of these (docs/decisions/0006).
    """
    passwords.remove(queries, unit, user_id)
    enroll.remove_factors(queries, unit, user_id)
    passkeys.remove_all(queries, unit, user_id)
    email_change.void_change(queries, unit, user_id)
    withdraw_sign_ins(queries, unit, user_id)
    sessions.end_all(queries, unit, user_id)


def withdraw_sign_ins(queries: Queries, unit: Unit, user_id: str) -> None:
    """End every sign-in of a user that waits for a step, for its redirect to be followed or for its device to ask."""
    store.delete_pending_of_user(queries, unit.actor.environment_id, user_id)
    devices.withdraw_approvals(queries, unit, user_id)
    authorization.void_codes(queries, unit, user_id)


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
        authenticated_at=progress.authenticated_at or unit.now,
        refreshed_at=unit.now,
        expires_at=unit.now + unit.settings.session_ttl * 1000,
        ended_at=None,
        revoked=False,
        created_at=unit.now,
        updated_at=unit.now,
        browser_session_id=progress.browser_session_id,
        factor_proved=progress.factor_proved,
    )


def _refuse(unit: Unit, proof: Proof, error: GatelodgeError) -> GatelodgeError:
    """Refuse by policy; the credential is not spent, and that it was right is told."""

    def write(queries: Queries) -> GatelodgeError:
        outcomes.record_success(queries, unit, proof)
        return error

    return unit.conclude(write)


def _require(unit: Unit, proof: Proof, situation: Situation, step: MissingStep) -> GatelodgeError:
    """Store how far the sign-in has come under a new token, and ask for the step."""
    token = issue_token(unit.random)

    def write(queries: Queries) -> GatelodgeError:
        user = settle(queries, unit, proof)
        outcomes.record_success(queries, unit, proof)
        pending.keep(queries, unit, proof.progress, token)
        if isinstance(step, VerifyEmail):
            sends_mail = situation.policy.sends_mail
            verification = email_verification.require_verification(queries, unit, user, sends_mail=sends_mail)
            return EmailVerificationRequired(
                pending_authentication_token=token,
                email=verification.email,
                email_verification_id=verification.id,
            )
        return _ask(situation, step, token)

    with withdrawn(unit, proof):
        return unit.conclude(write)


def _ask(situation: Situation, step: EnrollFactor | ChallengeFactor | SelectOrganization, token: str) -> StepRequired:
    match step:
        case EnrollFactor():
            return MfaEnrollment(pending_authentication_token=token, user=situation.user)
        case ChallengeFactor():
            return MfaChallenge(
                pending_authentication_token=token,
                user=situation.user,
                authentication_factors=list(situation.factors),
            )
        case SelectOrganization():
            return OrganizationSelectionRequired(
                pending_authentication_token=token,
                user=situation.user,
                organizations=list(situation.organizations),
            )


def sweep(unit: Unit) -> int:
    """Remove pending authentications that have expired."""
    return unit.write(lambda queries: store.sweep_pending(queries, now=unit.now, limit=_SWEEP_BATCH))
