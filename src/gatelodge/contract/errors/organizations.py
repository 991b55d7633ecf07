"""Errors of organizations, domains, memberships, roles and permissions (contract pages 14, 20, 21)."""

from __future__ import annotations

from gatelodge.contract.errors.tree import RuleError


class RoleSlugTaken(RuleError):
    """A role with this slug exists."""

    status = 409
    code = "role_slug_conflict"


class OrganizationRoleSlugTaken(RuleError):
    """The organization has a role with this slug."""

    status = 409
    code = "organization_role_slug_conflict"


class RoleHasAssignments(RuleError):
    """The role is assigned to members; give them another one first."""

    status = 409
    code = "role_has_assignments"


class PermissionSlugTaken(RuleError):
    """A permission with this slug exists."""

    status = 409
    code = "permission_slug_conflict"


class InvalidRole(RuleError):
    """There is no such role in this organization."""

    status = 422
    code = "invalid_role"


class MultipleRolesNotEnabled(RuleError):
    """A member has one role here; several are not enabled."""

    status = 422
    code = "multiple_roles_not_enabled"


class SubResourceRoleNotAllowed(RuleError):
    """This role is for resources inside an organization, not for its members."""

    status = 422
    code = "sub_resource_scoped_role_not_allowed"
    role_slug: str


class StripeCustomerTaken(RuleError):
    """The stripe_customer_id is already used by another organization."""

    code = "stripe_customer_id_already_used"


class DomainTaken(RuleError):
    """The domain is already used."""

    status = 409
    code = "domain_already_exists"


class DomainAlreadyVerified(RuleError):
    """The domain is already verified."""

    code = "domain_already_verified"


class MembershipFilterMissing(RuleError):
    """Give user_id or organization_id."""

    code = "missing_user_id_or_organization_id"


class MembershipExists(RuleError):
    """The user is already a member of the organization."""

    status = 409
    code = "organization_membership_already_exists"


class CannotDeactivatePending(RuleError):
    """A pending membership cannot be deactivated."""

    code = "cannot_deactivate_pending_organization_membership"


class CannotReactivatePending(RuleError):
    """A pending membership is activated by accepting its invitation."""

    code = "cannot_reactivate_pending_organization_membership"
