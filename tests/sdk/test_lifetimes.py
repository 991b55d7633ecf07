"""What ends by itself, through every way in."""

from __future__ import annotations

import pytest

from gatelodge import errors
from gatelodge.testing import FrozenClock
from tests.sdk.household import Household

PASSWORD = "seventeen yellow herons"


def test_a_session_ends_when_its_time_is_over(um: Household, clock: FrozenClock) -> None:
    um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
    begun = um.authenticate_with_password("ada@example.com", password=PASSWORD)

    clock.advance(days=31)

    with pytest.raises(errors.InvalidGrant):
        um.authenticate_with_refresh_token(begun.refresh_token)


def test_the_newest_are_listed_first_unless_asked_otherwise(um: Household, clock: FrozenClock) -> None:
    made = []
    for number in range(5):
        made.append(um.create_user(f"user{number}@example.com").id)
        clock.advance(seconds=1)

    assert [user.id for user in um.walk(um.list_users(limit=2))] == made[::-1]
    assert [user.id for user in um.walk(um.list_users(limit=2, order="asc"))] == made
