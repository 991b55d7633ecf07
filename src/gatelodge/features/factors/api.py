"""Which operation runs which action."""

from gatelodge.contract import factors as contract
from gatelodge.features.factors import challenge, enroll
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(operation=contract.CHALLENGE_AUTH_FACTOR, action=challenge.challenge_factor, lane=Lane.WRITE),
    Route(operation=contract.CREATE_AUTH_FACTOR, action=enroll.enroll_factor, lane=Lane.WRITE),
    Route(operation=contract.DELETE_AUTH_FACTOR, action=enroll.delete_factor, lane=Lane.WRITE),
    Route(operation=contract.ENROLL_AUTH_FACTOR, action=enroll.enroll_user_factor, lane=Lane.WRITE),
    Route(operation=contract.GET_AUTH_FACTOR, action=enroll.get_factor, lane=Lane.READ),
    Route(operation=contract.LIST_AUTH_FACTORS, action=enroll.list_user_factors, lane=Lane.READ),
    Route(operation=contract.VERIFY_CHALLENGE, action=challenge.verify_challenge, lane=Lane.WRITE),
)
