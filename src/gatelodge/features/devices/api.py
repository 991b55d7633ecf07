"""Which operation runs which action."""

from gatelodge.contract import authentication as contract
from gatelodge.features.devices import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (Route(operation=contract.CREATE_DEVICE, action=actions.create_device, lane=Lane.WRITE),)
