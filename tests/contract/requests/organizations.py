"""Create, find, list, change and delete organizations."""

from __future__ import annotations

from typing import Any

from tests.contract.requests.life import Send
from tests.harness.inprocess import Answer, House


def create_organization(house: House) -> Answer:
    """Create an organization with a domain to be proved."""
    organization = {
        "name": "Acme",
        "domain_data": [{"domain": "acme.example", "state": "pending"}],
        "metadata": {"tier": "gold"},
        "external_id": "crm-acme",
    }
    return house.post("/organizations", organization)


def organization_of(house: House) -> dict[str, Any]:
    """Give a new organization."""
    organization: dict[str, Any] = create_organization(house).json
    return organization


def delete_organization(house: House) -> Answer:
    """Delete an organization."""
    return house.delete(f"/organizations/{organization_of(house)['id']}")


def get_organization(house: House) -> Answer:
    """Get an organization."""
    return house.get(f"/organizations/{organization_of(house)['id']}")


def get_organization_by_external_id(house: House) -> Answer:
    """Get an organization by the caller's own identifier."""
    create_organization(house)
    return house.get("/organizations/external_id/crm-acme")


def list_organizations(house: House) -> Answer:
    """List the organizations, of which there is one."""
    create_organization(house)
    return house.get("/organizations")


def update_organization(house: House) -> Answer:
    """Change an organization."""
    return house.put(f"/organizations/{organization_of(house)['id']}", {"name": "Acme & Co."})


REQUESTS: dict[str, Send] = {
    "create_organization": create_organization,
    "delete_organization": delete_organization,
    "get_organization": get_organization,
    "get_organization_by_external_id": get_organization_by_external_id,
    "list_organizations": list_organizations,
    "update_organization": update_organization,
}
