"""Which operation runs which action."""

from gatelodge.contract import authentication as contract
from gatelodge.features.authentication import actions
from gatelodge.kit.route import Lane, Route


def _proves_password(body: bytes) -> bool:
    return b"password" in body


ROUTES = (
    Route(
        operation=contract.AUTHENTICATE,
        action=actions.authenticate,
        lane=Lane.WRITE,
        hashes_when=_proves_password,
    ),
)
