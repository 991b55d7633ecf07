"""What organizations demand of a sign-in or a refresh.

Two may have a say: the organization that the session is bound to, and the one that holds
the domain of the user's address as verified and governs it, whether the user is a member
or not. Whatever either demands holds.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from gatelodge.contract.errors import (
    GatelodgeError,
    InvalidGrant,
    OrganizationMethodsRequired,
    RefreshMfaEnrollment,
    SsoRequired,
)
from gatelodge.contract.users import User
from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy, allows_method
from gatelodge.features.authentication.rules import OrganizationRules, needs_factor
from gatelodge.features.factors import enroll
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from gatelodge.features.sessions import actions as sessions
from gatelodge.features.sessions.rules import Session, TokenRecord
from gatelodge.features.users import actions as users
from gatelodge.kit.database import ask_together
from gatelodge.kit.unit import Unit

Governing: TypeAlias = tuple[str, OrganizationPolicy]
"""The organization that holds the domain of an address as verified, with its policy."""

_SSO = frozenset({"SSO"})

# The names of methods in `auth_methods` of the wire's error (contract page 11 §5.6).
_SHOWN = {
    "apple_oauth": "AppleOAuth",
    "github_oauth": "GitHubOAuth",
    "google_oauth": "GoogleOAuth",
    "magic_auth": "MagicAuth",
    "microsoft_oauth": "MicrosoftOAuth",
    "password": "Password",
}


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What a refresh stands on, read in one go: the token and its session, whose it is, and who may have a say."""

    record: TokenRecord
    user: User
    policy: EnvironmentPolicy
    has_verified_domains: bool


def observe_refresh(unit: Unit, refresh_token: str) -> Ground | None:
    """Read what a refresh stands on; None when there is no such token, or its user is gone."""
    token, owner = sessions.ask_for_token(unit, refresh_token)
    found, held, policy, domain = ask_together(
        unit.read,
        token,
        users.ask_for_chosen(unit, owner),
        applications.ask_for_policy(unit),
        organizations.ask_for_verified_domain(unit),
    )
    record, user = sessions.read_token(found), users.read_user(held)
    if record is None or user is None:
        return None
    return Ground(
        record=record,
        user=user,
        policy=applications.read_policy(policy),
        has_verified_domains=domain is not None,
    )


def find_rules(
    unit: Unit, user: User, *, organization_id: str | None, governing: Governing | None
) -> OrganizationRules:
    """Find what is demanded of this user in an organization, or in none."""
    return _combine(_gather(unit, organization_id, governing), user)


def find_methods(unit: Unit, email: str, *, organization_id: str | None) -> frozenset[str] | None:
    """Tell which methods are left for an address, by its domain and whether or not it has an account; None is all."""
    return _narrow(_gather(unit, organization_id, organizations.find_domain_policy(unit, email)))


def _gather(unit: Unit, organization_id: str | None, governing: Governing | None) -> list[OrganizationPolicy]:
    policies: list[OrganizationPolicy] = []
    bound = organizations.find_policy(unit, organization_id) if organization_id is not None else None
    policies += [bound] if bound is not None else []
    if governing is not None and governing[1].governs_domains:
        policies.append(governing[1])
    return policies


def _combine(policies: list[OrganizationPolicy], user: User) -> OrganizationRules:
    methods = _narrow(policies)
    sso_required = any(policy.sso_required for policy in policies)
    return OrganizationRules(
        methods=methods,
        mfa_required=any(policy.mfa_required for policy in policies),
        refusal=None if methods is None else _refusal(methods, user, sso_required=sso_required),
    )


def _narrow(policies: list[OrganizationPolicy]) -> frozenset[str] | None:
    methods: frozenset[str] | None = None
    for policy in policies:
        allowed = _SSO if policy.sso_required else frozenset(policy.methods) if policy.methods is not None else None
        if allowed is not None:
            methods = allowed if methods is None else methods & allowed
    return methods


def _refusal(methods: frozenset[str], user: User, *, sso_required: bool) -> GatelodgeError:
    if sso_required:
        return SsoRequired(email=user.email, connection_ids=[])
    shown = {name: method in methods for name, method in _SHOWN.items()}
    return OrganizationMethodsRequired(email=user.email, sso_connection_ids=[], auth_methods=shown)


def check_refresh(unit: Unit, ground: Ground, *, organization_id: str | None) -> None:
    """Make sure that a session meets what is demanded where it goes on.

    Raises:
        InvalidGrant: The environment has switched its method off; clients take no other
            code for a session that does not go on.
        SsoRequired, OrganizationMethodsRequired: It was begun by another method.
        RefreshMfaEnrollment: A second factor is required, and the user has none, or the
            session began without.
    """
    session, user, policy = ground.record.session, ground.user, ground.policy
    method = session.authentication_method
    if method is not None and not allows_method(policy, method):
        raise InvalidGrant("This method of authentication is not allowed any more.")
    governing = organizations.find_domain_policy(unit, user.email) if ground.has_verified_domains else None
    rules = find_rules(unit, user, organization_id=organization_id, governing=governing)
    if rules.methods is not None and method not in rules.methods and rules.refusal:
        raise rules.refusal
    mfa_required = policy.mfa_required or rules.mfa_required
    if mfa_required and needs_factor(method) and not _has_proved_factor(unit, session):
        raise RefreshMfaEnrollment


def _has_proved_factor(unit: Unit, session: Session) -> bool:
    # A factor that was enrolled since says nothing of whoever holds this session, who may
    # have stolen it before. Sessions from before this was noted get the benefit of the doubt.
    return session.factor_proved is not False and bool(enroll.list_verified(unit, session.user_id))


def choose_joinable(user: User, governing: Governing | None) -> str | None:
    """Choose the organization that takes in whoever has a proved address in its domain."""
    if governing is None or not user.email_verified:
        return None
    organization_id, policy = governing
    return organization_id if policy.joins_by_domain else None
