"""All operations, in alphabetical order of their modules."""

from __future__ import annotations

from gatelodge.contract import (
    authentication,
    cors_origins,
    email_change,
    email_verification,
    events,
    factors,
    identities,
    invitations,
    magic_auth,
    memberships,
    organization_domains,
    organizations,
    password_reset,
    permissions,
    redirect_uris,
    roles,
    sessions,
    tokens,
    users,
)
from gatelodge.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (
    *authentication.OPERATIONS,
    *cors_origins.OPERATIONS,
    *email_change.OPERATIONS,
    *email_verification.OPERATIONS,
    *events.OPERATIONS,
    *factors.OPERATIONS,
    *invitations.OPERATIONS,
    *identities.OPERATIONS,
    *magic_auth.OPERATIONS,
    *memberships.OPERATIONS,
    *organization_domains.OPERATIONS,
    *organizations.OPERATIONS,
    *password_reset.OPERATIONS,
    *permissions.OPERATIONS,
    *redirect_uris.OPERATIONS,
    *roles.OPERATIONS,
    *sessions.OPERATIONS,
    *tokens.OPERATIONS,
    *users.OPERATIONS,
)
