"""Make, list, change, suspend and end memberships."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.contract.requests.organizations import organization_of
from tests.harness.inprocess import Answer, House

PATH = "/user_management/organization_memberships"


def create_organization_membership(house: House) -> Answer:
    """Make a user a member with a role."""
    member = {"user_id": house.create_user()["id"], "organization_id": organization_of(house)["id"]}
    return house.post(PATH, {**member, "role_slug": "admin"})


def path_of(house: House) -> str:
    """Give the path of a new membership."""
    return f"{PATH}/{create_organization_membership(house).json['id']}"


def deactivate_organization_membership(house: House) -> Answer:
    """Shut a member out."""
    return house.put(f"{path_of(house)}/deactivate")


def delete_organization_membership(house: House) -> Answer:
    """End a membership."""
    return house.delete(path_of(house))


def get_organization_membership(house: House) -> Answer:
    """Get a membership."""
    return house.get(path_of(house))


def list_organization_memberships(house: House) -> Answer:
    """List the members of an organization, of whom there is one."""
    return house.get(PATH, organization_id=create_organization_membership(house).json["organization_id"])


def reactivate_organization_membership(house: House) -> Answer:
    """Let a member in again."""
    path = path_of(house)
    house.put(f"{path}/deactivate")
    return house.put(f"{path}/reactivate")


def update_organization_membership(house: House) -> Answer:
    """Change a member's role."""
    return house.put(path_of(house), {"role_slug": "member"})


REQUESTS: dict[str, Send] = {
    "create_organization_membership": create_organization_membership,
    "deactivate_organization_membership": deactivate_organization_membership,
    "delete_organization_membership": delete_organization_membership,
    "get_organization_membership": get_organization_membership,
    "list_organization_memberships": list_organization_memberships,
    "reactivate_organization_membership": reactivate_organization_membership,
    "update_organization_membership": update_organization_membership,
}
