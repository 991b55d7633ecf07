"""Which operation runs which action."""

from gatelodge.contract import identities as contract
from gatelodge.features.identities import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.LIST_USER_IDENTITIES,
        action=actions.list_user_identities,
        lane=Lane.READ,
    ),
)
