"""What an organization's own identity provider takes out of everybody else's hands, and who may invite."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.organizations.rules import OrganizationPolicy
from tests.harness.inprocess import ENVIRONMENT, PASSWORD, Answer, House
from tests.harness.mails import last_code, mails

ADA, NEW = "ada@acme.example", "ada@elsewhere.example"
USERS = "/user_management/users"
GOVERNS = OrganizationPolicy(sso_required=True, governs_domains=True)


def govern(house: House, policy: OrganizationPolicy = GOVERNS) -> str:
    """Make an organization that holds acme.example, with a policy."""
    body = {"name": "Acme", "domain_data": [{"domain": "acme.example", "state": "verified"}]}
    organization_id: str = house.post("/organizations", body).json["id"]
    organizations.set_policy(house.unit(), organization_id, policy)
    return organization_id


def send_change(house: House, user: dict[str, Any]) -> Answer:
    return house.post(f"{USERS}/{user['id']}/email_change/send", {"new_email": NEW})


def test_a_managed_address_is_changed_by_nobody_here(house: House) -> None:
    user = house.create_user(ADA)
    assert send_change(house, user).status == 200
    code = last_code(house, "email_change", to=NEW)

    govern(house)
    sent = send_change(house, user)
    confirmed = house.post(f"{USERS}/{user['id']}/email_change/confirm", {"code": code})
    updated = house.put(f"{USERS}/{user['id']}", {"email": NEW})

    assert (sent.status, sent.json["code"]) == (409, "email_change_not_allowed")
    assert (confirmed.status, confirmed.json["code"]) == (409, "email_change_not_allowed")
    assert (updated.status, updated.json["code"]) == (400, "email_change_not_allowed")
    assert house.get(f"{USERS}/{user['id']}").json["email"] == ADA


def test_a_managed_user_may_be_changed_in_all_else(house: House) -> None:
    user = house.create_user(ADA)
    govern(house)

    answer = house.put(f"{USERS}/{user['id']}", {"email": "Ada@ACME.example", "first_name": "Ada"})

    assert (answer.status, answer.json["email"]) == (200, "Ada@ACME.example")


@pytest.mark.parametrize(
    "policy",
    [OrganizationPolicy(sso_required=True), OrganizationPolicy(governs_domains=True), OrganizationPolicy()],
    ids=["not for the domain", "no provider", "nothing"],
)
def test_an_organization_that_does_not_govern_its_domain_manages_no_address(
    house: House, policy: OrganizationPolicy
) -> None:
    user = house.create_user(ADA)
    govern(house, policy)

    assert send_change(house, user).status == 200
    assert house.post("/user_management/password_reset", {"email": ADA}).status == 201


def test_an_environment_may_keep_users_from_changing_their_address_but_not_its_backend(house: House) -> None:
    user = house.create_user(ADA)
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(email_change=False))

    refused = send_change(house, user)
    updated = house.put(f"{USERS}/{user['id']}", {"email": NEW})

    assert (refused.status, refused.json["code"]) == (409, "email_change_not_allowed")
    assert mails(house, to=NEW) == []
    assert updated.json["email"] == NEW


@pytest.mark.parametrize(
    "policy",
    [GOVERNS, OrganizationPolicy(methods=("SSO", "MagicAuth"), governs_domains=True)],
    ids=["sso required", "no passwords"],
)
def test_a_user_who_may_use_no_password_is_sent_no_reset(house: House, policy: OrganizationPolicy) -> None:
    house.create_user(ADA)
    govern(house, policy)

    answer = house.post("/user_management/password_reset", {"email": ADA})

    assert (answer.status, answer.json["code"]) == (403, "password_reset_not_allowed")
    assert mails(house) == []


def test_a_reset_sent_before_sets_no_password_where_none_may_be_used(house: House) -> None:
    house.create_user(ADA)
    token = house.post("/user_management/password_reset", {"email": ADA}).json["password_reset_token"]
    govern(house)

    answer = house.post("/user_management/password_reset/confirm", {"token": token, "new_password": "another horse 18"})

    assert (answer.status, answer.json["code"]) == (403, "password_reset_not_allowed")
    assert house.sign_in(ADA, password=PASSWORD).json["error"] == "sso_required"


def test_an_organization_may_be_kept_from_inviting(house: House) -> None:
    organization_id = govern(house, OrganizationPolicy(sends_invitations=False))

    refused = house.post("/user_management/invitations", {"email": ADA, "organization_id": organization_id})
    elsewhere = house.post("/user_management/invitations", {"email": ADA})

    assert (refused.status, refused.json["code"]) == (400, "organization_blocked_from_sending_invites")
    assert elsewhere.status == 201
