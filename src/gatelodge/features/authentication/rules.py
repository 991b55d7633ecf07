"""Values of a sign-in under way, and the one function that decides what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from gatelodge.contract.errors import (
    AuthenticationMethodNotAllowed,
    FactorReference,
    GatelodgeError,
    OrganizationReference,
    PasswordAuthDisabled,
)
from gatelodge.contract.users import User
from gatelodge.features.applications.policy import EnvironmentPolicy, allows_method
from gatelodge.kit.database import Queries

PENDING_PURPOSE = "pending_authentication"
THROTTLE_PURPOSE = "sign_in_attempts"

PENDING_TTL = 900_000
"""Milliseconds that a pending authentication token lives (contract page 40)."""


# An organization's identity provider asks for what its administrators want. A passkey is something that the user
# has, which works only for whom the device has verified: a multi-factor authenticator (NIST SP 800-63B).
_WHOLE_METHODS = frozenset({"Passkey", "SSO"})


class NotProved(Exception):
    """A credential did not prove what it should; the reason goes on the wire."""

    def __init__(self, error: GatelodgeError, *, user_id: str | None = None, email: str | None = None) -> None:
        """Keep whom the attempt was about, for the event that tells of it."""
        super().__init__(error.message)
        self.error = error
        self.user_id = user_id
        self.email = email


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """What a sign-in has proved so far; it is what a pending token stands for."""

    user_id: str
    client_id: str
    method: str
    """The `authentication_method` that began it; later steps do not change it."""
    email_proved: bool = False
    factor_proved: bool = False
    organization_id: str | None = None
    invitation_id: str | None = None
    ip_address: str | None = None
    user_agent: str | None = None
    password_version: str | None = None
    """The password that the user had when it began; it ends with that password. None
    binds it to none."""
    authenticated_at: int | None = None
    """When the user proved who they are, in milliseconds; None where that is now."""
    browser_session_id: str | None = None
    """The browser session with the sign-in pages that it belongs to."""


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in that waits for a step, as its token finds it."""

    token_hash: bytes
    progress: Progress


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What a grant has proved: about whom, and how far the sign-in has come with it."""

    user: User
    progress: Progress
    kind: str | None
    """The word for what was proved in the names of events; None where there is no event."""
    settle: Callable[[Queries], None]
    """Runs in the write that stores what was bought: spends a code or a pending token,
    replaces a hash. It raises when the proof has been spent or withdrawn in between."""
    checks_password: bool = False
    """Whether `settle` itself sees that the password is still the one under which the sign-in began."""
    claims: bool = False
    """Whether it proves, from outside the account, an address that nobody has proved
    before: then whatever was set on the account until now is not its owner's, and goes."""


class OrganizationRules(msgspec.Struct, frozen=True, kw_only=True):
    """What the organization that a session would be bound to demands."""

    methods: frozenset[str] | None = None
    """The methods of authentication allowed; None allows all."""
    mfa_required: bool = False
    refusal: GatelodgeError | None = None
    """What to answer when the method is not among those allowed."""


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All that the next step depends on, read from the database before it is decided."""

    user: User
    progress: Progress
    policy: EnvironmentPolicy
    factors: tuple[FactorReference, ...] = ()
    organizations: tuple[OrganizationReference, ...] = ()
    """The organizations of which the user is an active member."""
    joins: str | None = None
    """The organization that the user becomes a member of by signing in."""
    organization_rules: OrganizationRules = OrganizationRules()
    """Of the organization that `choose_organization` gives."""


class Done(msgspec.Struct, frozen=True):
    """Nothing is missing: a session may be opened, bound to an organization or to none."""

    organization_id: str | None


class VerifyEmail(msgspec.Struct, frozen=True):
    """The address must be proved first."""


class EnrollFactor(msgspec.Struct, frozen=True):
    """A second factor must be enrolled first."""


class ChallengeFactor(msgspec.Struct, frozen=True):
    """A second factor must be answered first."""


class SelectOrganization(msgspec.Struct, frozen=True):
    """One of several organizations must be chosen first."""


class Refused(msgspec.Struct, frozen=True):
    """A policy does not let this sign-in through."""

    error: GatelodgeError


MissingStep: TypeAlias = VerifyEmail | EnrollFactor | ChallengeFactor | SelectOrganization
Step: TypeAlias = Done | MissingStep | Refused


def choose_organization(
    progress: Progress, organizations: tuple[OrganizationReference, ...], *, joins: str | None = None
) -> str | None:
    """Give the organization asked for, or the only one there is; None when that is open."""
    if progress.organization_id is not None:
        return progress.organization_id
    ids = [organization.id for organization in organizations]
    if joins is not None:
        ids.append(joins)
    return ids[0] if len(ids) == 1 else None


def needs_factor(method: str | None) -> bool:
    """Tell whether a sign-in that began by this method leaves room for a second factor."""
    return method not in _WHOLE_METHODS


def next_step(situation: Situation) -> Step:
    """Decide what a sign-in still needs, from what is stored and nothing else.

    The order is that of contract page 11 §4: policy, address, second factor,
    organization. Whoever signs in through the organization's own identity provider has
    met that provider's demands instead of ours for a second factor, and whoever does so by a
    passkey has proved two factors at once.
    """
    progress, policy, rules = situation.progress, situation.policy, situation.organization_rules
    if not allows_method(policy, progress.method):
        return Refused(_refusal(progress.method))
    if rules.methods is not None and progress.method not in rules.methods:
        return Refused(rules.refusal or AuthenticationMethodNotAllowed())
    if not situation.user.email_verified and not progress.email_proved:
        return VerifyEmail()
    if needs_factor(progress.method) and not progress.factor_proved:
        if situation.factors:
            return ChallengeFactor()
        if policy.mfa_required or rules.mfa_required:
            return EnrollFactor()
    organization_id = choose_organization(progress, situation.organizations, joins=situation.joins)
    if organization_id is None and len(situation.organizations) > 1:
        return SelectOrganization()
    return Done(organization_id)


def _refusal(method: str) -> GatelodgeError:
    if method == "Password":
        return PasswordAuthDisabled()
    return AuthenticationMethodNotAllowed()
