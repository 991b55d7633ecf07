"""The `magic-auth:code` grant: sign in by a mailed code (contract page 11 §6)."""

from __future__ import annotations

import msgspec

from gatelodge.contract.authentication import MagicAuthGrant
from gatelodge.contract.errors import RuleError
from gatelodge.features.authentication import attempts, pending
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.magic_auth import actions as magic_auth
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import name_address
from gatelodge.kit.database import Queries
from gatelodge.kit.unit import Unit

KIND = "magic_auth"


def prove(unit: Unit, grant: MagicAuthGrant) -> Proof:
    """Prove an address by the code that was mailed to it; that verifies the address as well.

    The first proof of an account's address claims the account: nothing that was set on it
    before is taken for its owner's.

    Raises:
        NotProved: The code is wrong for this address, used, expired or exhausted.
        TooManyRequests: The address, or codes from this place, have been tried too often.
    """
    form = name_address(grant.email)
    user = users.find_user_by_form(unit, form)
    place = attempts.charge_sign_in(unit, grant, form=form, user=user)
    address = attempts.claimed_address(unit, grant)
    try:
        proved = magic_auth.prove(unit, user, grant.code, email=grant.email, address=address)
    except RuleError as error:
        raise NotProved(error, user_id=user.id if user else None, email=grant.email) from None
    assert user is not None, "a code is proved only for a user"  # noqa: S101  # narrows the type

    def settle(queries: Queries) -> None:
        magic_auth.settle(queries, unit, proved)
        attempts.clear(queries, unit, place)

    verified = msgspec.structs.replace(user, email_verified=True)
    progress = pending.begin(unit, grant, user, method="MagicAuth")
    if user.email_verified:
        return Proof(user=verified, progress=progress, kind=KIND, settle=settle)
    # The password goes with this proof, so the sign-in cannot hang on it.
    unbound = msgspec.structs.replace(progress, password_version=None)
    return Proof(user=verified, progress=unbound, kind=KIND, settle=settle, claims=True)
