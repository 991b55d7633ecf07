"""An engine that writes into a caller's own transaction: my tenant's row and the user, or neither."""

from __future__ import annotations

import msgspec

from gatelodge.contract.operation import Operation
from gatelodge.doors.dispatch import Door
from gatelodge.doors.http import Request, Response
from gatelodge.kit.database.joined import JoiningRefused
from gatelodge.kit.database.joining import join

__all__ = ["JOINS", "JoinedEngine", "JoiningRefused", "may_join"]

# What sends codes, counts attempts or opens sessions must stand on its own: an attempt that a
# rollback refunds is no limit, and a token that was given away cannot be taken back. What asks
# the network would hold the caller's locks while it waits. So what may join is listed.
JOINS = frozenset(
    {
        "accept_invitation",
        "add_environment_role_permission",
        "add_organization_role_permission",
        "create_environment_role",
        "create_organization",
        "create_organization_domain",
        "create_organization_membership",
        "create_organization_role",
        "create_permission",
        "create_user",
        "deactivate_organization_membership",
        "delete_auth_factor",
        "delete_organization",
        "delete_organization_domain",
        "delete_organization_membership",
        "delete_organization_role",
        "delete_permission",
        "delete_user",
        "reactivate_organization_membership",
        "remove_organization_role_permission",
        "resend_invitation",
        "revoke_invitation",
        "revoke_session",
        "send_invitation",
        "set_environment_role_permissions",
        "set_organization_role_permissions",
        "update_environment_role",
        "update_organization",
        "update_organization_membership",
        "update_organization_role",
        "update_permission",
        "update_user",
    }
)

# Reading events gives them their positions, which is a write of its own.
_NOT_READ = frozenset({"list_events"})


def may_join(operation: Operation) -> bool:
    """Tell whether an operation may be part of a caller's transaction; those that only read may."""
    if operation.method == "GET":
        return not operation.redirects and operation.name not in _NOT_READ
    return operation.name in JOINS


class JoinedEngine:
    """The engine's door with another database behind it: the caller's connection."""

    def __init__(self, door: Door, connection: object) -> None:
        """Join the transaction of the connection.

        Raises:
            JoiningRefused: The connection will not do; the message says why.
        """
        runtime = door.runtime
        self._joined = join(runtime.database, connection)
        # What is learnt inside may be rolled back, so it is not remembered.
        inside = msgspec.structs.replace(runtime, database=self._joined, memory=dict(runtime.memory))
        self._door = door.lead_to(inside)

    def respond(self, request: Request) -> Response:
        """Answer a request on this very thread, inside the transaction.

        Raises:
            JoiningRefused: The operation must stand on its own, or the transaction is over.
                Nothing was done.
        """
        operation = self._door.find_operation(request)
        if operation is not None and not may_join(operation):
            raise JoiningRefused(f"{operation.name} must stand on its own: call it outside of the transaction.")
        self._joined.check()
        return self._door.respond(request)
