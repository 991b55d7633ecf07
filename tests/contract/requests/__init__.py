"""One real request for each operation, on a house in which what it needs has been done.

There is a file for each part of the contract. An operation without a request here fails
`test_every_operation_has_a_live_request`.
"""

from __future__ import annotations

from tests.contract.requests import (
    authentication,
    cors_origins,
    email_change,
    email_verification,
    events,
    factors,
    invitations,
    magic_auth,
    memberships,
    organization_domains,
    organization_roles,
    organizations,
    password_reset,
    permissions,
    redirect_uris,
    roles,
    sessions,
    tokens,
    users,
)
from tests.contract.requests.life import Send

REQUESTS: dict[str, Send] = {
    **authentication.REQUESTS,
    **cors_origins.REQUESTS,
    **email_change.REQUESTS,
    **email_verification.REQUESTS,
    **events.REQUESTS,
    **factors.REQUESTS,
    **invitations.REQUESTS,
    **magic_auth.REQUESTS,
    **memberships.REQUESTS,
    **organization_domains.REQUESTS,
    **organization_roles.REQUESTS,
    **organizations.REQUESTS,
    **password_reset.REQUESTS,
    **permissions.REQUESTS,
    **redirect_uris.REQUESTS,
    **roles.REQUESTS,
    **sessions.REQUESTS,
    **tokens.REQUESTS,
    **users.REQUESTS,
}
