"""Attach domains to organizations, and prove them by DNS."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatelodge.contract.errors import DomainAlreadyVerified, DomainTaken, Fault, NotFound, RequestInvalid
from gatelodge.contract.operation import Nothing
from gatelodge.contract.organization_domains import (
    CreateOrganizationDomain,
    DomainId,
    DomainState,
    OrganizationDomain,
)
from gatelodge.features.events import actions as events
from gatelodge.features.organizations import store
from gatelodge.features.organizations.rules import (
    VERIFICATION_PREFIX,
    DomainInvalid,
    FailureReason,
    StoredDomain,
    find_pause,
    is_proved,
    normalize_domain,
    render_domain,
)
from gatelodge.kit.database import Queries, ReferenceViolation, UniqueViolation
from gatelodge.kit.dns import DnsUnavailable, find_texts
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Actor, Unit


def get_organization_domain(unit: Unit, asked: DomainId) -> OrganizationDomain:
    """Get a domain by id.

    Raises:
        NotFound: This environment has no such domain.
    """
    domain = store.find_domain(unit.read, unit.actor.environment_id, asked.organization_domain_id)
    if domain is None:
        raise _not_found(asked)
    return render_domain(domain)


def _not_found(asked: DomainId) -> NotFound:
    return NotFound.of("OrganizationDomain", asked.organization_domain_id)


def create_organization_domain(unit: Unit, asked: CreateOrganizationDomain) -> OrganizationDomain:
    """Attach a domain to an organization; its proof is looked for from now on.

    Raises:
        NotFound: This environment has no such organization.
        RequestInvalid: It is not a domain, or a public mail provider's.
        DomainTaken: The organization has it, or another holds it as verified.
    """
    try:
        name = normalize_domain(asked.domain)
    except DomainInvalid as reason:
        raise refuse_domain("domain", reason) from None

    def write(queries: Queries) -> OrganizationDomain:
        domain = attach(queries, unit, asked.organization_id, name=name, state="pending")
        tell_attached(queries, unit, domain)
        return render_domain(domain)

    try:
        return unit.conclude(write)
    except ReferenceViolation:
        raise NotFound.of("Organization", asked.organization_id) from None


def refuse_domain(member: str, reason: DomainInvalid) -> RequestInvalid:
    """Write the answer to a domain that may not be held."""
    return RequestInvalid(errors=[Fault(code="invalid", field=member, message=f"{member} {reason}.")])


def attach(queries: Queries, unit: Unit, organization_id: str, *, name: str, state: DomainState | None) -> StoredDomain:
    """Attach a domain within a transaction; `tell_attached` tells of it.

    Raises:
        DomainTaken: The organization has it, or another holds it as verified.
        ReferenceViolation: There is no such organization.
    """
    domain = StoredDomain(
        environment_id=unit.actor.environment_id,
        id=unit.new_id("org_domain"),
        organization_id=organization_id,
        domain=name,
        state="pending",
        verification_strategy="dns",
        verification_prefix=VERIFICATION_PREFIX,
        verification_token=issue_token(unit.random),
        sought_since=unit.now,
        looked=0,
        next_look_at=unit.now,
        created_at=unit.now,
        updated_at=unit.now,
    )
    if state == "verified":
        domain = _vouched(domain, unit.now)
    _refuse_held(queries, domain)
    if not store.insert_domain(queries, domain):
        raise DomainTaken("The organization has this domain already.")
    return domain


def tell_attached(queries: Queries, unit: Unit, domain: StoredDomain) -> None:
    """Tell that a domain was attached, and verified if the caller vouches for it."""
    _record(queries, unit, "created", domain)
    if domain.state == "verified":
        _record(queries, unit, "verified", domain)


def _refuse_held(queries: Queries, domain: StoredDomain) -> None:
    holder = store.find_holder(queries, domain.environment_id, domain.domain)
    if holder is not None and holder != domain.organization_id:
        raise DomainTaken("Another organization holds this domain.")


def _vouched(domain: StoredDomain, now: int) -> StoredDomain:
    return msgspec.structs.replace(
        domain,
        state="verified",
        verification_strategy="manual",
        verification_prefix=None,
        verification_token=None,
        next_look_at=None,
        updated_at=now,
    )


def _record(queries: Queries, unit: Unit, verb: str, domain: StoredDomain) -> None:
    events.record(
        queries,
        unit,
        f"organization_domain.{verb}",
        render_domain(domain),
        organization_id=domain.organization_id,
        environment_id=domain.environment_id,
    )


def replace_all(
    queries: Queries,
    unit: Unit,
    held: Sequence[StoredDomain],
    *,
    organization_id: str,
    wanted: Sequence[tuple[str, DomainState | None]],
) -> bool:
    """Make an organization's domains those that are wanted; tell whether anything changed.

    Raises:
        DomainTaken: Another organization holds one of them as verified.
    """
    names = dict(wanted)
    by_name = {domain.domain: domain for domain in held}
    changed = False
    for domain in held:
        if domain.domain not in names:
            detach(queries, unit, domain)
            changed = True
    for name, state in wanted:
        domain_there = by_name.get(name)
        if domain_there is None:
            tell_attached(queries, unit, attach(queries, unit, organization_id, name=name, state=state))
            changed = True
        elif state is not None and state != domain_there.state:
            _change_state(queries, unit, domain_there, state)
            changed = True
    return changed


def _change_state(queries: Queries, unit: Unit, domain: StoredDomain, state: DomainState) -> StoredDomain:
    if state == "verified":
        _refuse_held(queries, domain)
        changed = _vouched(domain, unit.now)
    else:
        changed = _begin_again(unit, domain)
    store.update_domain(queries, changed)
    _record(queries, unit, "updated", changed)
    if state == "verified":
        _record(queries, unit, "verified", changed)
    return changed


def _begin_again(unit: Unit, domain: StoredDomain) -> StoredDomain:
    return msgspec.structs.replace(
        domain,
        state="pending",
        verification_strategy="dns",
        verification_prefix=VERIFICATION_PREFIX,
        verification_token=domain.verification_token or issue_token(unit.random),
        sought_since=unit.now,
        looked=0,
        next_look_at=unit.now,
        updated_at=unit.now,
    )


def detach(queries: Queries, unit: Unit, domain: StoredDomain) -> bool:
    """Take a domain from its organization and tell of it; False when it is gone."""
    gone = store.delete_domain(queries, domain.environment_id, domain.id)
    if gone is None:
        return False
    _record(queries, unit, "deleted", gone)
    return True


def delete_organization_domain(unit: Unit, asked: DomainId) -> Nothing:
    """Take a domain from its organization.

    Raises:
        NotFound: This environment has no such domain.
    """

    def write(queries: Queries) -> Nothing:
        domain = store.find_domain(queries, unit.actor.environment_id, asked.organization_domain_id)
        if domain is None or not detach(queries, unit, domain):
            raise _not_found(asked)
        return Nothing()

    return unit.conclude(write)


def verify_organization_domain(unit: Unit, asked: DomainId) -> OrganizationDomain:
    """Look for a domain's proof from now on, also when the time for it was over.

    The DNS is asked by the worker, so the answer is mostly still `pending`.

    Raises:
        NotFound: This environment has no such domain.
        DomainAlreadyVerified: It is proved.
    """

    def write(queries: Queries) -> OrganizationDomain:
        domain = store.hold_domain(queries, unit.actor.environment_id, asked.organization_domain_id)
        if domain is None:
            raise _not_found(asked)
        if domain.state in {"verified", "legacy_verified"}:
            raise DomainAlreadyVerified
        if domain.state != "pending":
            return render_domain(_change_state(queries, unit, domain, "pending"))
        again = msgspec.structs.replace(_begin_again(unit, domain), updated_at=domain.updated_at)
        store.update_domain(queries, again)
        return render_domain(again)

    return unit.conclude(write)


def look_for_proof(unit: Unit) -> bool:
    """Ask the DNS for the proof that has been due longest, in any environment; False when none is.

    The domain is put off before it is looked for, so that of many processes one looks. For
    the worker, on a thread that may wait for name servers.
    """
    if not store.has_due_domain(unit.read, now=unit.now):
        return False
    until = unit.now + find_pause(0)
    domain = unit.write(lambda queries: store.claim_due_domain(queries, now=unit.now, until=until))
    if domain is None:
        return False
    _look(unit.act_as(Actor(environment_id=domain.environment_id)), domain)
    return True


def _look(unit: Unit, domain: StoredDomain) -> None:
    is_found = _find_proof(unit, domain)

    def write(queries: Queries) -> None:
        held = store.hold_domain(queries, domain.environment_id, domain.id)
        # Whoever changed it meanwhile, or began again, has made this look stale.
        if held is None or held.state != "pending" or held.sought_since != domain.sought_since:
            return
        _conclude_look(queries, unit, held, is_found=is_found)

    try:
        unit.write(write)
    except UniqueViolation:
        # Another organization's proof was stored between our look and our write.
        unit.write(write)


def _find_proof(unit: Unit, domain: StoredDomain) -> bool:
    resolvers = unit.settings.dns_resolvers
    try:
        at_prefix = find_texts(f"{domain.verification_prefix}.{domain.domain}", resolvers)
        if is_proved(domain, at_prefix=at_prefix, at_domain=()):
            return True
        return is_proved(domain, at_prefix=(), at_domain=find_texts(domain.domain, resolvers))
    except DnsUnavailable:
        return False


def _conclude_look(queries: Queries, unit: Unit, domain: StoredDomain, *, is_found: bool) -> None:
    holder = store.find_holder(queries, domain.environment_id, domain.domain)
    if is_found and holder is None:
        verified = msgspec.structs.replace(domain, state="verified", next_look_at=None, updated_at=unit.now)
        store.update_domain(queries, verified)
        _record(queries, unit, "updated", verified)
        _record(queries, unit, "verified", verified)
    elif is_found:
        _fail(queries, unit, domain, "domain_verified_by_other_organization")
    elif unit.now - domain.sought_since >= unit.settings.domain_verification_ttl * 1000:
        _fail(queries, unit, domain, "domain_verification_period_expired")
    else:
        later = msgspec.structs.replace(
            domain, looked=domain.looked + 1, next_look_at=unit.now + find_pause(domain.looked + 1)
        )
        store.update_domain(queries, later)


def _fail(queries: Queries, unit: Unit, domain: StoredDomain, reason: FailureReason) -> None:
    failed = msgspec.structs.replace(domain, state="failed", next_look_at=None, updated_at=unit.now)
    store.update_domain(queries, failed)
    _record(queries, unit, "updated", failed)
    events.record(
        queries,
        unit,
        "organization_domain.verification_failed",
        {"reason": reason, "organization_domain": render_domain(failed)},
        organization_id=failed.organization_id,
    )
