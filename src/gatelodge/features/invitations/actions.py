"""Find, accept, resend and revoke invitations."""

from __future__ import annotations

from gatelodge.contract.errors import (
    Fault,
    GatelodgeError,
    InvitationForOtherEmail,
    InvitationHasUser,
    InvitationInvalid,
    InvitationNotPending,
    InvitationTokenInvalid,
    NotFound,
    RequestInvalid,
)
from gatelodge.contract.invitations import (
    Invitation,
    InvitationId,
    InvitationToken,
    ListInvitations,
    ResendInvitation,
)
from gatelodge.contract.locales import LOCALES
from gatelodge.contract.paging import ListMetadata, Page
from gatelodge.features.applications import actions as applications
from gatelodge.features.events import actions as events
from gatelodge.features.invitations import store
from gatelodge.features.invitations.rules import (
    TOKEN_PURPOSE,
    Envelope,
    StoredInvitation,
    describe,
    name_inviter,
    render,
    shares_domain,
    state_of,
    why_closed,
    write_link,
)
from gatelodge.features.memberships import invited
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.database import Queries
from gatelodge.kit.deliverable import check_mail_domain
from gatelodge.kit.outbox import post_mail
from gatelodge.kit.paging import fold_page, open_window
from gatelodge.kit.public_mail import is_public_mail_domain
from gatelodge.kit.unit import Unit


def record(queries: Queries, unit: Unit, verb: str, invitation: StoredInvitation) -> None:
    """Tell of an invitation, within the transaction that changes it."""
    events.record(
        queries,
        unit,
        f"invitation.{verb}",
        describe(invitation, unit.now),
        organization_id=invitation.organization_id,
    )


def find_envelope(unit: Unit, *, organization_id: str | None = None, inviter_user_id: str | None = None) -> Envelope:
    """Find what is told along with an invitation; call it before the transaction, which has its own connection."""
    policy = applications.find_policy(unit)
    inviter = users.find_user(unit, inviter_user_id) if inviter_user_id else None
    organization = organizations.find_organization(unit, organization_id) if organization_id else None
    return Envelope(
        page=policy.invitation_url or f"{unit.settings.base_url}/invitation",
        sends_mail=policy.sends_mail,
        organization_name=organization.name if organization else None,
        inviter_name=name_inviter(inviter) if inviter else None,
    )


def post(queries: Queries, unit: Unit, invitation: StoredInvitation, *, token: str, envelope: Envelope) -> None:
    """Put the mail of an invitation in the outbox, unless the environment sends its own."""
    if not envelope.sends_mail:
        return
    post_mail(
        queries,
        unit,
        "invitation",
        to=invitation.email,
        locale=invitation.locale,
        values={
            "link": write_link(envelope.page, token),
            "organization_name": envelope.organization_name,
            "inviter_name": envelope.inviter_name,
            "days": invitation.term // 86_400_000,
        },
    )


def show(unit: Unit, invitation: StoredInvitation, envelope: Envelope) -> Invitation:
    """Write an invitation as the wire shows it, token and link included."""
    token = unit.sealer.unseal(invitation.token, purpose=TOKEN_PURPOSE).decode("ascii")
    return render(invitation, token=token, page=envelope.page, now=unit.now)


def _require(unit: Unit, invitation_id: str) -> StoredInvitation:
    found = store.find(unit.read, unit.actor.environment_id, invitation_id)
    if found is None:
        raise NotFound.of("Invitation", invitation_id)
    return found


def get_invitation(unit: Unit, asked: InvitationId) -> Invitation:
    """Get an invitation.

    Raises:
        NotFound: This environment has no such invitation.
    """
    return show(unit, _require(unit, asked.invitation_id), find_envelope(unit))


def get_invitation_by_token(unit: Unit, asked: InvitationToken) -> Invitation:
    """Get an invitation by the token of its link.

    Raises:
        NotFound: The token was never issued here; it is not repeated in the message.
    """
    found = find_by_token(unit, asked.token)
    if found is None:
        raise NotFound("Invitation not found.", entity_id="")
    return show(unit, found, find_envelope(unit))


def find_environment(unit: Unit, token: str) -> str | None:
    """Tell which environment the token of a link belongs to."""
    return store.find_environment(unit.read, unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE))


def find_by_token(unit: Unit, token: str) -> StoredInvitation | None:
    """Find an invitation by its token, in whatever state."""
    token_hash = unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE)
    return store.find_by_token(unit.read, unit.actor.environment_id, token_hash)


def list_invitations(unit: Unit, asked: ListInvitations) -> Page[Invitation]:
    """List invitations, newest first."""
    window = open_window(asked, "invitation")
    form = find_email_form(asked.email) if asked.email else None
    if asked.email and form is None:
        return Page(data=[], list_metadata=ListMetadata())
    rows = store.list_window(
        unit.read,
        unit.actor.environment_id,
        window,
        organization_id=asked.organization_id or None,
        email_normalized=form,
    )
    envelope = find_envelope(unit)
    return fold_page(
        asked,
        window,
        rows,
        lambda row: show(unit, store.read_invitation(row), envelope),
        identify=lambda invitation: invitation.id,
    )


def resend_invitation(unit: Unit, asked: ResendInvitation) -> Invitation:
    """Send the mail again; the token stays, so that older mails keep working, the term begins anew.

    Raises:
        InvitationAccepted, InvitationExpired, InvitationRevoked: It is not pending.
        EmailDomainNotDeliverable: The domain takes no mail any more.
        NotFound: This environment has no such invitation.
    """
    if asked.locale and asked.locale not in LOCALES:
        fault = Fault(code="invalid_locale", field="locale", message="locale is not supported.")
        raise RequestInvalid(errors=[fault])
    found = _require(unit, asked.invitation_id)
    if state_of(found, unit.now) == "pending":
        check_mail_domain(unit, found.email_normalized)
    envelope = find_envelope(unit, organization_id=found.organization_id, inviter_user_id=found.inviter_user_id)

    def write(queries: Queries) -> Invitation:
        renewed = store.renew(queries, unit.actor.environment_id, found.id, locale=asked.locale or None, now=unit.now)
        if renewed is None:
            raise _closed(queries, unit, found)
        record(queries, unit, "resent", renewed)
        token = unit.sealer.unseal(renewed.token, purpose=TOKEN_PURPOSE).decode("ascii")
        post(queries, unit, renewed, token=token, envelope=envelope)
        return show(unit, renewed, envelope)

    return unit.conclude(write)


def _closed(queries: Queries, unit: Unit, invitation: StoredInvitation) -> GatelodgeError:
    current = store.find(queries, unit.actor.environment_id, invitation.id) or invitation
    return why_closed(current, unit.now) or InvitationNotPending()


def revoke_invitation(unit: Unit, asked: InvitationId) -> Invitation:
    """Revoke a pending invitation, at once and for ever.

    Raises:
        InvitationNotPending: It is accepted, revoked or expired.
        NotFound: This environment has no such invitation.
    """
    found = _require(unit, asked.invitation_id)
    user = users.find_user_by_email(unit, found.email)
    envelope = find_envelope(unit)

    def write(queries: Queries) -> Invitation:
        revoked = store.revoke(queries, unit.actor.environment_id, found.id, now=unit.now)
        if revoked is None:
            raise InvitationNotPending
        record(queries, unit, "revoked", revoked)
        if user is not None and revoked.organization_id is not None:
            invited.remove_pending(queries, unit, user.id, revoked.organization_id)
        return show(unit, revoked, envelope)

    return unit.conclude(write)


def accept_invitation(unit: Unit, asked: InvitationId) -> Invitation:
    """Turn a pending invitation into a membership of the user who owns the invited address.

    Who is acting is for the caller to have checked. The user's address is not verified by
    this: whoever holds the link need not be whoever owns the account.

    Raises:
        InvitationHasUser, InvitationNotPending: It is not pending.
        InvitationInvalid: No user owns the address.
        NotFound: This environment has no such invitation.
    """
    found = _require(unit, asked.invitation_id)
    if found.accepted_user_id is not None:
        raise InvitationHasUser
    if state_of(found, unit.now) != "pending":
        raise InvitationNotPending
    user = users.find_user_by_email(unit, found.email)
    if user is None:
        raise InvitationInvalid
    envelope = find_envelope(unit)

    def write(queries: Queries) -> Invitation:
        # Held in the order of a sign-in that accepts it, so that neither waits for the other.
        if found.organization_id is not None:
            organizations.hold_organization(queries, unit, found.organization_id)
        if users.hold_user(queries, unit, user.id) is None:
            raise InvitationInvalid
        accepted = store.accept(queries, unit.actor.environment_id, found.id, user_id=user.id, now=unit.now)
        if accepted is None:
            raise InvitationNotPending
        _join(queries, unit, accepted, user.id)
        return show(unit, accepted, envelope)

    return unit.conclude(write)


def _join(queries: Queries, unit: Unit, accepted: StoredInvitation, user_id: str) -> None:
    record(queries, unit, "accepted", accepted)
    if accepted.organization_id is not None:
        invited.activate_for_invitation(
            queries, unit, user_id, organization_id=accepted.organization_id, role_slug=accepted.role_slug
        )


def require_usable(unit: Unit, token: str) -> StoredInvitation:
    """Find the pending invitation of a link, before a sign-in spends any code.

    Raises:
        InvitationTokenInvalid: It was never issued, or it is spent, revoked or expired.
    """
    found = find_by_token(unit, token)
    if found is None or state_of(found, unit.now) != "pending":
        raise InvitationTokenInvalid
    return found


def check_address(unit: Unit, invitation: StoredInvitation, email: str) -> None:
    """Make sure that an invitation may be used by an address.

    An invitation to the application lets any address in; one to an organization only the
    invited address, or, where the policy says so, others of the same company domain.

    Raises:
        InvitationForOtherEmail: It may not.
    """
    form = find_email_form(email) or ""
    if invitation.organization_id is None or form == invitation.email_normalized:
        return
    same_domain = shares_domain(form, invitation.email_normalized)
    may_share = applications.find_policy(unit).invitation_same_domain
    if may_share and same_domain and not is_public_mail_domain(form.rpartition("@")[2]):
        return
    raise InvitationForOtherEmail


def spend(queries: Queries, unit: Unit, invitation_id: str, user_id: str) -> None:
    """Accept an invitation in the write that opens the session of whoever holds it.

    The token is spent by the very statement that finds it, so two browsers racing with
    one link make one membership, and the later is told that it is gone.

    Raises:
        InvitationTokenInvalid: It is spent, revoked or expired.
    """
    accepted = store.accept(queries, unit.actor.environment_id, invitation_id, user_id=user_id, now=unit.now)
    if accepted is None:
        raise InvitationTokenInvalid
    _join(queries, unit, accepted, user_id)


def find_pending(unit: Unit, invitation_id: str) -> StoredInvitation | None:
    """Find an invitation that is still pending, by id."""
    found = store.find(unit.read, unit.actor.environment_id, invitation_id)
    return found if found is not None and state_of(found, unit.now) == "pending" else None
