"""Which operation runs which action."""

from gatelodge.contract import tokens as contract
from gatelodge.features.tokens import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (Route(operation=contract.GET_JWKS, action=actions.get_jwks, lane=Lane.READ),)
