"""List users by the organization that they belong to."""

from __future__ import annotations

from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.contract.users import ListUsers, User
from gatelodge.features.memberships import store
from gatelodge.features.users import actions as users
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.unit import Unit


def list_users(unit: Unit, asked: ListUsers) -> Page[User]:
    """List users, newest first, by address or by the organization they have a membership in."""
    organization_id = asked.organization_id or asked.organization
    if not organization_id:
        return users.list_users(unit, asked)
    environment_id = unit.actor.environment_id
    if asked.email:
        page = users.list_users(unit, asked)
        is_member = page.data and store.find_pair(unit.read, environment_id, page.data[0].id, organization_id)
        return page if is_member else Page(data=[], list_metadata=ListMetadata())
    window = open_window(asked, "user")
    rows = store.list_user_ids(unit.read, environment_id, organization_id, window)
    ids: Page[str] = fold_page(asked, window, rows, lambda row: row[0], identify=lambda user_id: user_id)
    people = users.find_users(unit.read, unit, ids.data)
    return Page(data=[people[user_id] for user_id in ids.data if user_id in people], list_metadata=ids.list_metadata)
