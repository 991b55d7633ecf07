"""Which operation runs which action."""

from gatelodge.contract import invitations as contract
from gatelodge.contract import memberships
from gatelodge.features.invitations import actions, pending_roles, send
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=contract.ACCEPT_INVITATION, action=actions.accept_invitation, lane=Lane.WRITE),
    Route(operation=contract.GET_INVITATION, action=actions.get_invitation, lane=Lane.READ),
    Route(operation=contract.GET_INVITATION_BY_TOKEN, action=actions.get_invitation_by_token, lane=Lane.READ),
    Route(operation=contract.LIST_INVITATIONS, action=actions.list_invitations, lane=Lane.READ),
    Route(operation=contract.RESEND_INVITATION, action=actions.resend_invitation, lane=Lane.WRITE),
    Route(operation=contract.REVOKE_INVITATION, action=actions.revoke_invitation, lane=Lane.WRITE),
    Route(operation=contract.SEND_INVITATION, action=send.send_invitation, lane=Lane.WRITE),
    Route(
        operation=memberships.UPDATE_ORGANIZATION_MEMBERSHIP, action=pending_roles.update_membership, lane=Lane.WRITE
    ),
)
