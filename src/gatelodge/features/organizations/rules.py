"""Values and pure functions of organizations and their domains."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Literal

import idna
import msgspec
from msgspec import UNSET

from gatelodge.contract.organization_domains import DomainState, OrganizationDomain, VerificationStrategy
from gatelodge.contract.organizations import CreateOrganization, Organization, UpdateOrganization
from gatelodge.contract.timestamps import write_timestamp
from gatelodge.kit.public_mail import is_public_mail_domain

VERIFICATION_PREFIX = "_gatelodge-challenge"
_LONGEST_DOMAIN = 253
_FEWEST_LABELS = 2
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names that IDNA leaves as they are: no upper case, nothing beyond ASCII, no encoded label.
_PLAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9]|-(?!-)){0,62}(?<!-)(?:\.(?!$)|$))+")
_FIRST_PAUSE = 10_000
_LONGEST_PAUSE = 3_600_000

FailureReason = Literal["domain_verification_period_expired", "domain_verified_by_other_organization"]


class OrganizationPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an organization demands of the sign-ins that are bound to it; what is absent has the default."""

    methods: tuple[str, ...] | None = None
    """The methods allowed, in the words of `authentication_method`; None allows what the environment does."""
    mfa_required: bool = False
    sso_required: bool = False
    governs_domains: bool = False
    """Whether this holds for every user with an address in a verified domain, member or not."""
    joins_by_domain: bool = False
    """Whether such a user becomes a member by signing in."""
    sends_invitations: bool = True
    """Whether people may be invited to it."""


class StoredOrganization(msgspec.Struct, frozen=True, kw_only=True):
    """An organization as it is stored, without its domains; instants in milliseconds."""

    id: str
    name: str
    external_id: str | None = None
    metadata: dict[str, str] = {}
    stripe_customer_id: str | None = None
    allow_profiles_outside_organization: bool = False
    created_at: int
    updated_at: int


class StoredDomain(msgspec.Struct, frozen=True, kw_only=True):
    """A domain as it is stored; instants in milliseconds."""

    environment_id: str
    id: str
    organization_id: str
    domain: str
    state: DomainState
    verification_strategy: VerificationStrategy
    verification_prefix: str | None
    verification_token: str | None
    sought_since: int
    looked: int
    """How often the DNS was asked since then."""
    next_look_at: int | None
    created_at: int
    updated_at: int


class DomainInvalid(Exception):
    """The text is not a domain that an organization may hold; the message says why."""


def normalize_domain(text: str) -> str:
    """Give the one form of a domain: ASCII (IDNA 2008), lower case, no dot at the end.

    Raises:
        DomainInvalid: It is no host name of two labels or more, or a public mail provider's.
    """
    try:
        domain = _encode(text)
    except (idna.IDNAError, UnicodeError):
        raise DomainInvalid("is not a domain") from None
    labels = domain.split(".")
    # A name whose last label is a number would be read as an address (RFC 1123 §2.1).
    if len(domain) > _LONGEST_DOMAIN or len(labels) < _FEWEST_LABELS or _NUMERIC.fullmatch(labels[-1]):
        raise DomainInvalid("is not a domain")
    if is_public_mail_domain(domain):
        raise DomainInvalid("is a public mail provider's, which no organization may hold")
    return domain


def _encode(text: str) -> str:
    # Each refresh asks for the domain of an address, and the tables of IDNA take their time.
    if _PLAIN.fullmatch(text):
        return text
    return idna.encode(text.strip().rstrip("."), uts46=True).decode("ascii").lower()


def find_domain_form(text: str) -> str | None:
    """Give the normalized form, or None when the text is not a domain that may be held."""
    try:
        return normalize_domain(text)
    except DomainInvalid:
        return None


def is_public_domain(text: str) -> bool:
    """Tell whether a domain, however it is written, is a public mail provider's."""
    try:
        return is_public_mail_domain(_encode(text))
    except (idna.IDNAError, UnicodeError):
        return False


def list_wanted(asked: CreateOrganization | UpdateOrganization) -> list[tuple[str, DomainState | None]] | None:
    """List the domains that a request asks for; None when it says nothing of them.

    A state of None leaves a domain that is there as it is. `domain_data` comes before
    the deprecated `domains`, and the first mention of a domain counts.

    Raises:
        DomainInvalid: One of them may not be held.
    """
    if all(given is UNSET or given is None for given in (asked.domain_data, asked.domains)):
        return None
    wanted: dict[str, DomainState | None] = {}
    for item in asked.domain_data or ():
        wanted.setdefault(normalize_domain(item.domain), item.state)
    for name in asked.domains or ():
        wanted.setdefault(normalize_domain(name), None)
    return list(wanted.items())


def fold_name(text: str) -> str:
    """Give the form of a name that a search compares, whatever the letter case."""
    return unicodedata.normalize("NFKC", text).casefold()


def find_pause(looked: int) -> int:
    """Give the milliseconds until the DNS is asked again, after it was asked `looked` times."""
    return min(_FIRST_PAUSE << min(looked, 16), _LONGEST_PAUSE)


def is_proved(domain: StoredDomain, *, at_prefix: Iterable[str], at_domain: Iterable[str]) -> bool:
    """Tell whether TXT values prove a domain: the token at its prefix, or the older form at the domain."""
    token = domain.verification_token
    return token is not None and (
        token in [text.strip() for text in at_prefix]
        or f"verification_token={token}" in [text.strip() for text in at_domain]
    )


def render_domain(domain: StoredDomain) -> OrganizationDomain:
    """Write a domain as the wire shows it."""
    return OrganizationDomain(
        id=domain.id,
        organization_id=domain.organization_id,
        domain=domain.domain,
        state=domain.state,
        verification_prefix=domain.verification_prefix,
        verification_token=domain.verification_token,
        verification_strategy=domain.verification_strategy,
        created_at=write_timestamp(domain.created_at),
        updated_at=write_timestamp(domain.updated_at),
    )


def render_organization(organization: StoredOrganization, domains: Sequence[StoredDomain]) -> Organization:
    """Write an organization as the wire shows it."""
    return Organization(
        id=organization.id,
        name=organization.name,
        domains=[render_domain(domain) for domain in domains],
        metadata=organization.metadata,
        external_id=organization.external_id,
        stripe_customer_id=organization.stripe_customer_id,
        allow_profiles_outside_organization=organization.allow_profiles_outside_organization,
        created_at=write_timestamp(organization.created_at),
        updated_at=write_timestamp(organization.updated_at),
    )


def describe_organization(organization: Organization) -> dict[str, object]:
    """Write the payload of an organization's events (contract page 23 §2)."""
    payload: dict[str, object] = msgspec.to_builtins(organization)
    del payload["allow_profiles_outside_organization"]
    return payload
