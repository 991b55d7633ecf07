"""What a seed file gets wrong in itself, found before anything is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import UNSET

from gatelodge.cli.addresses import check_origin, check_redirect
from gatelodge.cli.printing import Refused
from gatelodge.cli.seed.marks import Fault, Noted, Unreadable, compose, has_key, read_marked
from gatelodge.cli.seed.shapes import EnvironmentSeed, OrganizationSeed, SeedFile, UserSeed
from gatelodge.contract.errors import MetadataInvalid
from gatelodge.contract.locales import LOCALES
from gatelodge.features.organizations.rules import DomainInvalid, find_domain_form, normalize_domain
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.metadata import merge_metadata


def read_seed(text: str) -> tuple[EnvironmentSeed, ...]:
    """Read a seed file: one environment, or several under `environments`.

    Raises:
        Unreadable: With every fault that the file alone shows.
    """
    node = compose(text)
    if has_key(node, "environments"):
        environments = tuple(read_marked(node, SeedFile).environments)
    else:
        environments = (read_marked(node, EnvironmentSeed),)
    faults = list(_find_faults(environments, is_list=has_key(node, "environments")))
    if faults:
        raise Unreadable(faults)
    return environments


def _find_faults(environments: Sequence[EnvironmentSeed], *, is_list: bool) -> Iterator[Fault]:
    yield from _find_twins("environment", ((each.name, each.line) for each in environments))
    for environment in environments:
        if is_list and environment.name is UNSET:
            yield Fault(environment.line, "an entry of environments: name is missing.")
        yield from _find_address_faults(environment)
        yield from _find_twins("permission", ((each.slug, each.line) for each in environment.permissions))
        yield from _find_twins("role", ((each.slug, each.line) for each in environment.roles))
        yield from _find_organization_faults(environment.organizations)
        yield from _find_user_faults(environment.users)
        yield from _find_invitation_faults(environment)


def _find_twins(kind: str, things: Iterable[tuple[object, int]]) -> Iterator[Fault]:
    first: dict[object, int] = {}
    for key, line in things:
        if key is UNSET or key is None:
            continue
        if key in first:
            yield Fault(line, f"the {kind} {key!r} stands in line {first[key]} already.")
        first.setdefault(key, line)


def _find_address_faults(environment: EnvironmentSeed) -> Iterator[Fault]:
    checks: tuple[tuple[Sequence[Noted], Callable[[str], str]], ...] = (
        (environment.redirect_uris, check_redirect),
        (environment.sign_out_uris, check_redirect),
        (environment.cors_origins, check_origin),
    )
    for addresses, check in checks:
        for address in addresses:
            try:
                check(address)
            except Refused as refusal:
                yield Fault(address.line, f"{refusal}.")


def _find_organization_faults(organizations: Sequence[OrganizationSeed]) -> Iterator[Fault]:
    yield from _find_twins("organization", ((each.external_id, each.line) for each in organizations))
    nameless = {each.name for each in organizations if each.external_id is UNSET}
    # Two of one name can be told apart only when both have an external id.
    yield from _find_twins("organization", ((each.name, each.line) for each in organizations if each.name in nameless))
    domains = [domain for each in organizations for domain in each.domains]
    yield from _find_twins("domain", ((find_domain_form(each.domain), each.line) for each in domains))
    for domain in domains:
        try:
            normalize_domain(domain.domain)
        except DomainInvalid as reason:
            yield Fault(domain.line, f"the domain {reason}.")
    for each in organizations:
        yield from _find_metadata_faults(each)
        yield from _find_twins("role", ((role.slug, role.line) for role in each.roles))


def _find_metadata_faults(thing: OrganizationSeed | UserSeed) -> Iterator[Fault]:
    try:
        merge_metadata({}, {} if thing.metadata is UNSET else thing.metadata)
    except MetadataInvalid as fault:
        yield Fault(thing.line, fault.message)


def _find_user_faults(users: Sequence[UserSeed]) -> Iterator[Fault]:
    yield from _find_twins("user", ((find_email_form(each.email), each.line) for each in users))
    yield from _find_twins("user", ((each.external_id, each.line) for each in users))
    for user in users:
        if find_email_form(user.email) is None:
            yield Fault(user.line, "email: this is no e-mail address.")
        if user.locale is not UNSET and user.locale is not None and user.locale not in LOCALES:
            yield Fault(user.line, "locale: this language is not known.")
        yield from _find_metadata_faults(user)
        yield from (Fault(user.line, message) for message in _find_credential_faults(user))
        places = ((each.organization, each.line) for each in user.memberships)
        yield from _find_twins("membership in", places)


def _find_credential_faults(user: UserSeed) -> Iterator[str]:
    has_password, has_hash = user.password is not UNSET, user.password_hash is not UNSET
    if has_password and has_hash:
        yield "give password or password_hash, not both."
    if has_hash and user.password_hash_type is UNSET:
        yield "password_hash needs its password_hash_type."
    if not has_hash and user.password_hash_type is not UNSET:
        yield "password_hash_type goes with a password_hash."
    if not has_hash and user.password_salt_position is not UNSET:
        yield "password_salt_position goes with a password_hash."
    if user.reset_password and not (has_password or has_hash):
        yield "reset_password needs a password or a password_hash."


def _find_invitation_faults(environment: EnvironmentSeed) -> Iterator[Fault]:
    joined: dict[object, set[object]] = {
        find_email_form(user.email): {each.organization for each in user.memberships} for user in environment.users
    }
    seen: dict[tuple[object, object], int] = {}
    for item in environment.invitations:
        form = find_email_form(item.email)
        if form is None:
            yield Fault(item.line, "email: this is no e-mail address.")
            continue
        if item.locale is not UNSET and item.locale not in LOCALES:
            yield Fault(item.line, "locale: this language is not known.")
        if (form, item.organization) in seen:
            yield Fault(item.line, f"this invitation stands in line {seen[form, item.organization]} already.")
        seen[form, item.organization] = item.line
        if form in joined and (item.organization is UNSET or item.organization in joined[form]):
            yield Fault(item.line, f"{item.email} stands under users: what it is invited to, it has already.")
