"""The switches of development mode are pressed by programs and by this machine's own pages, and by no others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.harness.databases import Engine
from tests.harness.furnished import Furnished
from tests.harness.inprocess import House

SWITCHES = ["/_dev/clock", "/_dev/reset", "/_dev/app/sign-in"]


@pytest.fixture
def house(furnished: Furnished, engine: Engine) -> Iterator[House]:
    with furnished.lend(engine) as url:
        made = House(url)
        yield made
        made.close()


@pytest.mark.parametrize("path", SWITCHES)
@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://localhost.evil.example"},
        {"origin": "http://evil.example:4100"},
        {"origin": "http://[::1"},
        {"origin": ""},
    ],
    ids=str,
)
def test_a_page_of_another_site_presses_no_switch(house: House, path: str, headers: dict[str, str]) -> None:
    user = house.create_user()
    before = house.runtime.clock.now()

    answer = house.call("POST", path, {"advance_seconds": 60}, key=None, headers=headers)

    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert house.get(f"/user_management/users/{user['id']}").status == 200
    assert house.runtime.clock.now() == before


@pytest.mark.parametrize("path", SWITCHES)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://localhost:4100", "sec-fetch-site": "same-origin"},
        {"origin": "null", "sec-fetch-site": "same-origin"},
        {"origin": "http://127.0.0.1:3000", "sec-fetch-site": "cross-site"},
        {"origin": "http://app.localhost:3000", "sec-fetch-site": "cross-site"},
        {"origin": "http://[::1]:3000"},
    ],
    ids=str,
)
def test_programs_and_pages_of_this_machine_press_them(house: House, path: str, headers: dict[str, str]) -> None:
    answer = house.call("POST", path, {"advance_seconds": 60}, key=None, headers=headers)

    assert answer.status in (200, 303)


def test_the_clock_stays_where_dates_can_be_written(house: House) -> None:
    century = {"advance_seconds": 100 * 366 * 86_400}
    assert house.call("POST", "/_dev/clock", century, key=None).status == 200

    answer = house.call("POST", "/_dev/clock", century, key=None)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert [fault["field"] for fault in answer.json["errors"]] == ["advance_seconds"]
    assert house.create_user()["id"]
    assert house.call("POST", "/_dev/clock", {"reset": True, **century}, key=None).status == 200


@pytest.mark.parametrize("path", ["/", "/_dev/inbox", "/_dev/clock"])
@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:4100", "localhost.evil.example", "[::1", "10.0.0.7:80", ""]
)
def test_a_name_that_leads_here_is_no_name_of_this_machine(house: House, path: str, name: str) -> None:
    answer = house.call("GET", path, key=None, headers={"host": name})

    assert (answer.status, answer.json["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "name", ["localhost", "localhost:4100", "127.0.0.1:4100", "[::1]:4100", "LOCALHOST:1", "app.localhost"]
)
def test_names_of_this_machine_lead_to_its_pages(house: House, name: str) -> None:
    for path in ("/_dev/inbox", "/_dev/clock"):
        assert house.call("GET", path, key=None, headers={"host": name}).status == 200


def test_the_base_url_names_this_machine_too(furnished: Furnished) -> None:
    with furnished.lend("sqlite") as url:
        house = House(url, base_url="https://gatelodge.tunnel.example")
        assert house.call("GET", "/_dev/clock", key=None, headers={"host": "gatelodge.tunnel.example"}).status == 200
        assert house.call("GET", "/_dev/clock", key=None, headers={"host": "tunnel.example"}).status == 403
        house.close()
