"""Which operation runs which action."""

from gatelodge.contract import events as contract
from gatelodge.features.events import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (Route(operation=contract.LIST_EVENTS, action=actions.list_events, lane=Lane.WRITE),)
