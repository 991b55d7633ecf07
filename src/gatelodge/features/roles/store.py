"""SQL on roles, their order and their permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from gatelodge.features.roles.rules import StoredRole
from gatelodge.kit.choices import write_choices
from gatelodge.kit.database import Queries, Row

_COLUMNS = "id, scope, slug, name, description, resource_type_slug, created_at, updated_at"
_JOINED = ", ".join(f"r.{column}" for column in _COLUMNS.split(", "))

# A scope without an order of its own goes by the environment's.
_RANKS = """
  left join role_ranks own on own.environment_id = r.environment_id
        and own.scope = :scope and own.role_id = r.id
  left join role_ranks general on general.environment_id = r.environment_id
        and general.scope = '' and general.role_id = r.id
"""
_PERMISSIONS = """
  left join role_permissions g on g.environment_id = r.environment_id and g.role_id = r.id
"""
_ORDER = " order by coalesce(own.rank, general.rank), r.created_at, r.id"


def _read_role(row: Row, permissions: Iterable[str] = ()) -> StoredRole:
    return StoredRole(
        id=row[0],
        scope=row[1],
        slug=row[2],
        name=row[3],
        description=row[4],
        resource_type_slug=row[5],
        created_at=row[6],
        updated_at=row[7],
        permissions=tuple(permissions),
    )


def _fold(rows: Sequence[Row]) -> list[StoredRole]:
    """Fold rows of a role and one of its permissions each into roles, in the rows' order."""
    roles: dict[str, Row] = {}
    permissions: dict[str, list[str]] = {}
    for row in rows:
        roles.setdefault(row[0], row)
        slugs = permissions.setdefault(row[0], [])
        if row[-1] is not None:
            slugs.append(row[-1])
    return [_read_role(row, sorted(permissions[role_id])) for role_id, row in roles.items()]


def list_counting(queries: Queries, environment_id: str, scope: str) -> list[StoredRole]:
    """List the roles that count in a scope, in its order."""
    rows = queries.all(
        f"""
        select {_JOINED}, g.permission from roles r {_RANKS} {_PERMISSIONS}
         where r.environment_id = :environment_id and r.scope in ('', :scope)
        """
        + _ORDER,
        environment_id=environment_id,
        scope=scope,
    )
    return _fold(rows)


def list_named(queries: Queries, environment_id: str, scope: str, slugs: Sequence[str]) -> list[StoredRole]:
    """List the roles of these slugs that count in a scope, in its order, without permissions."""
    choices, parameters = write_choices("slug", slugs)
    rows = queries.all(
        f"""
        select {_JOINED} from roles r {_RANKS}
         where r.environment_id = :environment_id and r.scope in ('', :scope) and r.slug in {choices}
        """
        + _ORDER,
        environment_id=environment_id,
        scope=scope,
        **parameters,
    )
    return [_read_role(row) for row in rows]


def find(queries: Queries, environment_id: str, scope: str, slug: str) -> StoredRole | None:
    """Find a role of this very scope."""
    rows = queries.all(
        f"""
        select {_JOINED}, g.permission from roles r {_PERMISSIONS}
         where r.environment_id = :environment_id and r.scope = :scope and r.slug = :slug
        """,
        environment_id=environment_id,
        scope=scope,
        slug=slug,
    )
    found = _fold(rows)
    return found[0] if found else None


def find_default(queries: Queries, environment_id: str, scope: str) -> StoredRole | None:
    """Find the default role of a scope, which is the environment's where it has none of its own."""
    row = queries.one(
        f"""
        select {_JOINED} from role_scopes s
          join roles r on r.environment_id = s.environment_id and r.id = s.default_role_id
         where s.environment_id = :environment_id and s.scope in ('', :scope)
         order by s.scope desc limit 1
        """,
        environment_id=environment_id,
        scope=scope,
    )
    return None if row is None else _read_role(row)


def has_scope(queries: Queries, environment_id: str, scope: str) -> bool:
    """Tell whether a scope has an order and a default of its own."""
    row = queries.one(
        "select 1 from role_scopes where environment_id = :environment_id and scope = :scope",
        environment_id=environment_id,
        scope=scope,
    )
    return row is not None


def insert_scope(queries: Queries, environment_id: str, scope: str, default_role_id: str) -> bool:
    """Store a scope with its default role; False when it is there."""
    return (
        queries.run(
            """
            insert into role_scopes (environment_id, scope, default_role_id)
            values (:environment_id, :scope, :default_role_id) on conflict do nothing
            """,
            environment_id=environment_id,
            scope=scope,
            default_role_id=default_role_id,
        )
        == 1
    )


def copy_order(queries: Queries, environment_id: str, scope: str) -> None:
    """Give a scope the environment's order and default as its own, where it has none."""
    queries.run(
        """
        insert into role_scopes (environment_id, scope, default_role_id)
        select environment_id, :scope, default_role_id from role_scopes
         where environment_id = :environment_id and scope = '' on conflict do nothing
        """,
        environment_id=environment_id,
        scope=scope,
    )
    queries.run(
        """
        insert into role_ranks (environment_id, scope, role_id, rank)
        select environment_id, :scope, role_id, rank from role_ranks
         where environment_id = :environment_id and scope = '' on conflict do nothing
        """,
        environment_id=environment_id,
        scope=scope,
    )


def set_default(queries: Queries, environment_id: str, scope: str, role_id: str) -> None:
    """Change the default role of a scope that has one."""
    queries.run(
        """
        update role_scopes set default_role_id = :role_id
         where environment_id = :environment_id and scope = :scope
        """,
        environment_id=environment_id,
        scope=scope,
        role_id=role_id,
    )


def insert(queries: Queries, environment_id: str, role: StoredRole) -> bool:
    """Store a role without permissions; False when the slug is taken in its scope."""
    return (
        queries.run(
            f"""
            insert into roles (environment_id, {_COLUMNS})
            values (:environment_id, :id, :scope, :slug, :name, :description, :resource_type_slug,
                    :created_at, :updated_at)
            on conflict do nothing
            """,
            environment_id=environment_id,
            **{name: value for name, value in msgspec.structs.asdict(role).items() if name != "permissions"},
        )
        == 1
    )


def rank_last(queries: Queries, environment_id: str, role: StoredRole) -> None:
    """Put a role last in its scope's order; one of the environment, in every order there is."""
    of_scope = "and scope = :scope" if role.scope else ""
    queries.run(
        f"""
        insert into role_ranks (environment_id, scope, role_id, rank)
        select environment_id, scope, :role_id, max(rank) + 1 from role_ranks
         where environment_id = :environment_id {of_scope} group by environment_id, scope
        """,
        environment_id=environment_id,
        role_id=role.id,
        **({"scope": role.scope} if role.scope else {}),
    )


def set_rank(queries: Queries, environment_id: str, scope: str, role_id: str, *, rank: int) -> None:
    """Give a role its place in a scope's order."""
    queries.run(
        """
        insert into role_ranks (environment_id, scope, role_id, rank)
        values (:environment_id, :scope, :role_id, :rank)
        on conflict (environment_id, scope, role_id) do update set rank = excluded.rank
        """,
        environment_id=environment_id,
        scope=scope,
        role_id=role_id,
        rank=rank,
    )


def hold(queries: Queries, environment_id: str, scope: str, slug: str) -> StoredRole | None:
    """Find a role of this very scope and hold its row until the transaction ends."""
    queries.run(
        """
        update roles set updated_at = updated_at
         where environment_id = :environment_id and scope = :scope and slug = :slug
        """,
        environment_id=environment_id,
        scope=scope,
        slug=slug,
    )
    return find(queries, environment_id, scope, slug)


def update(queries: Queries, environment_id: str, role: StoredRole) -> None:
    """Write what may change of a role, its permissions excepted."""
    queries.run(
        """
        update roles set name = :name, description = :description, updated_at = :updated_at
         where environment_id = :environment_id and id = :id
        """,
        environment_id=environment_id,
        id=role.id,
        name=role.name,
        description=role.description,
        updated_at=role.updated_at,
    )


def delete(queries: Queries, environment_id: str, role_id: str) -> None:
    """Delete a role; fails with `ReferenceViolation` while it is assigned."""
    queries.run(
        "delete from roles where environment_id = :environment_id and id = :id",
        environment_id=environment_id,
        id=role_id,
    )


def delete_scope(queries: Queries, environment_id: str, scope: str) -> None:
    """Delete what is left of a scope once its roles are gone: its order and its default."""
    for table in ("role_ranks", "role_scopes"):
        queries.run(
            f"delete from {table} where environment_id = :environment_id and scope = :scope",
            environment_id=environment_id,
            scope=scope,
        )


def grant(queries: Queries, environment_id: str, role_id: str, permissions: Iterable[str]) -> None:
    """Give a role permissions that it may have already."""
    for permission in permissions:
        queries.run(
            """
            insert into role_permissions (environment_id, role_id, permission)
            values (:environment_id, :role_id, :permission) on conflict do nothing
            """,
            environment_id=environment_id,
            role_id=role_id,
            permission=permission,
        )


def withdraw(queries: Queries, environment_id: str, role_id: str, permissions: Iterable[str]) -> None:
    """Take permissions from a role."""
    for permission in permissions:
        queries.run(
            """
            delete from role_permissions
             where environment_id = :environment_id and role_id = :role_id
               and permission = :permission
            """,
            environment_id=environment_id,
            role_id=role_id,
            permission=permission,
        )


def list_holding(queries: Queries, environment_id: str, permission: str) -> list[tuple[str, str]]:
    """List scope and slug of the roles that have a permission."""
    rows = queries.all(
        """
        select r.scope, r.slug from role_permissions g
          join roles r on r.environment_id = g.environment_id and r.id = g.role_id
         where g.environment_id = :environment_id and g.permission = :permission
         order by r.created_at, r.id
        """,
        environment_id=environment_id,
        permission=permission,
    )
    return [(row[0], row[1]) for row in rows]


_ASSIGNED = """
  from role_assignments a
  join roles r on r.environment_id = a.environment_id and r.id = a.role_id
  left join role_ranks own on own.environment_id = a.environment_id
        and own.scope = a.organization_id and own.role_id = a.role_id
  left join role_ranks general on general.environment_id = a.environment_id
        and general.scope = '' and general.role_id = a.role_id
"""


def assign(
    queries: Queries, environment_id: str, membership_id: str, *, organization_id: str, role_ids: Iterable[str]
) -> None:
    """Make these the roles of a membership."""
    queries.run(
        """
        delete from role_assignments
         where environment_id = :environment_id and membership_id = :membership_id
        """,
        environment_id=environment_id,
        membership_id=membership_id,
    )
    for role_id in role_ids:
        queries.run(
            """
            insert into role_assignments (environment_id, membership_id, organization_id, role_id)
            values (:environment_id, :membership_id, :organization_id, :role_id)
            """,
            environment_id=environment_id,
            membership_id=membership_id,
            organization_id=organization_id,
            role_id=role_id,
        )


def list_assigned(queries: Queries, environment_id: str, membership_ids: Sequence[str]) -> dict[str, list[str]]:
    """List the slugs of the roles of up to a hundred memberships, each in its organization's order."""
    choices, parameters = write_choices("membership", membership_ids)
    rows = queries.all(
        f"""
        select a.membership_id, r.slug {_ASSIGNED}
         where a.environment_id = :environment_id and a.membership_id in {choices}
        """
        + _ORDER,
        environment_id=environment_id,
        **parameters,
    )
    assigned: dict[str, list[str]] = {}
    for membership_id, slug in rows:
        assigned.setdefault(membership_id, []).append(slug)
    return assigned


def list_claims(queries: Queries, environment_id: str, membership_id: str) -> list[Row]:
    """List slug and permission of a membership's roles, in its organization's order."""
    return queries.all(
        f"""
        select r.slug, g.permission {_ASSIGNED}
          left join role_permissions g on g.environment_id = r.environment_id and g.role_id = r.id
         where a.environment_id = :environment_id and a.membership_id = :membership_id
        """
        + _ORDER,
        environment_id=environment_id,
        membership_id=membership_id,
    )
