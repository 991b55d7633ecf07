"""Read all that the next step of a sign-in depends on."""

from __future__ import annotations

from gatelodge.contract.errors import FactorReference, OrganizationReference
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.demands import choose_joinable, find_rules
from gatelodge.features.authentication.rules import Proof, Situation, choose_organization
from gatelodge.features.factors import enroll
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.organizations import actions as organizations
from gatelodge.kit.database import ask_together
from gatelodge.kit.unit import Unit


def observe(unit: Unit, proof: Proof) -> Situation:
    """Observe the user, the policies, the factors and the memberships as they are now."""
    user = proof.user
    policy, domain, has_factor, has_membership = ask_together(
        unit.read,
        applications.ask_for_policy(unit),
        organizations.ask_for_verified_domain(unit),
        enroll.ask_for_verified(unit, user.id),
        memberships.ask_for_any(unit, user.id),
    )
    governing = organizations.find_domain_policy(unit, user.email) if domain is not None else None
    factors = [] if proof.claims or has_factor is None else enroll.list_verified(unit, user.id)
    active = [] if has_membership is None else memberships.list_active(unit, user.id)
    joins = choose_joinable(user, governing)
    if joins is not None and memberships.has_any(unit, user.id, joins):
        joins = None
    choices = tuple(OrganizationReference(id=each, name=name) for each, name in active)
    bound = choose_organization(proof.progress, choices, joins=joins)
    return Situation(
        user=user,
        progress=proof.progress,
        policy=applications.read_policy(policy),
        factors=tuple(FactorReference(id=factor.id, type=factor.type) for factor in factors),
        organizations=choices,
        joins=joins,
        organization_rules=find_rules(unit, user, organization_id=bound, governing=governing),
    )
