# Written by tools/generate_sync.py from the file of this name in _async; change that one.
"""Invitations (contract page 19)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatelodge.contract import invitations as contract
from gatelodge.contract.invitations import Invitation
from gatelodge.sdk._sync.calls import Calls

if TYPE_CHECKING:
    from gatelodge.contract.paging import Order
    from gatelodge.sdk._sync.paging import PageOf


class Invitations(Calls):
    """The methods for invitations."""

    def send_invitation(
        self,
        email: str,
        *,
        organization_id: str | None = None,
        expires_in_days: int | None = None,
        inviter_user_id: str | None = None,
        role_slug: str | None = None,
        locale: str | None = None,
    ) -> Invitation:
        """Invite an address to an organization, or to the application as such; a mail goes out.

        `POST /user_management/invitations`, contract page 19. `expires_in_days` is 1 to 30,
        7 when not given; `locale` is the language of the mail.

        Example:
            invitation = um.send_invitation("bob@example.com", organization_id=organization.id)

        Raises:
            EmailAlreadyInvited: An invitation to the application is open.
            EmailAlreadyInvitedToOrganization: An invitation to this organization is open.
            UserAlreadyExists: Somebody who has an account is invited to the application.
            UserAlreadyMember: The address is a member's.
            InvitationTermTooShort: `expires_in_days` is less than 1.
            InvitationTermTooLong: `expires_in_days` is more than 30.
            InvitationRoleInvalid: The role does not count there.
            NotFound: There is no such organization or no such inviter.
            RequestInvalid: The address or the locale is malformed.
        """
        request = contract.SendInvitation(
            email=email,
            organization_id=organization_id,
            expires_in_days=expires_in_days,
            inviter_user_id=inviter_user_id,
            role_slug=role_slug,
            locale=locale,
        )
        return self._get(contract.SEND_INVITATION, request, Invitation)

    def list_invitations(
        self,
        email: str | None = None,
        *,
        organization_id: str | None = None,
        limit: int = 10,
        before: str | None = None,
        after: str | None = None,
        order: Order = "desc",
    ) -> PageOf[Invitation]:
        """List invitations, open and closed, newest first unless `order` says otherwise.

        `GET /user_management/invitations`, contract page 19. `limit` is 1 to 100
        invitations a page; `before` and `after` are ids.

        Example:
            page = um.list_invitations(organization_id=organization.id)

        Raises:
            RequestInvalid: `limit` or a cursor cannot be used.
        """
        request = contract.ListInvitations(
            email=email, organization_id=organization_id, limit=limit, before=before, after=after, order=order
        )
        return self._get_page(contract.LIST_INVITATIONS, request, Invitation)

    def get_invitation(self, invitation_id: str) -> Invitation:
        """Get an invitation.

        `GET /user_management/invitations/{invitation_id}`, contract page 19.

        Example:
            invitation = um.get_invitation(invitation.id)

        Raises:
            NotFound: This environment has no such invitation.
        """
        return self._get(contract.GET_INVITATION, contract.InvitationId(invitation_id=invitation_id), Invitation)

    def get_invitation_by_token(self, token: str) -> Invitation:
        """Get an invitation by the token of its link, in whatever state it is.

        `GET /user_management/invitations/by_token/{token}`, contract page 19.

        Example:
            invitation = um.get_invitation_by_token(invitation.token)

        Raises:
            NotFound: No invitation of this environment has this token.
        """
        request = contract.InvitationToken(token=token)
        return self._get(contract.GET_INVITATION_BY_TOKEN, request, Invitation)

    def accept_invitation(self, invitation_id: str) -> Invitation:
        """Accept an invitation for the user who owns its address, who becomes a member.

        `POST /user_management/invitations/{invitation_id}/accept`, contract page 19. Call
        it only after you have seen that the user wants it. It proves no address.

        Example:
            invitation = um.accept_invitation(invitation.id)

        Raises:
            InvitationInvalid: No user owns the invited address.
            InvitationHasUser: It was accepted before.
            InvitationNotPending: It is revoked or expired.
            NotFound: This environment has no such invitation.
        """
        request = contract.InvitationId(invitation_id=invitation_id)
        return self._get(contract.ACCEPT_INVITATION, request, Invitation)

    def resend_invitation(self, invitation_id: str, *, locale: str | None = None) -> Invitation:
        """Send the mail again, with a fresh term.

        `POST /user_management/invitations/{invitation_id}/resend`, contract page 19.

        Example:
            invitation = um.resend_invitation(invitation.id, locale="en")

        Raises:
            InvitationAccepted: It was accepted.
            InvitationExpired: Its time is over; send another.
            InvitationRevoked: It was revoked.
            NotFound: This environment has no such invitation.
            RequestInvalid: The locale is not supported.
        """
        request = contract.ResendInvitation(invitation_id=invitation_id, locale=locale)
        return self._get(contract.RESEND_INVITATION, request, Invitation)

    def revoke_invitation(self, invitation_id: str) -> Invitation:
        """Revoke an invitation: its link is dead from now on.

        `POST /user_management/invitations/{invitation_id}/revoke`, contract page 19.

        Example:
            invitation = um.revoke_invitation(invitation.id)

        Raises:
            InvitationNotPending: It is accepted, revoked or expired.
            NotFound: This environment has no such invitation.
        """
        request = contract.InvitationId(invitation_id=invitation_id)
        return self._get(contract.REVOKE_INVITATION, request, Invitation)
