"""Members and invitations, through every way in: who gets in, and who does not."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from gatelodge import errors
from gatelodge.testing import FrozenClock
from tests.sdk.household import Household

ADA, PASSWORD = "ada@example.com", "seventeen yellow herons"


def claims_of(token: str) -> dict[str, Any]:
    """Read what an access token says."""
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


def test_a_deactivated_member_cannot_enter_until_let_in_again(um: Household) -> None:
    user = um.create_user(ADA, password=PASSWORD, email_verified=True)
    organization = um.create_organization("Acme")
    um.create_environment_role("lead", name="Lead")
    member = um.create_organization_membership(user.id, organization_id=organization.id, role_slug="lead")
    before = um.authenticate_with_password(ADA, password=PASSWORD)

    shut_out = um.deactivate_organization_membership(member.id)

    assert claims_of(before.access_token)["role"] == "lead"
    assert (before.organization_id, shut_out.status) == (organization.id, "inactive")
    with pytest.raises(errors.InvalidGrant):
        um.authenticate_with_refresh_token(before.refresh_token)
    outside = um.authenticate_with_password(ADA, password=PASSWORD)
    assert outside.organization_id is None
    with pytest.raises(errors.OrganizationMembershipNotFound):
        um.authenticate_with_refresh_token(outside.refresh_token, organization_id=organization.id)

    let_in = um.reactivate_organization_membership(member.id)

    assert (let_in.status, let_in.role.slug) == ("active", "lead")
    assert um.authenticate_with_password(ADA, password=PASSWORD).organization_id == organization.id


def test_a_membership_is_created_found_changed_and_ended(um: Household) -> None:
    user = um.create_user(ADA)
    organization = um.create_organization("Acme")
    um.create_environment_role("lead", name="Lead")
    member = um.create_organization_membership(user.id, organization_id=organization.id)

    assert um.get_organization_membership(member.id) == member
    assert (member.user.email, member.organization_name, member.role.slug) == (ADA, "Acme", "member")
    changed = um.update_organization_membership(member.id, role_slugs=["lead", "member"])
    assert {role.slug for role in changed.roles} == {"lead", "member"}
    assert um.update_organization_membership(member.id).role.slug == "member"
    with pytest.raises(errors.MembershipExists):
        um.create_organization_membership(user.id, organization_id=organization.id)
    with pytest.raises(errors.InvalidRole):
        um.update_organization_membership(member.id, role_slug="king")

    assert um.delete_organization_membership(member.id) is None
    with pytest.raises(errors.NotFound):
        um.get_organization_membership(member.id)


def test_memberships_are_listed_by_user_by_organization_and_by_status(um: Household, clock: FrozenClock) -> None:
    users = [um.create_user(f"user{number}@example.com") for number in range(3)]
    acme, other = um.create_organization("Acme"), um.create_organization("Other")
    members = []
    for user in users:
        clock.advance(seconds=1)
        members.append(um.create_organization_membership(user.id, organization_id=acme.id).id)
    elsewhere = um.create_organization_membership(users[0].id, organization_id=other.id).id
    um.deactivate_organization_membership(members[1])

    def ids(*arguments: Any, **members: Any) -> list[str]:
        return [member.id for member in um.walk(um.list_organization_memberships(*arguments, **members, limit=1))]

    assert ids(organization_id=acme.id) == [members[2], members[0]]
    assert ids(organization_id=acme.id, statuses=["inactive"]) == [members[1]]
    assert ids(organization_id=acme.id, statuses=["active", "inactive"], order="asc") == members
    assert sorted(ids(users[0].id)) == sorted([members[0], elsewhere])
    assert ids(users[0].id, organization_id=acme.id) == [members[0]]
    assert [user.id for user in um.walk(um.list_users(organization_id=other.id))] == [users[0].id]
    with pytest.raises(errors.MembershipFilterMissing):
        um.list_organization_memberships()


def test_an_invitation_makes_a_member_once(um: Household) -> None:
    organization = um.create_organization("Acme")
    um.create_environment_role("lead", name="Lead")
    inviter = um.create_user("grace@example.com")
    sent = um.send_invitation(
        ADA, organization_id=organization.id, role_slug="lead", inviter_user_id=inviter.id, expires_in_days=3
    )

    assert um.get_invitation(sent.id) == sent == um.get_invitation_by_token(sent.token)
    assert (sent.state, sent.expires_at, sent.role_slug) == ("pending", "2026-01-18T12:00:00.000Z", "lead")
    with pytest.raises(errors.InvitationInvalid):
        um.accept_invitation(sent.id)
    user = um.create_user(ADA)
    accepted = um.accept_invitation(sent.id)
    assert (accepted.state, accepted.accepted_user_id) == ("accepted", user.id)
    assert um.list_organization_memberships(user.id).data[0].role.slug == "lead"
    with pytest.raises(errors.InvitationHasUser):
        um.accept_invitation(sent.id)
    with pytest.raises(errors.InvitationAccepted):
        um.resend_invitation(sent.id)


def test_an_invitation_lets_its_address_sign_up_and_in(um: Household) -> None:
    organization = um.create_organization("Acme")
    sent = um.send_invitation(ADA, organization_id=organization.id)
    magic = um.create_magic_auth(ADA, invitation_token=sent.token)

    begun = um.authenticate_with_magic_auth(magic.code, email=ADA, invitation_token=sent.token)

    assert begun.organization_id == organization.id
    assert um.get_invitation(sent.id).accepted_user_id == begun.user.id


def test_invitations_are_listed_by_address_and_by_organization(um: Household, clock: FrozenClock) -> None:
    organization = um.create_organization("Acme")
    sent = []
    for email in (ADA, "grace@example.com"):
        sent.append(um.send_invitation(email, organization_id=organization.id).id)
        clock.advance(seconds=1)
    alone = um.send_invitation(ADA).id

    assert [each.id for each in um.list_invitations(ADA)] == [alone, sent[0]]
    assert [each.id for each in um.walk(um.list_invitations(organization_id=organization.id, limit=1))] == sent[::-1]
    assert [each.id for each in um.walk(um.list_invitations(limit=2, order="asc"))] == [*sent, alone]


def test_a_revoked_invitation_is_dead_and_an_open_one_is_sent_again(um: Household, clock: FrozenClock) -> None:
    sent = um.send_invitation(ADA)
    clock.advance(days=1)
    again = um.resend_invitation(sent.id, locale="de")

    revoked = um.revoke_invitation(sent.id)

    assert again.expires_at > sent.expires_at
    assert (revoked.state, revoked.organization_id) == ("revoked", None)
    assert revoked.revoked_at is not None
    with pytest.raises(errors.InvitationRevoked):
        um.resend_invitation(sent.id)
    with pytest.raises(errors.InvitationNotPending):
        um.revoke_invitation(sent.id)
    with pytest.raises(errors.InvitationTokenInvalid):
        um.create_magic_auth(ADA, invitation_token=sent.token)
    with pytest.raises(errors.InvitationTermTooLong):
        um.send_invitation(ADA, expires_in_days=31)
