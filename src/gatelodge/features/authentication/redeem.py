"""Enter organizations by signing in: by an invitation, by the domain of a proved address."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import Grant
from gatelodge.contract.errors import InvalidRole, NotFound, OrganizationMembershipNotFound
from gatelodge.features.authentication.rules import Progress, Proof
from gatelodge.features.invitations import actions as invitations
from gatelodge.features.invitations.rules import StoredInvitation
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.memberships import invited
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles import actions as roles
from gatelodge.features.roles.rules import Claims, foresee_claims
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def find_invitation(unit: Unit, grant: Grant) -> StoredInvitation | None:
    """Find the invitation that a grant brings, before any code is spent.

    Raises:
        InvitationTokenInvalid: It is unknown, spent, revoked or expired.
    """
    token: str | None = getattr(grant, "invitation_token", None)
    return invitations.require_usable(unit, token) if token else None


def bind(unit: Unit, proof: Proof, invitation: StoredInvitation | None) -> Proof:
    """Bind a sign-in to the invitation it came with.

    Raises:
        InvitationForOtherEmail: The address proved may not use it.
    """
    if invitation is None:
        return proof
    invitations.check_address(unit, invitation, proof.user.email)
    progress = msgspec.structs.replace(
        proof.progress,
        invitation_id=invitation.id,
        organization_id=invitation.organization_id or proof.progress.organization_id,
    )
    return msgspec.structs.replace(proof, progress=progress)


def find_claims(unit: Unit, progress: Progress, joins: str | None) -> Claims | None:
    """Tell what the first access token says: of a member, or of whoever is about to become one."""
    organization_id = progress.organization_id
    if organization_id is None:
        return None
    claims = memberships.find_claims(unit, progress.user_id, organization_id)
    if claims is not None:
        return claims
    invitation = invitations.find_pending(unit, progress.invitation_id) if progress.invitation_id else None
    if invitation is None and organization_id != joins:
        # The write that opens the session finds no membership either, and refuses.
        return None
    waiting = invited.foresee(unit, progress.user_id, organization_id) if invitation is not None else None
    if waiting is not None:
        return waiting
    slug = invitation.role_slug if invitation else None
    try:
        return foresee_claims(roles.resolve(unit, organization_id, [slug] if slug else []))
    except InvalidRole:
        return foresee_claims(roles.resolve(unit, organization_id, []))


def hold(queries: Queries, unit: Unit, progress: Progress, joins: str | None) -> None:
    """Hold the organization that a sign-in is about to enter, before its user.

    Everything that makes members holds them in this order, so that no two wait for each other.

    Raises:
        OrganizationMembershipNotFound: The organization has gone in between.
    """
    organization_id = progress.organization_id
    if organization_id is None or (progress.invitation_id is None and joins != organization_id):
        return
    try:
        organizations.hold_organization(queries, unit, organization_id)
    except NotFound:
        raise OrganizationMembershipNotFound from None


def enter(queries: Queries, unit: Unit, progress: Progress, joins: str | None) -> None:
    """Become a member in the write that opens the session, and make sure of being one.

    Raises:
        InvitationTokenInvalid: A racer has spent the invitation first.
        OrganizationMembershipNotFound: The membership has ended in between.
    """
    if progress.invitation_id is not None:
        invitations.spend(queries, unit, progress.invitation_id, progress.user_id)
    if joins is not None and joins == progress.organization_id:
        invited.activate_for_invitation(queries, unit, progress.user_id, organization_id=joins, role_slug=None)
    if progress.organization_id is not None:
        memberships.confirm_active(queries, unit, progress.user_id, progress.organization_id)
