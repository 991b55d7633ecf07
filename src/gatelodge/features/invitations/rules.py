"""Values and pure functions of invitations."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from gatelodge.contract.errors import (
    GatelodgeError,
    InvitationAccepted,
    InvitationExpired,
    InvitationRevoked,
    InvitationTermTooLong,
    InvitationTermTooShort,
)
from gatelodge.contract.invitations import Invitation
from gatelodge.contract.timestamps import write_optional, write_timestamp
from gatelodge.contract.users import User

TOKEN_PURPOSE = "invitation_token"

DEFAULT_DAYS = 7
LONGEST_DAYS = 30
DAY = 86_400_000

State = Literal["pending", "accepted", "expired", "revoked"]


class StoredInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation as it is stored; the token is sealed, instants in milliseconds."""

    id: str
    email: str
    email_normalized: str
    organization_id: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    role_slug: str | None
    token: bytes
    term: int
    locale: str | None
    accepted_at: int | None
    revoked_at: int | None
    expires_at: int
    created_at: int
    updated_at: int


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What is told along with an invitation, read before the transaction that sends it."""

    page: str
    """Where the link leads."""
    sends_mail: bool
    organization_name: str | None = None
    inviter_name: str | None = None


class InvitationEvent(msgspec.Struct, frozen=True, kw_only=True):
    """The payload of `invitation.…` events: everything but the token and the link."""

    object: str = "invitation"
    id: str
    email: str
    state: str
    accepted_at: str | None
    revoked_at: str | None
    expires_at: str
    organization_id: str | None
    inviter_user_id: str | None
    accepted_user_id: str | None
    role_slug: str | None
    created_at: str
    updated_at: str


def read_term(days: int | None) -> int:
    """Give the milliseconds of a term in days.

    Raises:
        InvitationTermTooShort, InvitationTermTooLong: It is not 1 to 30 days.
    """
    if days is None:
        return DEFAULT_DAYS * DAY
    if days < 1:
        raise InvitationTermTooShort
    if days > LONGEST_DAYS:
        raise InvitationTermTooLong
    return days * DAY


def state_of(invitation: StoredInvitation, now: int) -> State:
    """Tell the state of an invitation; that it has expired is not stored."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "expired" if invitation.expires_at <= now else "pending"


def why_closed(invitation: StoredInvitation, now: int) -> GatelodgeError | None:
    """Give the reason why an invitation is not pending, or None."""
    reasons: dict[str, type[GatelodgeError]] = {
        "accepted": InvitationAccepted,
        "expired": InvitationExpired,
        "revoked": InvitationRevoked,
    }
    kind = reasons.get(state_of(invitation, now))
    return None if kind is None else kind()


def open_key(email_normalized: str, organization_id: str | None) -> str:
    """Give what an open invitation occupies: an address in an organization, or in none."""
    return f"{organization_id or ''}|{email_normalized}"


def write_link(page: str, token: str) -> str:
    """Add the token to the query of the page that invitations lead to."""
    parts = urlsplit(page)
    query = [*parse_qsl(parts.query, keep_blank_values=True), ("invitation_token", token)]
    return urlunsplit(parts._replace(query=urlencode(query)))


def shares_domain(left: str, right: str) -> bool:
    """Tell whether two normalized addresses have one mail domain."""
    return left.rpartition("@")[2] == right.rpartition("@")[2]


def describe(invitation: StoredInvitation, now: int) -> InvitationEvent:
    """Write an invitation as events show it."""
    return InvitationEvent(
        id=invitation.id,
        email=invitation.email,
        state=state_of(invitation, now),
        accepted_at=write_optional(invitation.accepted_at),
        revoked_at=write_optional(invitation.revoked_at),
        expires_at=write_timestamp(invitation.expires_at),
        organization_id=invitation.organization_id,
        inviter_user_id=invitation.inviter_user_id,
        accepted_user_id=invitation.accepted_user_id,
        role_slug=invitation.role_slug,
        created_at=write_timestamp(invitation.created_at),
        updated_at=write_timestamp(invitation.updated_at),
    )


def render(invitation: StoredInvitation, *, token: str, page: str, now: int) -> Invitation:
    """Write an invitation as the wire shows it, with its token and link."""
    described = msgspec.structs.asdict(describe(invitation, now))
    return Invitation(**described, token=token, accept_invitation_url=write_link(page, token))


def name_inviter(user: User) -> str:
    """Give the name that an invitation says it comes from."""
    names = " ".join(name for name in (user.first_name, user.last_name) if name)
    return user.name or names or user.email
