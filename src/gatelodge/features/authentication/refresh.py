"""The `refresh_token` grant (contract page 11 §7): rotation that cannot log people out.

The token presented is retired in the write that stores its successor, and the pair is
sealed beside that one. Whoever presents the retired token within the window gets that
very pair: the second of two racing requests, on whichever server, and the client whose
answer was lost in a crash. After the window the token is evidence of a copy, and the
whole session ends.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from gatelodge.contract.authentication import AuthenticationResponse, RefreshTokenGrant
from gatelodge.contract.errors import (
    GatelodgeError,
    InvalidGrant,
    OrganizationIdInvalid,
    OrganizationMembershipNotFound,
    OrganizationNotFound,
    ServiceUnavailable,
    TooManyRequests,
)
from gatelodge.contract.ids import find_instant
from gatelodge.features.authentication import answers, demands
from gatelodge.features.authentication.demands import Ground
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles.rules import Claims
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Pair, TokenRecord
from gatelodge.features.tokens import actions as tokens
from gatelodge.kit.database import Queries
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit

# A replay may lead to a successor that is retired itself; a client in good faith is at
# most one step behind, so a longer chain is refused.
_LONGEST_CHAIN = 8


def refresh_session(unit: Unit, grant: RefreshTokenGrant) -> AuthenticationResponse:
    """Trade a refresh token for a new pair, or give again the pair it was traded for.

    Raises:
        InvalidGrant: The token is unknown, spent, of another client, or its session ended.
        OrganizationMembershipNotFound: The user is no active member where it asks to go.
    """
    token = grant.refresh_token
    for _ in range(_LONGEST_CHAIN):
        ground = _require_ground(unit, token)
        record = ground.record
        if record.is_live:
            try:
                return _rotate(unit, grant, ground)
            except sessions.Raced:
                continue
        pair = sessions.find_successor(unit, record)
        if pair is None:
            return _end_family(unit, record)
        if _wanted_organization(grant, pair.organization_id) == pair.organization_id:
            return _replay(ground, pair)
        token = pair.refresh_token
    raise ServiceUnavailable


def _require_ground(unit: Unit, token: str) -> Ground:
    ground = demands.observe_refresh(unit, token)
    if ground is None or ground.record.session.client_id != unit.actor.client_id:
        raise InvalidGrant("The refresh token is invalid.")
    if not sessions.is_active(unit, ground.record.session):
        raise InvalidGrant("The session has ended.")
    return ground


def _wanted_organization(grant: RefreshTokenGrant, bound: str | None) -> str | None:
    asked = grant.organization_id
    if asked is UNSET or not asked:
        return bound
    return asked


def _rotate(unit: Unit, grant: RefreshTokenGrant, ground: Ground) -> AuthenticationResponse:
    record, user = ground.record, ground.user
    organization_id = _wanted_organization(grant, record.session.organization_id)
    claims = _find_claims(unit, record, organization_id)
    demands.check_refresh(unit, ground, organization_id=organization_id)
    session = structs.replace(record.session, organization_id=organization_id)
    pair = Pair(
        refresh_token=issue_token(unit.random),
        access_token=tokens.issue_access_token(unit, answers.subject_of(session, claims)),
        organization_id=organization_id,
    )
    sealed_pair = sessions.seal_pair(unit, pair)
    answer = answers.respond(session, user, access_token=pair.access_token, refresh_token=pair.refresh_token)

    def write(queries: Queries) -> sessions.Rotation:
        if organization_id is not None and organization_id != record.session.organization_id:
            # Before the session, as whoever ends a membership holds them in this order.
            memberships.confirm_active(queries, unit, user.id, organization_id)
        return sessions.rotate(queries, unit, record, pair=pair, sealed_pair=sealed_pair)

    def write_and_keep(queries: Queries) -> AuthenticationResponse:
        write(queries).require(queries)
        return answer

    try:
        if unit.keeper is None:
            unit.write(write).require(unit.read)
        else:
            unit.conclude(write_and_keep)
    except TooManyRequests:
        sessions.settle_refused_refresh(unit, record.session)
        raise
    return answer


def _find_claims(unit: Unit, record: TokenRecord, organization_id: str | None) -> Claims | None:
    if organization_id is None:
        return None
    claims = memberships.find_claims(unit, record.session.user_id, organization_id)
    if claims is not None:
        return claims
    if organization_id == record.session.organization_id:
        # Clients take only this code for a session that is over (contract page 11 §6).
        raise InvalidGrant("The user is no longer a member of the organization.")
    if find_instant(organization_id, "org") is None:
        raise OrganizationIdInvalid
    if organizations.find_organization(unit, organization_id) is None:
        raise OrganizationNotFound
    raise OrganizationMembershipNotFound


def _replay(ground: Ground, pair: Pair) -> AuthenticationResponse:
    session = structs.replace(ground.record.session, organization_id=pair.organization_id)
    return answers.respond(session, ground.user, access_token=pair.access_token, refresh_token=pair.refresh_token)


def _end_family(unit: Unit, record: TokenRecord) -> AuthenticationResponse:
    def write(queries: Queries) -> AuthenticationResponse | GatelodgeError:
        sessions.end(queries, unit, record.session.id)
        return InvalidGrant("Refresh token already exchanged.")

    return unit.conclude(write)
