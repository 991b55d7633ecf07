"""Whose passkey is kept when the account changes hands at the same moment."""

from __future__ import annotations

import pytest

from gatelodge.contract.errors import InvalidGrant
from gatelodge.contract.users import User
from gatelodge.features.browser_sessions import actions as browser_sessions
from gatelodge.features.passkeys import register
from gatelodge.features.users import actions as users
from tests.harness.authenticator import Authenticator
from tests.harness.inprocess import House


def _user(house: House) -> User:
    user = users.find_user(house.unit(), house.create_user()["id"])
    assert user is not None
    return user


@pytest.mark.parametrize("is_shut_out", [False, True])
def test_a_passkey_is_kept_only_while_the_browser_is_signed_in(house: House, is_shut_out: bool) -> None:  # noqa: FBT001  # pytest gives it
    unit, user = house.unit(), _user(house)
    session = browser_sessions.new_session(
        unit, session_id=unit.new_id("browser_session"), user_id=user.id, token="a token", state="{}"
    )
    unit.write(lambda queries: browser_sessions.keep(queries, unit, session))
    made = Authenticator().make(register.begin(unit, session, user))

    if is_shut_out:
        # What the first proof of the address does, between the look at the session and the write.
        unit.write(lambda queries: browser_sessions.end_all(queries, unit, user.id))
        with pytest.raises(InvalidGrant):
            register.register(unit, session, user, credential=made, name="")
    else:
        register.register(unit, session, user, credential=made, name="")

    assert len(register.list_passkeys(house.unit(), user.id)) == int(not is_shut_out)
