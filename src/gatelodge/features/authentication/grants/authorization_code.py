"""The `authorization_code` grant: the exchange side (contract page 11 §8)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import AuthorizationCodeGrant
from gatelodge.contract.errors import InvalidGrant
from gatelodge.contract.shapes import ready
from gatelodge.features.authentication.attempts import stated
from gatelodge.features.authentication.rules import Progress, Proof
from gatelodge.features.authorization import actions as authorization
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def prove(unit: Unit, grant: AuthorizationCodeGrant) -> Proof:
    """Prove that a redirect came back to the client that asked for it.

    Raises:
        InvalidGrant: The code is not redeemable, for whatever reason.
    """
    code = authorization.prove_code(unit, grant.code, grant.code_verifier)
    user = users.find_user(unit, code.user_id)
    if user is None:
        raise InvalidGrant("The code is invalid or has expired.")
    progress = msgspec.json.decode(code.state, type=ready(Progress))

    def settle(queries: Queries) -> None:
        authorization.spend_code(queries, unit, code)

    # The browser that signed in is the end user's; the app's backend may know it better.
    progress = msgspec.structs.replace(
        progress,
        ip_address=stated(unit, grant.ip_address) or progress.ip_address,
        user_agent=stated(unit, grant.user_agent) or progress.user_agent,
    )
    return Proof(user=user, progress=progress, kind=None, settle=settle)
