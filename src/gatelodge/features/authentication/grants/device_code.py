"""The `device_code` grant (RFC 8628 §3.4; contract page 11 §6)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import DeviceCodeGrant
from gatelodge.contract.errors import InvalidGrant
from gatelodge.contract.shapes import ready
from gatelodge.features.authentication import pending
from gatelodge.features.authentication.rules import Progress, Proof
from gatelodge.features.devices import actions as devices
from gatelodge.features.users import actions as users
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit


def prove(unit: Unit, grant: DeviceCodeGrant) -> Proof:
    """Prove that a signed-in user has confirmed this device.

    The session belongs to the user who confirmed, with the method that user signed in
    by; address and agent are the device's own.

    Raises:
        InvalidGrant, ExpiredToken, SlowDown, AuthorizationPending, AccessDenied: As
            `devices.poll`.
    """
    code = devices.poll(unit, grant.device_code)
    confirmed = msgspec.json.decode(code.state or "", type=ready(Progress))
    user = users.find_user(unit, confirmed.user_id)
    if user is None:
        raise InvalidGrant("The device code is invalid.")
    device = pending.begin(unit, grant, user, method=confirmed.method)
    progress = msgspec.structs.replace(confirmed, ip_address=device.ip_address, user_agent=device.user_agent)

    def settle(queries: Queries) -> None:
        devices.spend(queries, unit, code)

    return Proof(user=user, progress=progress, kind=None, settle=settle)
