"""Attach, prove and take away domains."""

from __future__ import annotations

from tests.contract.requests.life import Send
from tests.contract.requests.organizations import organization_of
from tests.harness.inprocess import Answer, House


def create_organization_domain(house: House) -> Answer:
    """Attach a second domain."""
    domain = {"organization_id": organization_of(house)["id"], "domain": "acme-2.example"}
    return house.post("/organization_domains", domain)


def delete_organization_domain(house: House) -> Answer:
    """Take a domain away."""
    return house.delete(f"/organization_domains/{create_organization_domain(house).json['id']}")


def get_organization_domain(house: House) -> Answer:
    """Get a domain."""
    return house.get(f"/organization_domains/{create_organization_domain(house).json['id']}")


def verify_organization_domain(house: House) -> Answer:
    """Begin to look for the proof again."""
    return house.post(f"/organization_domains/{create_organization_domain(house).json['id']}/verify")


REQUESTS: dict[str, Send] = {
    "create_organization_domain": create_organization_domain,
    "delete_organization_domain": delete_organization_domain,
    "get_organization_domain": get_organization_domain,
    "verify_organization_domain": verify_organization_domain,
}
