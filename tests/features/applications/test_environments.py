"""Environments come whole or not at all, and always have one default redirect of each kind."""

from __future__ import annotations

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.rules import SIGN_IN_REDIRECT, SIGN_OUT_REDIRECT
from gatelodge.kit.unit import Actor, Unit
from tests.features.neighbours import move_in
from tests.harness.inprocess import CLIENT, ENVIRONMENT, House


def _operator(house: House) -> Unit:
    return house.runtime.open_unit(Actor())


def test_a_taken_client_id_leaves_no_environment_behind(house: House) -> None:
    made = applications.create_environment(_operator(house), name="Second", client_id=CLIENT)

    assert made is None
    assert applications.find_environment(_operator(house), "Second") is None
    assert applications.create_environment(_operator(house), name="Second") is not None


def test_a_taken_name_leaves_no_client_behind(house: House) -> None:
    assert applications.create_environment(_operator(house), name="Development", client_id="client_new") is None

    assert applications.find_client(_operator(house), "client_new") is None


def test_when_the_default_is_removed_the_oldest_of_its_kind_takes_its_place(house: House) -> None:
    unit = _operator(house)
    first, second = "https://a.example.com/cb", "https://b.example.com/cb"
    made = applications.create_environment(unit, name="Second")
    assert made is not None
    environment_id = made[0].id
    for uri in (first, second):
        applications.allow_redirect(_operator(house), environment_id, uri)
        applications.allow_redirect(_operator(house), environment_id, uri, sign_out=True)
        house.clock.advance(seconds=1)

    assert applications.remove_redirect(_operator(house), environment_id, first)

    assert applications.list_redirects(unit, environment_id, SIGN_IN_REDIRECT) == [(second, True)]
    assert applications.list_redirects(unit, environment_id, SIGN_OUT_REDIRECT) == [(first, True), (second, False)]
    assert not applications.remove_redirect(_operator(house), environment_id, first)
    assert applications.remove_redirect(_operator(house), environment_id, second)
    assert applications.list_redirects(unit, environment_id, SIGN_IN_REDIRECT) == []


def test_removing_leaves_the_same_address_of_other_environments_alone(house: House) -> None:
    neighbour = move_in(house)
    uri, origin = "https://app.example.com/cb", "https://app.example.com"
    for environment_id in (ENVIRONMENT, neighbour.environment_id):
        house.clock.advance(seconds=1)
        assert applications.allow_redirect(_operator(house), environment_id, uri)
        assert applications.allow_origin(_operator(house), environment_id, origin)

    applications.remove_redirect(_operator(house), ENVIRONMENT, uri)
    applications.remove_origin(_operator(house), ENVIRONMENT, origin)

    unit = _operator(house)
    assert uri not in [each for each, _ in applications.list_redirects(unit, ENVIRONMENT, SIGN_IN_REDIRECT)]
    assert applications.list_redirects(unit, neighbour.environment_id, SIGN_IN_REDIRECT) == [(uri, True)]
    assert applications.list_origins(unit, neighbour.environment_id) == [origin]
    assert origin not in applications.list_origins(unit, ENVIRONMENT)


def test_a_removed_origin_may_no_longer_call(house: House) -> None:
    origin = {"origin": "https://app.example.com"}
    house.clock.advance(seconds=1)
    assert applications.allow_origin(_operator(house), ENVIRONMENT, origin["origin"])
    allowed = house.call("GET", "/user_management/users", headers=origin).headers

    applications.remove_origin(_operator(house), ENVIRONMENT, origin["origin"])

    refused = house.call("GET", "/user_management/users", headers=origin).headers
    assert allowed["access-control-allow-origin"] == origin["origin"]
    assert "access-control-allow-origin" not in refused
