"""Send, find, resend, revoke and accept invitations."""

from __future__ import annotations

from typing import Any

from tests.contract.requests.life import Send
from tests.contract.requests.organizations import organization_of
from tests.harness.inprocess import Answer, House

PATH = "/user_management/invitations"


def send_invitation(house: House) -> Answer:
    """Invite an address to an organization, in the name of a member."""
    invitation = {
        "email": "grace@example.com",
        "organization_id": organization_of(house)["id"],
        "role_slug": "admin",
        "inviter_user_id": house.create_user()["id"],
    }
    return house.post(PATH, invitation)


def invitation_of(house: House) -> dict[str, Any]:
    """Give a pending invitation."""
    invitation: dict[str, Any] = send_invitation(house).json
    return invitation


def accept_invitation(house: House) -> Answer:
    """Accept an invitation for the user who owns its address."""
    invitation = invitation_of(house)
    house.create_user("grace@example.com")
    return house.post(f"{PATH}/{invitation['id']}/accept")


def get_invitation(house: House) -> Answer:
    """Get an invitation."""
    return house.get(f"{PATH}/{invitation_of(house)['id']}")


def get_invitation_by_token(house: House) -> Answer:
    """Get an invitation by the secret of its link."""
    return house.get(f"{PATH}/by_token/{invitation_of(house)['token']}")


def list_invitations(house: House) -> Answer:
    """List the invitations of an organization, of which there is one."""
    return house.get(PATH, organization_id=invitation_of(house)["organization_id"])


def resend_invitation(house: House) -> Answer:
    """Send the mail again."""
    return house.post(f"{PATH}/{invitation_of(house)['id']}/resend")


def revoke_invitation(house: House) -> Answer:
    """Take an invitation back."""
    return house.post(f"{PATH}/{invitation_of(house)['id']}/revoke")


REQUESTS: dict[str, Send] = {
    "accept_invitation": accept_invitation,
    "get_invitation": get_invitation,
    "get_invitation_by_token": get_invitation_by_token,
    "list_invitations": list_invitations,
    "resend_invitation": resend_invitation,
    "revoke_invitation": revoke_invitation,
    "send_invitation": send_invitation,
}
