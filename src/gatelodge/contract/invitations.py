"""Invitations on the wire (contract page 19)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from gatelodge.contract.operation import Access, Operation
from gatelodge.contract.paging import Page, PageRequest


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation; every key is always there."""

    object: Literal["invitation"] = "invitation"
    id: str
    email: str
    state: Literal["pending", "accepted", "expired", "revoked"]
    accepted_at: str | None
    revoked_at: str | None
    expires_at: str
    organization_id: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    role_slug: str | None
    token: str
    accept_invitation_url: str
    created_at: str
    updated_at: str


class SendInvitation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Invite an address, to an organization or to the application."""

    email: str
    organization_id: str | None = None
    role_slug: str | None = None
    expires_in_days: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] | None = None
    inviter_user_id: str | None = None
    locale: str | None = None


class ListInvitations(PageRequest, frozen=True, kw_only=True):
    """List invitations, newest first, by organization or by address."""

    organization_id: str | None = None
    email: str | None = None


class InvitationId(msgspec.Struct, frozen=True, kw_only=True):
    """Name an invitation."""

    invitation_id: str


class InvitationToken(msgspec.Struct, frozen=True, kw_only=True):
    """Name an invitation by the secret of its link."""

    token: str


class ResendInvitation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Send the mail again, with a fresh term."""

    invitation_id: str
    locale: str | None = None


_TAG = "user-management.invitations"
_PATH = "/user_management/invitations"

SEND_INVITATION = Operation(
    name="send_invitation",
    method="POST",
    path=_PATH,
    access=Access.API_KEY,
    request=SendInvitation,
    result=Invitation,
    status=201,
    tag=_TAG,
    summary="Invite an address.",
    errors=(
        "email_already_invited",
        "email_already_invited_to_organization",
        "email_domain_not_deliverable",
        "expires_in_days_too_long",
        "expires_in_days_too_short",
        "invalid_role",
        "organization_blocked_from_sending_invites",
        "sub_resource_scoped_role_not_allowed",
        "user_already_exists",
        "user_already_organization_member",
    ),
)
LIST_INVITATIONS = Operation(
    name="list_invitations",
    method="GET",
    path=_PATH,
    access=Access.API_KEY,
    request=ListInvitations,
    result=Page[Invitation],
    tag=_TAG,
    summary="List invitations.",
)
GET_INVITATION = Operation(
    name="get_invitation",
    method="GET",
    path=_PATH + "/{invitation_id}",
    access=Access.API_KEY,
    request=InvitationId,
    result=Invitation,
    tag=_TAG,
    summary="Get an invitation.",
)
GET_INVITATION_BY_TOKEN = Operation(
    name="get_invitation_by_token",
    method="GET",
    path=_PATH + "/by_token/{token}",
    access=Access.API_KEY,
    request=InvitationToken,
    result=Invitation,
    tag=_TAG,
    summary="Get an invitation by the token of its link.",
)
ACCEPT_INVITATION = Operation(
    name="accept_invitation",
    method="POST",
    path=_PATH + "/{invitation_id}/accept",
    access=Access.API_KEY,
    request=InvitationId,
    result=Invitation,
    tag=_TAG,
    summary="Accept an invitation for the user who owns its address.",
    errors=("invalid_invite", "invite_has_accepted_user_id", "invite_not_pending"),
)
RESEND_INVITATION = Operation(
    name="resend_invitation",
    method="POST",
    path=_PATH + "/{invitation_id}/resend",
    access=Access.API_KEY,
    request=ResendInvitation,
    result=Invitation,
    tag=_TAG,
    summary="Send an invitation again.",
    errors=("email_domain_not_deliverable", "invite_accepted", "invite_expired", "invite_revoked"),
)
REVOKE_INVITATION = Operation(
    name="revoke_invitation",
    method="POST",
    path=_PATH + "/{invitation_id}/revoke",
    access=Access.API_KEY,
    request=InvitationId,
    result=Invitation,
    tag=_TAG,
    summary="Revoke an invitation.",
    errors=("invite_not_pending",),
)

OPERATIONS = (
    ACCEPT_INVITATION,
    GET_INVITATION,
    GET_INVITATION_BY_TOKEN,
    LIST_INVITATIONS,
    RESEND_INVITATION,
    REVOKE_INVITATION,
    SEND_INVITATION,
)
