"""Create, find, order, change and delete roles."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.contract.requests.permissions import create_permission
from tests.harness.inprocess import Answer, House


def add_environment_role_permission(house: House) -> Answer:
    """Give a role one more permission."""
    create_permission(house)
    create_environment_role(house)
    return house.post("/authorization/roles/editor/permissions", {"slug": "posts:create"})


def create_environment_role(house: House) -> Answer:
    """Create a role."""
    return house.post("/authorization/roles", {"slug": "editor", "name": "Editor", "description": "Edits"})


def get_environment_role(house: House) -> Answer:
    """Get a role."""
    add_environment_role_permission(house)
    return house.get("/authorization/roles/editor")


def list_environment_roles(house: House) -> Answer:
    """List the roles, those of development mode among them."""
    create_environment_role(house)
    return house.get("/authorization/roles")


def set_environment_role_permissions(house: House) -> Answer:
    """Give a role exactly one permission."""
    create_permission(house)
    create_environment_role(house)
    return house.put("/authorization/roles/editor/permissions", {"permissions": ["posts:create"]})


def update_environment_role(house: House) -> Answer:
    """Change a role."""
    create_environment_role(house)
    return house.call("PATCH", "/authorization/roles/editor", {"name": "Editor in chief"})


REQUESTS: dict[str, Send] = {
    "add_environment_role_permission": add_environment_role_permission,
    "create_environment_role": create_environment_role,
    "get_environment_role": get_environment_role,
    "list_environment_roles": list_environment_roles,
    "set_environment_role_permissions": set_environment_role_permissions,
    "update_environment_role": update_environment_role,
}
