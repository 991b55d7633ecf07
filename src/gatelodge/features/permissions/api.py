"""Which operation runs which action; deleting is in `roles`, which must let go first."""

from gatelodge.contract import permissions as contract
from gatelodge.features.permissions import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=contract.CREATE_PERMISSION, action=actions.create_permission, lane=Lane.WRITE),
    Route(operation=contract.GET_PERMISSION, action=actions.get_permission, lane=Lane.READ),
    Route(operation=contract.LIST_PERMISSIONS, action=actions.list_permissions, lane=Lane.READ),
    Route(operation=contract.UPDATE_PERMISSION, action=actions.update_permission, lane=Lane.WRITE),
)
