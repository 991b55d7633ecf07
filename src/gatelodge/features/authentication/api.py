"""Which operation runs which action."""

from gatelodge.contract import authentication as contract
from gatelodge.features.authentication import actions
from gatelodge.kit.route import Lane, Route, may_say


def _proves_password(body: bytes) -> bool:
    return may_say(body, b"password")


ROUTES = (
    Route(
        operation=contract.AUTHENTICATE,
        action=actions.authenticate,
        lane=Lane.WRITE,
        hashes_when=_proves_password,
    ),
)
