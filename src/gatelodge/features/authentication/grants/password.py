"""The `password` grant (contract page 11 §6)."""

from __future__ import annotations

from gatelodge.contract.authentication import PasswordGrant
from gatelodge.contract.errors import InvalidCredentials
from gatelodge.features.authentication import attempts, pending
from gatelodge.features.authentication.rules import NotProved, Proof
from gatelodge.features.passwords import actions as passwords
from gatelodge.features.users import actions as users
from gatelodge.features.users.rules import name_address
from gatelodge.kit.database import Queries, Queued
from gatelodge.kit.unit import Unit

KIND = "password"


def prove(unit: Unit, grant: PasswordGrant) -> Proof:
    """Prove an address by its password.

    The attempt is charged before it is judged. An unknown address, an account without a
    password and a wrong password are equal in answer and in work.

    Raises:
        NotProved: The password does not belong to the address.
        TooManyRequests: The address has been tried too often.
    """
    form = name_address(grant.email)
    user = users.find_user_by_form(unit, form)
    user_id = user.id if user else None

    def look(queries: Queries) -> Queued:
        return passwords.ask_for_proof(queries, unit, user_id, address=form)

    place, kept = attempts.charge_and_look(unit, grant, form=form, user=user, look=look)
    try:
        proved = passwords.prove_by(unit, kept, grant.password)
    except InvalidCredentials as error:
        raise NotProved(error, user_id=user_id, email=grant.email) from None
    assert user is not None, "a password is proved only against a user"  # noqa: S101  # narrows the type

    def settle(queries: Queries) -> None:
        passwords.confirm(queries, unit, user.id, proved)
        attempts.clear(queries, unit, place)

    progress = pending.begin(unit, grant, user, method="Password", proved=proved)
    return Proof(user=user, progress=progress, kind=KIND, settle=settle, checks_password=True)
