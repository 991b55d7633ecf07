"""Which operation runs which action; the list of a user's sessions is in `users`."""

from gatelodge.contract import sessions as contract
from gatelodge.features.sessions import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=contract.LOGOUT, action=actions.log_out, lane=Lane.WRITE),
    Route(operation=contract.REVOKE_SESSION, action=actions.revoke_session, lane=Lane.WRITE),
)
