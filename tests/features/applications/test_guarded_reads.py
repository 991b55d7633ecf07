"""Reads by id check the API key in their own statement: the same answers as a check before them."""

from __future__ import annotations

import pytest

from gatelodge.doors.assemble import ROUTES
from gatelodge.features.applications import actions as applications
from tests.features.neighbours import move_in
from tests.harness.inprocess import ENVIRONMENT, House

USERS = "/user_management/users"


@pytest.fixture(params=["{id}", "external_id/{external_id}"])
def path(request: pytest.FixtureRequest, house: House) -> str:
    """Give the path of a user that is there."""
    user = house.create_user(external_id="crm-4711")
    return f"{USERS}/{request.param}".format(**user)


def test_a_right_key_reads(house: House, path: str) -> None:
    assert house.get(path).status == 200


@pytest.mark.parametrize("key", ["sk_guessed", "", None, "\udcff", "x" * 5000])
def test_a_stranger_is_told_the_same_of_what_is_there_and_what_is_not(house: House, path: str, key: str | None) -> None:
    there = house.call("GET", path, key=key)
    absent = house.call("GET", f"{path}x", key=key)
    unreadable = house.call("GET", f"{path}\0", key=key)

    assert there.status == 401
    assert there.body == absent.body == unreadable.body


def test_a_revoked_key_is_refused_at_once(house: House, path: str) -> None:
    issued = applications.create_api_key(house.unit(), ENVIRONMENT, name="second")
    assert issued is not None
    assert house.call("GET", path, key=issued.token).status == 200

    applications.revoke_api_key(house.unit(), ENVIRONMENT, issued.key.id)

    assert house.call("GET", path, key=issued.token).status == 401


def test_a_key_of_another_environment_finds_nothing(house: House, path: str) -> None:
    neighbour = move_in(house)

    assert neighbour.call("GET", path).status == 404


def test_what_is_unreadable_is_told_to_a_caller_with_a_key(house: House, path: str) -> None:
    assert house.get(f"{path}\0").status == 422


def test_the_last_use_of_a_key_is_written_down(house: House, path: str) -> None:
    house.clock.advance(seconds=60)

    house.get(path)
    applications.flush_key_uses(house.unit())

    (key,) = applications.list_api_keys(house.unit(), ENVIRONMENT)
    assert key.last_used_at == house.clock.now()


def test_a_read_is_charged_to_its_key(furnished_database: str) -> None:
    house = House(furnished_database, limit_per_credential="2/60")
    statuses = [house.get(f"{USERS}/user_absent").status for _ in range(3)]
    house.close()

    assert statuses == [404, 404, 429]


def test_only_reads_behind_a_key_are_guarded() -> None:
    guarded = [route.operation for route in ROUTES if route.guarded]

    assert guarded
    assert {(operation.method, operation.access.value) for operation in guarded} == {("GET", "api_key")}
