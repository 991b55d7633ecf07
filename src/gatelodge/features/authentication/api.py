"""Which operation runs which action."""

import contextlib

import msgspec

from gatelodge.contract import authentication as contract
from gatelodge.contract.shapes import ready
from gatelodge.features.authentication import actions
from gatelodge.kit.route import Lane, Route, may_say


class _Kind(msgspec.Struct):
    grant_type: str


def _choose_lane(body: bytes) -> Lane | None:
    if may_say(body, b"password"):
        return Lane.HASH
    # Only what is surely a refresh: nothing else has been looked through for what it waits for. A body
    # may be JSON and, by its content type, a form that says something else; such a form needs an `&`.
    if b"refresh_token" in body and b"&" not in body:
        with contextlib.suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return Lane.REFRESH if msgspec.json.decode(body, type=ready(_Kind)).grant_type == "refresh_token" else None
    return None


def _reads_first(grant: object) -> bool:
    # A password is not even looked for where no key is shown.
    return isinstance(grant, contract.RefreshTokenGrant) or (
        isinstance(grant, contract.PasswordGrant) and bool(grant.client_secret)
    )


ROUTES = (
    Route(
        operation=contract.AUTHENTICATE,
        action=actions.authenticate,
        lane=Lane.WRITE,
        choose_lane=_choose_lane,
        admit=actions.admit,
        reads_first=_reads_first,
    ),
)
