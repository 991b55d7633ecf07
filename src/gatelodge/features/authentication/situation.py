"""Read all that the next step of a sign-in depends on."""

from __future__ import annotations

from gatelodge.contract.errors import FactorReference, OrganizationReference
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.demands import find_joinable, find_rules
from gatelodge.features.authentication.rules import Proof, Situation, choose_organization
from gatelodge.features.factors import enroll
from gatelodge.features.memberships import actions as memberships
from gatelodge.kit.unit import Unit


def observe(unit: Unit, proof: Proof) -> Situation:
    """Observe the user, the policies, the factors and the memberships as they are now."""
    factors = [] if proof.claims else enroll.list_verified(unit, proof.user.id)
    active = memberships.list_active(unit, proof.user.id)
    joins = find_joinable(unit, proof.user)
    if joins is not None and memberships.has_any(unit, proof.user.id, joins):
        joins = None
    organizations = tuple(OrganizationReference(id=each, name=name) for each, name in active)
    bound = choose_organization(proof.progress, organizations, joins=joins)
    return Situation(
        user=proof.user,
        progress=proof.progress,
        policy=applications.find_policy(unit),
        factors=tuple(FactorReference(id=factor.id, type=factor.type) for factor in factors),
        organizations=organizations,
        joins=joins,
        organization_rules=find_rules(unit, proof.user, organization_id=bound),
    )
