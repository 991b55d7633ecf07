"""Which operation runs which action."""

from gatelodge.contract import tokens as contract
from gatelodge.features.tokens import actions
from gatelodge.features.tokens.rules import KEPT_BY_CLIENTS
from gatelodge.kit.route import Lane, Route

ROUTES = (Route(operation=contract.GET_JWKS, action=actions.get_jwks, lane=Lane.READ, public_for=KEPT_BY_CLIENTS),)
