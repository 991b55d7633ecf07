"""Which operation runs which action."""

from gatelodge.contract import email_verification as contract
from gatelodge.features.email_verification import actions
from gatelodge.kit.route import Lane, Route

ROUTES = (
    Route(
        operation=contract.GET_EMAIL_VERIFICATION,
        action=actions.get_email_verification,
        lane=Lane.READ,
    ),
    Route(
        operation=contract.SEND_VERIFICATION_EMAIL,
        action=actions.send_verification_email,
        lane=Lane.WRITE,
    ),
    Route(operation=contract.VERIFY_EMAIL, action=actions.verify_email, lane=Lane.WRITE),
)
