"""Invitations, told by an official Python SDK."""

from __future__ import annotations

from typing import Any

from journal import page
from members import Known
from stories import PASSWORD, UNKNOWN, Story, entered


class Invitations(Story):
    """The third part of the story."""

    def tell(self, known: Known) -> None:
        """Take every step."""
        joan = self._invite(known.acme, known.grace)
        self._list_invitations(known.acme)
        self._accept(known.beta, known.hedy)
        self._enter_invited(joan)

    def _invite(self, acme: Any, grace: Any) -> Any:
        """Invite someone into an organization."""
        users = self._users
        asked = {
            "email": "Joan@example.com",
            "organization_id": acme.id,
            "role_slug": "editor",
            "expires_in_days": 3,
            "inviter_user_id": grace.id,
        }
        joan = self._step("invite", lambda: users.send_invitation(**asked))
        self._step("invite_again", lambda: users.send_invitation(**asked))
        self._step("invite_too_long", lambda: users.send_invitation(email="long@example.com", expires_in_days=31))
        self._step("invite_get", lambda: users.get_invitation(joan.id))
        self._step("invite_get_unknown", lambda: users.get_invitation(f"invitation_{UNKNOWN}"))
        self._step("invite_by_token", lambda: users.find_invitation_by_token(joan.token))
        self._step("invite_by_unknown_token", lambda: users.find_invitation_by_token("nothing"))
        self._step("invite_resend", lambda: users.resend_invitation(joan.id))
        return joan

    def _list_invitations(self, acme: Any) -> None:
        """List invitations of both kinds, and revoke one."""
        users = self._users
        kate = users.send_invitation(email="kate@example.com")
        users.send_invitation(email="lena@example.com")

        def listed(**more: Any) -> dict[str, Any]:
            return page(users.list_invitations(order="asc", **more), lambda invitation: invitation.email.lower())

        self._step("invites_by_organization", lambda: listed(organization_id=acme.id))
        self._step("invites_by_email", lambda: listed(email="JOAN@example.COM"))
        first = self._step("invites_first", lambda: listed(limit=2))
        second = self._step("invites_second", lambda: listed(limit=2, after=first["after"]))
        self._step("invites_back", lambda: listed(limit=2, before=second["before"]))
        self._step("invites_with_foreign_cursor", lambda: users.list_invitations(after="invitation_none"))
        self._step("revoke_invite", lambda: users.revoke_invitation(kate.id))
        self._step("revoke_invite_again", lambda: users.revoke_invitation(kate.id))
        self._step("resend_revoked", lambda: users.resend_invitation(kate.id))

    def _accept(self, beta: Any, hedy: Any) -> None:
        """Accept, through the API, what an existing user was invited to."""
        users, members = self._users, self._sdk.members
        offered = users.send_invitation(email="hedy@example.com", organization_id=beta.id)
        (mirrored,) = members.list_organization_memberships(user_id=hedy.id, statuses=["pending"]).data
        self._step("pending_member", lambda: mirrored)
        self._step("deactivate_pending", lambda: members.deactivate_organization_membership(mirrored.id))
        self._step("reactivate_pending", lambda: members.reactivate_organization_membership(mirrored.id))
        self._step("accept", lambda: users.accept_invitation(offered.id))
        self._step("accept_again", lambda: users.accept_invitation(offered.id))
        self._step("accepted_member", lambda: members.get_organization_membership(mirrored.id))

    def _enter_invited(self, joan: Any) -> None:
        """Accept an invitation by signing in, where the SDK's grant takes one."""
        if not self._sdk.grants_take_invitation:
            return
        self._create("joan@example.com")

        def sign_in(password: str = PASSWORD) -> Any:
            return self._sign_in("joan@example.com", password=password, invitation_token=joan.token)

        self._step("invited_wrong_password", lambda: sign_in("not this one"))
        self._step("invite_still_pending", lambda: self._users.get_invitation(joan.id))
        self._step("invited_signs_in", lambda: entered(sign_in()))
        self._step("invite_accepted", lambda: self._users.get_invitation(joan.id))
        self._step("invite_used_again", sign_in)
