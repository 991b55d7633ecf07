"""CORS origins over the wire: added once, effective at once (contract page 24 §2)."""

from __future__ import annotations

import pytest

from tests.features.neighbours import move_in
from tests.harness.inprocess import House

PATH = "/user_management/cors_origins"
ORIGIN = "https://app.example.com"


@pytest.fixture(autouse=True)
def _later(house: House) -> None:
    # The house was furnished at this very instant with ids drawn in the same order.
    house.clock.advance(seconds=1)


def test_an_added_origin_is_listed_and_its_pages_may_call_at_once(house: House) -> None:
    before = house.call("GET", PATH, headers={"origin": ORIGIN}).headers
    added = house.post(PATH, {"origin": ORIGIN})

    assert (added.status, added.json["origin"], added.json["object"]) == (201, ORIGIN, "cors_origin")
    assert house.get(PATH).json["data"][0] == added.json
    after = house.call("GET", PATH, headers={"origin": ORIGIN}).headers
    assert "access-control-allow-origin" not in before
    assert after["access-control-allow-origin"] == ORIGIN
    assert after["access-control-allow-credentials"] == "true"


def test_an_origin_is_listed_once_in_each_environment(house: House) -> None:
    neighbour = move_in(house)
    house.post(PATH, {"origin": ORIGIN})

    again = house.post(PATH, {"origin": ORIGIN})

    assert (again.status, again.json["code"]) == (409, "duplicate_cors_origin")
    assert neighbour.call("GET", PATH).json["data"] == []
    assert neighbour.call("POST", PATH, {"origin": ORIGIN}).status == 201


@pytest.mark.parametrize(
    "origin", ["*", "null", ORIGIN + "/", ORIGIN + "/a", "https://App.example.com", "https://app.example.com:443", ""]
)
def test_what_no_browser_sends_as_an_origin_is_refused(house: House, origin: str) -> None:
    answer = house.post(PATH, {"origin": origin})

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert answer.json["errors"][0]["field"] == "origin"
    assert len(house.get(PATH).json["data"]) == 1
