"""SQL on organizations and their domains."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from gatelodge.contract.shapes import ready
from gatelodge.features.organizations.rules import (
    OrganizationPolicy,
    StoredDomain,
    StoredOrganization,
    fold_name,
)
from gatelodge.kit.choices import write_choices
from gatelodge.kit.database import Queries, Question, Row
from gatelodge.kit.paging import Window

_COLUMNS = (
    "id, name, external_id, metadata, stripe_customer_id, allow_profiles_outside_organization, created_at, updated_at"
)
_DOMAIN = (
    "environment_id, id, organization_id, domain, state, verification_strategy, verification_prefix,"
    " verification_token, sought_since, looked, next_look_at, created_at, updated_at"
)
_NAMED = ", ".join(f"o.{name.strip()}" for name in _COLUMNS.split(","))
_FIND = f"select {_COLUMNS} from organizations where environment_id = :environment_id and "
_FIND_DOMAIN = f"select {_DOMAIN} from organization_domains where environment_id = :environment_id and "


def read_organization(row: Row) -> StoredOrganization:
    """Map a row to an organization."""
    return StoredOrganization(
        id=row[0],
        name=row[1],
        external_id=row[2],
        metadata={} if row[3] == "{}" else msgspec.json.decode(row[3]),
        stripe_customer_id=row[4],
        allow_profiles_outside_organization=bool(row[5]),
        created_at=row[6],
        updated_at=row[7],
    )


def _read_domain(row: Row) -> StoredDomain:
    return StoredDomain(
        environment_id=row[0],
        id=row[1],
        organization_id=row[2],
        domain=row[3],
        state=row[4],
        verification_strategy=row[5],
        verification_prefix=row[6],
        verification_token=row[7],
        sought_since=row[8],
        looked=row[9],
        next_look_at=row[10],
        created_at=row[11],
        updated_at=row[12],
    )


def find(queries: Queries, environment_id: str, organization_id: str) -> StoredOrganization | None:
    """Find an organization by id."""
    row = queries.one(_FIND + "id = :id", environment_id=environment_id, id=organization_id)
    return None if row is None else read_organization(row)


def find_by_external_id(queries: Queries, environment_id: str, external_id: str) -> StoredOrganization | None:
    """Find an organization by the caller's own identifier."""
    row = queries.one(_FIND + "external_id = :external_id", environment_id=environment_id, external_id=external_id)
    return None if row is None else read_organization(row)


def find_by_stripe_customer(queries: Queries, environment_id: str, customer_id: str) -> StoredOrganization | None:
    """Find an organization by its customer at Stripe."""
    row = queries.one(
        _FIND + "stripe_customer_id = :customer_id", environment_id=environment_id, customer_id=customer_id
    )
    return None if row is None else read_organization(row)


def list_window(
    queries: Queries, environment_id: str, window: Window, *, domains: Sequence[str] | None, search: str | None
) -> list[Row]:
    """List the rows of a page: of all, of those with any of `domains`, of those with `search` in the name."""
    find, clauses, parameters = _FIND, "", dict[str, object]()
    if domains is not None:
        choices, parameters = write_choices("domain", domains)
        # SQLite takes the tables of a cross join in the order written, here the one that chooses first.
        holders = f"""
          (select distinct o.environment_id, o.name_folded, {_NAMED}
             from organization_domains d cross join organizations o
            where d.environment_id = :environment_id and d.domain in {choices}
              and o.environment_id = d.environment_id and o.id = d.organization_id) as holders
        """
        find = f"select {_COLUMNS} from {holders} where environment_id = :environment_id and "
    if search is not None:
        escaped = search.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        parameters["pattern"] = f"%{escaped}%"
        clauses += " and name_folded like :pattern escape '!'"
    return queries.all(
        find + "true" + clauses + window.clause(), environment_id=environment_id, **parameters, **window.bind()
    )


def list_names(queries: Queries, environment_id: str, organization_ids: Sequence[str]) -> dict[str, str]:
    """List the names of up to a hundred organizations by id."""
    choices, parameters = write_choices("id", organization_ids)
    rows = queries.all(
        f"select id, name from organizations where environment_id = :environment_id and id in {choices}",
        environment_id=environment_id,
        **parameters,
    )
    return {row[0]: row[1] for row in rows}


def insert(queries: Queries, environment_id: str, organization: StoredOrganization) -> bool:
    """Store an organization; False when the external id is taken."""
    return (
        queries.run(
            f"""
            insert into organizations (environment_id, name_folded, policy, {_COLUMNS})
            values (:environment_id, :name_folded, '{{}}', :id, :name, :external_id, :metadata,
                    :stripe_customer_id, :allow_profiles_outside_organization, :created_at, :updated_at)
            on conflict do nothing
            """,
            environment_id=environment_id,
            **_bind(organization),
        )
        == 1
    )


def _bind(organization: StoredOrganization) -> dict[str, object]:
    metadata = msgspec.json.encode(organization.metadata).decode()
    folded = fold_name(organization.name)
    return {**msgspec.structs.asdict(organization), "metadata": metadata, "name_folded": folded}


def hold(queries: Queries, environment_id: str, organization_id: str) -> StoredOrganization | None:
    """Find an organization and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update organizations set updated_at = updated_at
         where environment_id = :environment_id and id = :id returning {_COLUMNS}
        """,
        environment_id=environment_id,
        id=organization_id,
    )
    return None if row is None else read_organization(row)


def update(queries: Queries, environment_id: str, organization: StoredOrganization) -> None:
    """Write all that may change of an organization whose row is held."""
    queries.run(
        """
        update organizations
           set name = :name, name_folded = :name_folded, external_id = :external_id, metadata = :metadata,
               stripe_customer_id = :stripe_customer_id, updated_at = :updated_at,
               allow_profiles_outside_organization = :allow_profiles_outside_organization
         where environment_id = :environment_id and id = :id
        """,
        environment_id=environment_id,
        **{name: value for name, value in _bind(organization).items() if name != "created_at"},
    )


def delete(queries: Queries, environment_id: str, organization_id: str) -> None:
    """Delete an organization with its domains."""
    queries.run(
        "delete from organizations where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=organization_id,
    )


def find_policy(queries: Queries, environment_id: str, organization_id: str) -> OrganizationPolicy | None:
    """Find what an organization demands; None when there is no such organization."""
    row = queries.one(
        "select policy from organizations where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=organization_id,
    )
    return None if row is None else msgspec.json.decode(row[0], type=ready(OrganizationPolicy))


def set_policy(
    queries: Queries, environment_id: str, organization_id: str, *, policy: OrganizationPolicy, now: int
) -> bool:
    """Replace what an organization demands; False when there is no such organization."""
    return (
        queries.run(
            """
            update organizations set policy = :policy, updated_at = :now
             where environment_id = :environment_id and id = :id
            """,
            environment_id=environment_id,
            id=organization_id,
            policy=msgspec.json.encode(policy).decode(),
            now=now,
        )
        == 1
    )


def list_domains(queries: Queries, environment_id: str, organization_ids: Sequence[str]) -> list[StoredDomain]:
    """List the domains of up to a hundred organizations, oldest first."""
    choices, parameters = write_choices("id", organization_ids)
    rows = queries.all(
        _FIND_DOMAIN + f"organization_id in {choices} order by created_at, id",
        environment_id=environment_id,
        **parameters,
    )
    return [_read_domain(row) for row in rows]


def find_domain(queries: Queries, environment_id: str, domain_id: str) -> StoredDomain | None:
    """Find a domain by id."""
    row = queries.one(_FIND_DOMAIN + "id = :id", environment_id=environment_id, id=domain_id)
    return None if row is None else _read_domain(row)


def hold_domain(queries: Queries, environment_id: str, domain_id: str) -> StoredDomain | None:
    """Find a domain and hold its row until the transaction ends."""
    row = queries.one(
        f"""
        update organization_domains set updated_at = updated_at
         where environment_id = :environment_id and id = :id returning {_DOMAIN}
        """,
        environment_id=environment_id,
        id=domain_id,
    )
    return None if row is None else _read_domain(row)


def ask_for_verified_domain(environment_id: str) -> Question:
    """Ask whether any organization holds a domain as verified, together with whatever else is asked."""
    return Question(
        """
        select id from organization_domains
         where environment_id = :environment_id and state = 'verified' limit 1
        """,
        1,
        {"environment_id": environment_id},
    )


def find_holder(queries: Queries, environment_id: str, domain: str) -> str | None:
    """Find the id of the organization that holds a domain as verified."""
    row = queries.one(
        """
        select organization_id from organization_domains
         where environment_id = :environment_id and domain = :domain and state = 'verified'
        """,
        environment_id=environment_id,
        domain=domain,
    )
    return None if row is None else row[0]


def insert_domain(queries: Queries, domain: StoredDomain) -> bool:
    """Store a domain; False when the organization has it, or another holds it as verified."""
    return (
        queries.run(
            f"""
            insert into organization_domains ({_DOMAIN})
            values (:environment_id, :id, :organization_id, :domain, :state, :verification_strategy,
                    :verification_prefix, :verification_token, :sought_since, :looked, :next_look_at,
                    :created_at, :updated_at)
            on conflict do nothing
            """,
            **msgspec.structs.asdict(domain),
        )
        == 1
    )


def update_domain(queries: Queries, domain: StoredDomain) -> None:
    """Write all that may change of a domain."""
    queries.run(
        """
        update organization_domains
           set state = :state, verification_strategy = :verification_strategy,
               verification_prefix = :verification_prefix, verification_token = :verification_token,
               sought_since = :sought_since, looked = :looked, next_look_at = :next_look_at,
               updated_at = :updated_at
         where environment_id = :environment_id and id = :id
        """,
        **{
            name: value
            for name, value in msgspec.structs.asdict(domain).items()
            if name not in {"organization_id", "domain", "created_at"}
        },
    )


def delete_domain(queries: Queries, environment_id: str, domain_id: str) -> StoredDomain | None:
    """Delete a domain; None when it is gone."""
    row = queries.one(
        f"""
        delete from organization_domains
         where environment_id = :environment_id and id = :id returning {_DOMAIN}
        """,
        environment_id=environment_id,
        id=domain_id,
    )
    return None if row is None else _read_domain(row)


def claim_due_domain(queries: Queries, *, now: int, until: int) -> StoredDomain | None:
    """Take the domain that has been due longest, in any environment, and put off its next look."""
    row = queries.one(
        f"""
        update organization_domains set next_look_at = :until
         where (environment_id, id) in
               (select environment_id, id from organization_domains
                 where next_look_at <= :now order by next_look_at limit 1)
           and next_look_at <= :now
        returning {_DOMAIN}
        """,
        now=now,
        until=until,
    )
    return None if row is None else _read_domain(row)


def has_due_domain(queries: Queries, *, now: int) -> bool:
    """Tell whether some domain is due."""
    return queries.one("select 1 from organization_domains where next_look_at <= :now limit 1", now=now) is not None
