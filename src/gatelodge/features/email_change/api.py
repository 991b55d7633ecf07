"""Which operation runs which action."""

from gatelodge.contract import email_change as contract
from gatelodge.features.email_change import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.CONFIRM_EMAIL_CHANGE,
        action=actions.confirm_email_change,
        lane=Lane.WRITE,
    ),
    Route(operation=contract.SEND_EMAIL_CHANGE, action=actions.send_email_change, lane=Lane.WRITE),
)
