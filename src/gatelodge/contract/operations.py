"""All operations, in alphabetical order of their modules."""

from __future__ import annotations

from gatelodge.contract import (
    authentication,
    email_verification,
    events,
    factors,
    magic_auth,
    memberships,
    organization_domains,
    organizations,
    permissions,
    roles,
    sessions,
    tokens,
    users,
)
from gatelodge.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *authentication.OPERATIONS,
    *email_verification.OPERATIONS,
    *events.OPERATIONS,
    *factors.OPERATIONS,
    *memberships.OPERATIONS,
    *magic_auth.OPERATIONS,
    *organization_domains.OPERATIONS,
    *organizations.OPERATIONS,
    *permissions.OPERATIONS,
    *roles.OPERATIONS,
    *sessions.OPERATIONS,
    *tokens.OPERATIONS,
    *users.OPERATIONS,
)
