"""Which operation runs which action."""

from gatelodge.contract import password_reset as contract
from gatelodge.features.password_reset import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.CREATE_PASSWORD_RESET,
        action=actions.create_password_reset,
        lane=Lane.WRITE,
    ),
    Route(
        operation=contract.GET_PASSWORD_RESET,
        action=actions.get_password_reset,
        lane=Lane.READ,
    ),
    Route(operation=contract.RESET_PASSWORD, action=actions.reset_password, lane=Lane.HASH),
)
