"""Errors of invitations (contract page 19)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import RuleError


class EmailAlreadyInvited(RuleError):
    """This email has a pending invitation."""

    code = "email_already_invited"


class EmailAlreadyInvitedToOrganization(RuleError):
    """This email has a pending invitation to the organization."""

    code = "email_already_invited_to_organization"


class InvitationAccepted(RuleError):
    """The invitation has been accepted."""

    code = "invite_accepted"


class InvitationExpired(RuleError):
    """The invitation has expired."""

    code = "invite_expired"


class InvitationHasUser(RuleError):
    """The invitation has been accepted by a user."""

    code = "invite_has_accepted_user_id"


class InvitationInvalid(RuleError):
    """No user owns the invited email."""

    code = "invalid_invite"


class InvitationNotPending(RuleError):
    """The invitation is not pending."""

    code = "invite_not_pending"


class InvitationRevoked(RuleError):
    """The invitation has been revoked."""

    code = "invite_revoked"


class InvitationRoleInvalid(RuleError):
    """There is no such role."""

    code = "invalid_role"


class InvitationTermTooLong(RuleError):
    """expires_in_days is at most 30."""

    code = "expires_in_days_too_long"


class InvitationTermTooShort(RuleError):
    """expires_in_days is at least 1."""

    code = "expires_in_days_too_short"


class InvitationsBlocked(RuleError):
    """This organization may not send invitations."""

    code = "organization_blocked_from_sending_invites"


class UserAlreadyExists(RuleError):
    """A user with this email exists."""

    code = "user_already_exists"


class UserAlreadyMember(RuleError):
    """A user with this email is a member of the organization."""

    code = "user_already_organization_member"
