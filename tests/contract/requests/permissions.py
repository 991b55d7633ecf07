"""Create, find, change and delete permissions."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House


def create_permission(house: House) -> Answer:
    """Create a permission."""
    permission = {"slug": "posts:create", "name": "Create posts", "description": "Write and publish"}
    return house.post("/authorization/permissions", permission)


def delete_permission(house: House) -> Answer:
    """Delete a permission."""
    create_permission(house)
    return house.delete("/authorization/permissions/posts:create")


def get_permission(house: House) -> Answer:
    """Get a permission."""
    create_permission(house)
    return house.get("/authorization/permissions/posts:create")


def list_permissions(house: House) -> Answer:
    """List the permissions, of which there is one."""
    create_permission(house)
    return house.get("/authorization/permissions")


def update_permission(house: House) -> Answer:
    """Change a permission."""
    create_permission(house)
    return house.call("PATCH", "/authorization/permissions/posts:create", {"description": None})


REQUESTS: dict[str, Send] = {
    "create_permission": create_permission,
    "delete_permission": delete_permission,
    "get_permission": get_permission,
    "list_permissions": list_permissions,
    "update_permission": update_permission,
}
