"""The `organization-selection` grant: go on by choosing an organization (contract page 11 §6)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import OrganizationSelectionGrant
from gatelodge.contract.errors import NotFound, OrganizationMembershipNotFound
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.rules import Proof
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.organizations import actions as organizations
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def prove(unit: Unit, grant: OrganizationSelectionGrant) -> Proof:
    """Choose an organization of which the user is an active member; a wrong choice spends nothing.

    Raises:
        PendingTokenInvalid: The sign-in is unknown, spent or expired.
        NotFound: There is no such organization.
        OrganizationMembershipNotFound: The user is no active member.
    """
    waiting, user = pending.require_pending(unit, grant.pending_authentication_token)
    if memberships.find_active(unit, user.id, grant.organization_id) is None:
        if organizations.find_organization(unit, grant.organization_id) is None:
            raise NotFound.of("Organization", grant.organization_id)
        raise OrganizationMembershipNotFound

    def settle(queries: Queries) -> None:
        pending.spend(queries, unit, waiting)

    progress = msgspec.structs.replace(waiting.progress, organization_id=grant.organization_id)
    return Proof(user=user, progress=progress, kind=None, settle=settle)
