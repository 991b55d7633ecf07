"""Redirect URIs over the wire: exact addresses, one default, nothing dangerous (contract pages 12 §1, 24 §1)."""

from __future__ import annotations

import pytest

from tests.features.neighbours import move_in
from tests.harness.inprocess import House

PATH = "/user_management/redirect_uris"
CALLBACK = "https://app.example.com/callback"


@pytest.fixture(autouse=True)
def _later(house: House) -> None:
    # The house was furnished at this very instant with ids drawn in the same order.
    house.clock.advance(seconds=1)


def test_an_added_redirect_uri_is_listed_newest_first_and_can_be_deleted(house: House) -> None:
    added = house.post(PATH, {"uri": CALLBACK})

    assert (added.status, added.json["uri"], added.json["default"]) == (201, CALLBACK, False)
    listed = house.get(PATH).json["data"]
    assert [each["uri"] for each in listed] == [CALLBACK, "http://localhost:3000/callback"]
    assert [each["default"] for each in listed] == [False, True]
    deleted = house.delete(f"{PATH}/{added.json['id']}")
    assert (deleted.status, deleted.body) == (204, b"")
    assert [each["uri"] for each in house.get(PATH).json["data"]] == ["http://localhost:3000/callback"]
    assert house.delete(f"{PATH}/{added.json['id']}").status == 404


def test_the_first_redirect_uri_of_an_environment_is_its_default_and_stays(house: House) -> None:
    neighbour = move_in(house)

    first = neighbour.call("POST", PATH, {"uri": CALLBACK})
    second = neighbour.call("POST", PATH, {"uri": CALLBACK + "2"})
    refused = neighbour.call("DELETE", f"{PATH}/{first.json['id']}")

    assert (first.json["default"], second.json["default"]) == (True, False)
    assert (refused.status, refused.json["code"]) == (409, "default_redirect_uri")
    assert len(neighbour.call("GET", PATH).json["data"]) == 2


def test_a_redirect_uri_is_listed_once_and_the_refusal_names_it(house: House) -> None:
    house.post(PATH, {"uri": CALLBACK})

    again = house.post(PATH, {"uri": CALLBACK})

    assert (again.status, again.json["code"]) == (422, "redirect_uri_already_exists")
    assert CALLBACK in again.json["message"]
    # Addresses are compared letter by letter.
    assert house.post(PATH, {"uri": CALLBACK + "/"}).status == 201


@pytest.mark.parametrize(
    "uri",
    ["javascript:alert(1)", "data:text/html,x", CALLBACK + "#x", "https://*.com/cb", "https://*.co.uk/cb", "/callback",
     "https://a@app.example.com/", "https://app.example.com/\n", "", "x" * 3000, "https://app.example.com/é"],
)  # fmt: skip
def test_a_redirect_uri_that_is_dangerous_or_none_is_refused_and_not_listed(house: House, uri: str) -> None:
    answer = house.post(PATH, {"uri": uri})

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert answer.json["errors"][0]["field"] == "uri"
    assert len(house.get(PATH).json["data"]) == 1


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:*/cb", "com.example.app:/cb", "https://*.preview.example.com/cb", "http://[::1]:9000/"]
)
def test_addresses_of_this_machine_of_apps_and_one_wild_label_are_listed(house: House, uri: str) -> None:
    assert house.post(PATH, {"uri": uri}).status == 201


def test_plain_http_to_other_machines_is_for_development_alone(furnished_database: str) -> None:
    plain = {"uri": "http://app.example.com/cb"}
    developing = House(furnished_database, limits=False)
    developing.clock.advance(seconds=1)
    serving = House(furnished_database, limits=False, development=False)
    serving.clock.advance(seconds=2)

    assert serving.post(PATH, plain).status == 422
    assert developing.post(PATH, plain).status == 201
    for house in (developing, serving):
        house.close()


def test_a_listed_redirect_uri_is_good_at_once_and_a_deleted_one_no_longer(house: House) -> None:
    asked = {"client_id": "client_dev", "redirect_uri": CALLBACK, "response_type": "code", "provider": "authkit"}
    before = house.call("GET", "/user_management/authorize", key=None, query=asked).status
    added = house.post(PATH, {"uri": CALLBACK}).json

    during = house.call("GET", "/user_management/authorize", key=None, query=asked).status
    house.delete(f"{PATH}/{added['id']}")

    after = house.call("GET", "/user_management/authorize", key=None, query=asked).status
    assert (before, after) == (400, 400)
    assert during in {200, 302, 303}


def test_another_environment_s_redirect_uris_do_not_exist(house: House) -> None:
    neighbour = move_in(house)
    added = house.post(PATH, {"uri": CALLBACK}).json

    assert neighbour.call("DELETE", f"{PATH}/{added['id']}").status == 404
    assert neighbour.call("GET", PATH).json["data"] == []
    assert house.call("GET", PATH, key=None).status == 401
