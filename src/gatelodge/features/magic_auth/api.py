"""Which operation runs which action."""

from gatelodge.contract import magic_auth as contract
from gatelodge.features.magic_auth import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.CREATE_MAGIC_AUTH,
        action=actions.create_magic_auth,
        lane=Lane.WRITE,
    ),
    Route(operation=contract.GET_MAGIC_AUTH, action=actions.get_magic_auth, lane=Lane.READ),
)
