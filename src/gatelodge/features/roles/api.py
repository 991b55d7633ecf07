"""Which operation runs which action; the roles of an organization are in `organizations`."""

from gatelodge.contract import permissions as permissions_contract
from gatelodge.contract import roles as contract
from gatelodge.features.roles import actions, permissions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.ADD_ENVIRONMENT_ROLE_PERMISSION,
        action=actions.add_environment_role_permission,
        lane=Lane.WRITE,
    ),
    Route(operation=contract.CREATE_ENVIRONMENT_ROLE, action=actions.create_environment_role, lane=Lane.WRITE),
    Route(operation=permissions_contract.DELETE_PERMISSION, action=permissions.delete_permission, lane=Lane.WRITE),
    Route(operation=contract.GET_ENVIRONMENT_ROLE, action=actions.get_environment_role, lane=Lane.READ),
    Route(operation=contract.LIST_ENVIRONMENT_ROLES, action=actions.list_environment_roles, lane=Lane.READ),
    Route(
        operation=contract.SET_ENVIRONMENT_ROLE_PERMISSIONS,
        action=actions.set_environment_role_permissions,
        lane=Lane.WRITE,
    ),
    Route(operation=contract.UPDATE_ENVIRONMENT_ROLE, action=actions.update_environment_role, lane=Lane.WRITE),
)
