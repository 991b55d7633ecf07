"""Which operation runs which action.

Deleting a user or an organization ends memberships first, and a list of users may be
asked by organization: those three operations are carried out from here. The roles of a
membership are changed where invitations are, for one may wait with them.
"""

from gatelodge.contract import memberships as contract
from gatelodge.contract import organizations, users
from gatelodge.features.memberships import actions, members, suspend
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=contract.CREATE_ORGANIZATION_MEMBERSHIP, action=actions.create_membership, lane=Lane.WRITE),
    Route(operation=contract.DEACTIVATE_ORGANIZATION_MEMBERSHIP, action=suspend.deactivate_membership, lane=Lane.WRITE),
    Route(operation=contract.DELETE_ORGANIZATION_MEMBERSHIP, action=actions.delete_membership, lane=Lane.WRITE),
    Route(operation=organizations.DELETE_ORGANIZATION, action=actions.delete_organization, lane=Lane.WRITE),
    Route(operation=users.DELETE_USER, action=actions.delete_user, lane=Lane.WRITE),
    Route(operation=contract.GET_ORGANIZATION_MEMBERSHIP, action=actions.get_membership, lane=Lane.READ),
    Route(operation=contract.LIST_ORGANIZATION_MEMBERSHIPS, action=actions.list_memberships, lane=Lane.READ),
    Route(operation=users.LIST_USERS, action=members.list_users, lane=Lane.READ),
    Route(operation=contract.REACTIVATE_ORGANIZATION_MEMBERSHIP, action=suspend.reactivate_membership, lane=Lane.WRITE),
)
