"""Roles of one organization."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.contract.requests.organizations import organization_of
from tests.contract.requests.permissions import create_permission
from tests.harness.inprocess import Answer, House


def roles_of(house: House) -> str:
    """Give the path of the roles of a new organization."""
    return f"/authorization/organizations/{organization_of(house)['id']}/roles"


def role_of(house: House) -> str:
    """Give the path of a new role with one permission."""
    path = roles_of(house)
    create_permission(house)
    house.post(path, {"slug": "org-editor", "name": "Editor"})
    house.post(f"{path}/org-editor/permissions", {"slug": "posts:create"})
    return f"{path}/org-editor"


def add_organization_role_permission(house: House) -> Answer:
    """Give a role one more permission."""
    path = role_of(house)
    house.post("/authorization/permissions", {"slug": "posts:delete", "name": "Delete posts"})
    return house.post(f"{path}/permissions", {"slug": "posts:delete"})


def create_organization_role(house: House) -> Answer:
    """Create a role whose slug is made from its name."""
    return house.post(roles_of(house), {"name": "Editor in chief"})


def delete_organization_role(house: House) -> Answer:
    """Delete a role."""
    return house.delete(role_of(house))


def get_organization_role(house: House) -> Answer:
    """Get a role."""
    return house.get(role_of(house))


def list_organization_roles(house: House) -> Answer:
    """List the roles that count in an organization, the environment's among them."""
    return house.get(role_of(house).removesuffix("/org-editor"))


def remove_organization_role_permission(house: House) -> Answer:
    """Take a permission from a role."""
    return house.delete(f"{role_of(house)}/permissions/posts:create")


def set_organization_role_permissions(house: House) -> Answer:
    """Give a role no permission at all."""
    return house.put(f"{role_of(house)}/permissions", {"permissions": []})


def update_organization_role(house: House) -> Answer:
    """Change a role."""
    return house.call("PATCH", role_of(house), {"description": "Edits what others write"})


REQUESTS: dict[str, Send] = {
    "add_organization_role_permission": add_organization_role_permission,
    "create_organization_role": create_organization_role,
    "delete_organization_role": delete_organization_role,
    "get_organization_role": get_organization_role,
    "list_organization_roles": list_organization_roles,
    "remove_organization_role_permission": remove_organization_role_permission,
    "set_organization_role_permissions": set_organization_role_permissions,
    "update_organization_role": update_organization_role,
}
