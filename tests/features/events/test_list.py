"""The list of events: oldest first, every one once, whatever the cursors and filters (contract page 23 §1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.features.neighbours import move_in
from tests.harness.inprocess import Answer, House


def _list(house: House, **query: Any) -> dict[str, Any]:
    answer = house.get("/events", **query)
    assert answer.status == 200, answer
    page: dict[str, Any] = answer.json
    return page


def _walk(house: House, **query: Any) -> list[str]:
    """Read as a consumer does: from the start, then after the last event read."""
    read: list[str] = []
    for _ in range(100):
        page = _list(house, **query, **({"after": read[-1]} if read else {}))
        read += [event["id"] for event in page["data"]]
        if page["list_metadata"]["after"] is None:
            return read
    raise AssertionError("the list does not end")


def _make(house: House, number: int) -> None:
    for index in range(number):
        if index % 3 == 0:
            house.clock.advance(seconds=1)
        house.create_user(f"user{index}@example.com")


@pytest.mark.parametrize("order", ["asc", "desc", "normal", None])
def test_events_come_oldest_first_whatever_order_is_asked_for(house: House, order: str | None) -> None:
    _make(house, 7)

    events = _list(house, **({"order": order} if order else {}))["data"]

    assert [event["data"]["email"] for event in events] == [f"user{number}@example.com" for number in range(7)]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_a_consumer_reads_every_event_once_in_order(house: House, limit: int) -> None:
    _make(house, 7)

    whole = [event["id"] for event in _list(house, limit=100)["data"]]

    assert _walk(house, limit=limit) == whole
    assert len(set(whole)) == 7


def test_a_consumer_at_the_end_gets_what_comes_later(house: House) -> None:
    _make(house, 2)
    last = _list(house)["data"][-1]["id"]

    nothing = _list(house, after=last)
    house.create_user()
    later = _list(house, after=last)["data"]

    assert nothing == {"object": "list", "data": [], "list_metadata": {"before": None, "after": None}}
    assert [event["data"]["email"] for event in later] == ["ada@example.com"]


def test_before_gives_the_page_that_precedes(house: House) -> None:
    _make(house, 7)
    ids = [event["id"] for event in _list(house, limit=100)["data"]]

    page = _list(house, before=ids[5], limit=2)

    assert [event["id"] for event in page["data"]] == ids[3:5]
    assert page["list_metadata"] == {"before": ids[3], "after": ids[4]}


@pytest.mark.parametrize(
    "spelling", ["events=user.updated,session.created", "events=user.updated&events=session.created",
                 "events[]=user.updated&events[]=session.created"]
)  # fmt: skip
def test_names_are_read_in_the_three_spellings_of_arrays(house: House, spelling: str) -> None:
    user = house.create_user()
    house.put(f"/user_management/users/{user['id']}", {"first_name": "Ada"})
    house.sign_in()
    query = [part.split("=") for part in spelling.split("&")]
    names: dict[str, list[str]] = {}
    for name, value in query:
        names.setdefault(name, []).append(value)

    events = house.call("GET", "/events", query=names).json["data"]

    assert [event["event"] for event in events] == ["user.updated", "session.created"]


def _refused(answer: Answer, field: str) -> None:
    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters"), answer
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_what_cannot_be_asked_is_refused(house: House) -> None:
    _make(house, 1)
    (event,) = _list(house)["data"]

    _refused(house.get("/events", events="user.created,user.exploded"), "events")
    _refused(house.get("/events", after="event_x"), "after")
    _refused(house.get("/events", before="user_01KF0JQ6G0X4HT7K6SSMBV18BY"), "before")
    _refused(house.get("/events", range_start="yesterday"), "range_start")
    _refused(house.get("/events", range_start="2026-01-01T00:00:00Z", after=event["id"]), "range_start")
    _refused(house.get("/events", range_start="2026-01-01T00:00:00Z", range_end="2026-03-01T00:00:00Z"), "range_end")
    for limit in ("0", "101", "-1", "x", "1.5", "9" * 400):
        _refused(house.get("/events", limit=limit), "limit")


def test_the_events_of_another_environment_are_not_seen_whatever_the_cursor(house: House) -> None:
    neighbour = move_in(house)
    _make(house, 3)
    ours = [event["id"] for event in _list(house)["data"]]
    neighbour.create_user()

    for cursor in ({}, {"after": ours[0]}, {"before": ours[-1]}):
        seen = neighbour.call("GET", "/events", query=cursor).json["data"]
        assert {event["data"]["email"] for event in seen} <= {"ada@example.com"}
    assert [event["id"] for event in _list(house)["data"]] == ours


def test_a_cursor_whose_event_was_swept_keeps_its_place(house: House) -> None:
    _make(house, 3)
    house.clock.advance(seconds=1)
    house.create_user("later@example.com")
    events = _list(house)["data"]
    house.runtime.database.write(lambda queries: queries.run("delete from events where id = :id", id=events[2]["id"]))

    assert [event["id"] for event in _list(house, after=events[2]["id"])["data"]] == [events[3]["id"]]


def test_one_change_tells_cause_before_effect(house: House) -> None:
    user = house.create_user()
    house.sign_in()
    house.delete(f"/user_management/users/{user['id']}")

    names = [event["event"] for event in house.events()]

    assert names == [
        "user.created",
        "authentication.password_succeeded",
        "session.created",
        "session.revoked",
        "user.deleted",
    ]


def test_a_refused_change_leaves_no_event(house: House) -> None:
    house.create_user()
    before = house.events()

    house.post("/user_management/users", {"email": "ada@example.com"})
    house.post("/user_management/users", {"email": "bob@example.com", "password": "short"})
    house.delete("/user_management/users/user_01KF0JQ6G0X4HT7K6SSMBV18BY")

    assert house.events() == before


def test_an_event_names_the_key_that_caused_it_and_holds_no_secret(house: House) -> None:
    house.create_user()
    session = house.sign_in().json
    (created,) = house.events("user.created")

    told = str(house.events())

    assert created["context"]["actor"] == {"id": created["context"]["actor"]["id"], "source": "api",
                                           "name": "Development key"}  # fmt: skip
    assert created["context"]["actor"]["id"].startswith("api_key_")
    for secret in ("correct horse 17", session["refresh_token"], session["access_token"], "sk_test_default", "argon2"):
        assert secret not in told
