"""Order the roles of a scope, and choose its default; for the command line and seed files."""

from __future__ import annotations

from collections.abc import Sequence

from gatelodge.contract.errors import NotFound
from gatelodge.features.roles import store
from gatelodge.features.roles.actions import prepare
from gatelodge.features.roles.rules import StoredRole
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def set_order(queries: Queries, unit: Unit, scope: str, slugs: Sequence[str]) -> None:
    """Put these roles first in a scope's order; the others follow as they stood.

    The scope is an organization, or empty for the environment.

    Raises:
        NotFound: One of them does not count there.
    """
    environment_id = unit.actor.environment_id
    standing = _own_order(queries, unit, scope)
    first = [_pick(standing, slug) for slug in dict.fromkeys(slugs)]
    rest = [role for role in standing if role not in first]
    for rank, role in enumerate((*first, *rest), start=1):
        store.set_rank(queries, environment_id, scope, role.id, rank=rank)


def set_default(queries: Queries, unit: Unit, scope: str, slug: str) -> None:
    """Make a role the default for new members of a scope: an organization, or the environment.

    Raises:
        NotFound: No such role counts there.
    """
    role = _pick(_own_order(queries, unit, scope), slug)
    store.set_default(queries, unit.actor.environment_id, scope, role.id)


def _own_order(queries: Queries, unit: Unit, scope: str) -> list[StoredRole]:
    environment_id = unit.actor.environment_id
    prepare(queries, unit, environment_id)
    store.copy_order(queries, environment_id, scope)
    return store.list_counting(queries, environment_id, scope)


def _pick(counting: Sequence[StoredRole], slug: str) -> StoredRole:
    found = [role for role in counting if role.slug == slug]
    if not found:
        raise NotFound.of("Role", slug)
    return max(found, key=lambda role: role.scope)
