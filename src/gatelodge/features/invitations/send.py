"""Send invitations."""

from __future__ import annotations

from gatelodge.contract.errors import (
    EmailAlreadyInvited,
    EmailAlreadyInvitedToOrganization,
    Fault,
    InvalidRole,
    InvitationRoleInvalid,
    InvitationsBlocked,
    NotFound,
    RequestInvalid,
    UserAlreadyExists,
    UserAlreadyMember,
)
from gatelodge.contract.invitations import Invitation, SendInvitation
from gatelodge.contract.locales import LOCALES
from gatelodge.contract.users import User, UserId
from gatelodge.features.invitations import store
from gatelodge.features.invitations.actions import find_envelope, post, record, show
from gatelodge.features.invitations.rules import TOKEN_PURPOSE, StoredInvitation, open_key, read_term
from gatelodge.features.memberships import actions as memberships
from gatelodge.features.memberships import invited
from gatelodge.features.organizations import actions as organizations
from gatelodge.features.roles import actions as roles
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import find_email_form
from gatelodge.kit.database import Queries
from gatelodge.kit.deliverable import check_mail_domain
from gatelodge.kit.entropy import issue_token
from gatelodge.kit.unit import Unit


def send_invitation(unit: Unit, asked: SendInvitation) -> Invitation:
    """Invite an address; the mail leaves with the transaction, by the outbox.

    Raises:
        EmailAlreadyInvited, EmailAlreadyInvitedToOrganization: One is open already.
        UserAlreadyExists, UserAlreadyMember: There is nothing to invite to.
        InvitationRoleInvalid: The role does not count there.
        InvitationsBlocked: The organization may not send any.
        EmailDomainNotDeliverable: The domain takes no mail.
        NotFound: The organization or the inviter is unknown.
    """
    form = _require_form(asked)
    term = read_term(asked.expires_in_days)
    user = _check_names(unit, asked, form)
    role_slug = _choose_role(unit, asked)
    check_mail_domain(unit, form)
    token = issue_token(unit.random)
    invitation = StoredInvitation(
        id=unit.new_id("invitation"),
        email=asked.email.strip(),
        email_normalized=form,
        organization_id=asked.organization_id or None,
        inviter_user_id=asked.inviter_user_id or None,
        accepted_user_id=None,
        role_slug=role_slug,
        token=unit.sealer.seal(token.encode("ascii"), purpose=TOKEN_PURPOSE),
        term=term,
        locale=asked.locale or None,
        accepted_at=None,
        revoked_at=None,
        expires_at=unit.now + term,
        created_at=unit.now,
        updated_at=unit.now,
    )
    envelope = find_envelope(
        unit, organization_id=invitation.organization_id, inviter_user_id=invitation.inviter_user_id
    )

    def write(queries: Queries) -> Invitation:
        held = _hold(queries, unit, invitation, user)
        _keep(queries, unit, invitation, token)
        if held is not None and invitation.organization_id is not None:
            invited.create_pending(
                queries, unit, held.id, organization_id=invitation.organization_id, role_slug=invitation.role_slug
            )
        post(queries, unit, invitation, token=token, envelope=envelope)
        return show(unit, invitation, envelope)

    return unit.conclude(write)


def _require_form(asked: SendInvitation) -> str:
    faults: list[Fault] = []
    form = find_email_form(asked.email)
    if form is None:
        faults.append(Fault(code="invalid", field="email", message="email must be an email address."))
    if asked.locale and asked.locale not in LOCALES:
        faults.append(Fault(code="invalid_locale", field="locale", message="locale is not supported."))
    if faults or form is None:
        raise RequestInvalid(errors=faults)
    return form


def _check_names(unit: Unit, asked: SendInvitation, form: str) -> User | None:
    """Refuse what leads nowhere; give the user who has the address."""
    if asked.inviter_user_id:
        users.get_user(unit, UserId(user_id=asked.inviter_user_id))
    user = users.find_user_by_email(unit, form)
    if not asked.organization_id:
        if user is not None:
            raise UserAlreadyExists
        return None
    if organizations.find_organization(unit, asked.organization_id) is None:
        raise NotFound.of("Organization", asked.organization_id)
    if not organizations.may_invite(unit, asked.organization_id):
        raise InvitationsBlocked
    if user is not None and memberships.find_active(unit, user.id, asked.organization_id) is not None:
        raise UserAlreadyMember
    return user


def _choose_role(unit: Unit, asked: SendInvitation) -> str | None:
    """Give the role of whoever accepts, the default one unless told; the application at large has no roles."""
    if not asked.organization_id:
        return None
    try:
        return roles.resolve(unit, asked.organization_id, [asked.role_slug] if asked.role_slug else [])[0].slug
    except InvalidRole:
        raise InvitationRoleInvalid from None


def _hold(queries: Queries, unit: Unit, invitation: StoredInvitation, user: User | None) -> User | None:
    """Hold what an invitation hangs on, the organization first; give the user, as long as it has the address."""
    if invitation.organization_id is None:
        return None
    organizations.hold_organization(queries, unit, invitation.organization_id)
    held = users.hold_user(queries, unit, user.id) if user is not None else None
    return held if held is not None and find_email_form(held.email) == invitation.email_normalized else None


def _keep(queries: Queries, unit: Unit, invitation: StoredInvitation, token: str) -> None:
    environment_id = unit.actor.environment_id
    key = open_key(invitation.email_normalized, invitation.organization_id)
    store.close_expired(queries, environment_id, key, now=unit.now)
    token_hash = unit.sealer.keyed_hash(token, purpose=TOKEN_PURPOSE)
    if not store.insert(queries, environment_id, invitation, token_hash=token_hash):
        raise EmailAlreadyInvitedToOrganization if invitation.organization_id else EmailAlreadyInvited
    record(queries, unit, "created", invitation)
