"""The role of an invitation and that of the pending membership beside it are one."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.tokens.reading import claims_of
from tests.harness.inprocess import CLIENT, House

INVITATIONS = "/user_management/invitations"
MEMBERSHIPS = "/user_management/organization_memberships"
ADA = "ada@example.com"


@pytest.fixture
def organization_id(house: House) -> str:
    made: str = house.post("/organizations", {"name": "Acme"}).json["id"]
    return made


def invite(house: House, organization_id: str, **members: object) -> dict[str, Any]:
    answer = house.post(INVITATIONS, {"email": ADA, "organization_id": organization_id, **members})
    assert answer.status == 201, answer
    invitation: dict[str, Any] = answer.json
    return invitation


def membership_of(house: House, user: dict[str, Any], status: str) -> dict[str, Any]:
    [found] = house.get(MEMBERSHIPS, user_id=user["id"], statuses=status).json["data"]
    membership: dict[str, Any] = found
    return membership


def test_an_invitation_to_an_organization_shows_the_default_role_where_none_is_named(
    house: House, organization_id: str
) -> None:
    assert invite(house, organization_id)["role_slug"] == "member"


def test_an_invitation_to_the_application_has_no_role(house: House) -> None:
    answer = house.post(INVITATIONS, {"email": ADA, "role_slug": "admin"})

    assert (answer.status, answer.json["role_slug"]) == (201, None)


def test_a_new_role_of_a_pending_member_is_that_of_the_invitation_and_stays_when_it_is_accepted(
    house: House, organization_id: str
) -> None:
    user = house.create_user()
    invitation = invite(house, organization_id, role_slug="admin")
    pending = membership_of(house, user, "pending")

    changed = house.put(f"{MEMBERSHIPS}/{pending['id']}", {"role_slug": "member"})
    shown = house.get(f"{INVITATIONS}/{invitation['id']}").json
    accepted = house.post(f"{INVITATIONS}/{invitation['id']}/accept")

    assert (changed.status, changed.json["status"]) == (200, "pending")
    assert (shown["state"], shown["role_slug"]) == ("pending", "member")
    assert (accepted.status, accepted.json["role_slug"]) == (200, "member")
    assert membership_of(house, user, "active")["role"] == {"slug": "member"}


def test_the_first_token_of_an_invited_user_has_the_roles_that_were_given_meanwhile(
    house: House, organization_id: str
) -> None:
    user = house.create_user()
    invitation = invite(house, organization_id)
    pending = membership_of(house, user, "pending")
    house.put(f"{MEMBERSHIPS}/{pending['id']}", {"role_slugs": ["member", "admin"]})

    signed_in = house.sign_in(invitation_token=invitation["token"])

    assert signed_in.status == 200, signed_in
    claims = claims_of(signed_in.json["access_token"], house.get(f"/sso/jwks/{CLIENT}").json)
    assert (claims["role"], claims["roles"]) == ("admin", ["admin", "member"])
    assert membership_of(house, user, "active")["roles"] == [{"slug": "admin"}, {"slug": "member"}]


def test_a_pending_membership_that_an_expired_invitation_left_gets_the_role_of_the_next(
    house: House, organization_id: str
) -> None:
    user = house.create_user()
    invite(house, organization_id, role_slug="admin", expires_in_days=1)
    house.clock.advance(seconds=2 * 86_400)

    again = invite(house, organization_id, role_slug="member")

    assert membership_of(house, user, "pending")["role"] == {"slug": "member"}
    assert house.sign_in(invitation_token=again["token"]).status == 200
    assert membership_of(house, user, "active")["role"] == {"slug": "member"}


def test_the_role_of_an_invitation_that_was_accepted_does_not_follow_the_member(
    house: House, organization_id: str
) -> None:
    user = house.create_user()
    invitation = invite(house, organization_id, role_slug="admin")
    house.post(f"{INVITATIONS}/{invitation['id']}/accept")

    house.put(f"{MEMBERSHIPS}/{membership_of(house, user, 'active')['id']}", {"role_slug": "member"})

    assert house.get(f"{INVITATIONS}/{invitation['id']}").json["role_slug"] == "admin"
