"""Read all that the next step of a sign-in depends on."""

from __future__ import annotations

from gatelodge.contract.errors import FactorReference
from gatelodge.features.applications import actions as applications
from gatelodge.features.authentication.rules import Proof, Situation
from gatelodge.features.factors import enroll
from gatelodge.kit.unit import Unit


def observe(unit: Unit, proof: Proof) -> Situation:
    """Observe the user, the policies, the factors and the memberships as they are now."""
    factors = [] if proof.claims else enroll.list_verified(unit, proof.user.id)
    return Situation(
        user=proof.user,
        progress=proof.progress,
        policy=applications.find_policy(unit),
        factors=tuple(FactorReference(id=factor.id, type=factor.type) for factor in factors),
    )
