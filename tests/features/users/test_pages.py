"""Pages of users against a model: any limit, order and cursors, ties in time, users that are gone (page 00 §6)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.features.neighbours import move_in
from tests.harness.inprocess import House

USERS = "/user_management/users"
NUMBER = 14

CURSORS = st.one_of(st.none(), st.integers(0, NUMBER - 1))


def _model(
    ids: list[str], *, order: str, limit: int, after: str | None, before: str | None
) -> tuple[list[str], str | None, str | None]:
    """Say what the contract says: the page, its `before`, its `after`; `ids` are oldest first."""
    shown = ids if order == "asc" else ids[::-1]
    if order == "normal":
        after, before = before, after
    low = 0 if after is None else shown.index(after) + 1
    high = len(shown) if before is None else shown.index(before)
    inside = shown[low:high] if low <= high else []
    page = inside[-limit:] if before is not None and after is None else inside[:limit]
    if not page:
        return [], None, None
    has_before = shown.index(page[0]) > 0
    # With both cursors the reader asked for what lies between, and is told where that ends.
    end = high if after is not None and before is not None else len(shown)
    has_after = shown.index(page[-1]) < end - 1
    cursors = (page[0] if has_before else None, page[-1] if has_after else None)
    return (page, *(cursors[::-1] if order == "normal" else cursors))


@pytest.fixture
def ids(house: House) -> list[str]:
    """Make users, some in the same millisecond, and give their ids, oldest first."""
    made = []
    for number in range(NUMBER):
        if number % 4 == 0:
            house.clock.advance(seconds=1)
        made.append(house.create_user(f"user{number}@example.com", password=None)["id"])
    return sorted(made)


@given(
    order=st.sampled_from(["asc", "desc", "normal"]),
    limit=st.integers(1, NUMBER + 1),
    after=CURSORS,
    before=CURSORS,
)
@settings(max_examples=120, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_page_is_the_one_the_contract_names(
    house: House, ids: list[str], order: str, limit: int, after: int | None, before: int | None
) -> None:
    cursors = {name: ids[index] for name, index in (("after", after), ("before", before)) if index is not None}

    answer = house.get(USERS, order=order, limit=limit, **cursors)

    page, first, last = _model(ids, order=order, limit=limit, after=cursors.get("after"), before=cursors.get("before"))
    assert answer.status == 200
    assert [user["id"] for user in answer.json["data"]] == page
    assert answer.json["list_metadata"] == {"before": first, "after": last}
    assert answer.json["object"] == "list"


@pytest.mark.parametrize("order", ["asc", "desc", "normal"])
@pytest.mark.parametrize("limit", [1, 3, 7])
def test_walking_to_the_end_and_back_sees_every_user_once(house: House, ids: list[str], order: str, limit: int) -> None:
    forth, back = ("before", "after") if order == "normal" else ("after", "before")

    def walk(name: str, page: dict[str, Any]) -> list[list[str]]:
        seen = [[user["id"] for user in page["data"]]]
        while page["list_metadata"][name] is not None:
            page = house.get(USERS, order=order, limit=limit, **{name: page["list_metadata"][name]}).json
            seen.append([user["id"] for user in page["data"]])
            assert len(seen) <= NUMBER
        pages.append(page)
        return seen

    pages: list[dict[str, Any]] = []
    there = walk(forth, house.get(USERS, order=order, limit=limit).json)
    home = walk(back, pages[-1])

    expected = ids if order == "asc" else ids[::-1]
    assert [one for page in there for one in page] == expected
    assert [one for page in home[::-1] for one in page] == expected


def test_a_page_goes_on_from_a_user_that_has_been_deleted(house: House, ids: list[str]) -> None:
    for order, remaining in (("asc", ids[8:]), ("desc", ids[:7][::-1])):
        expected = house.get(USERS, order=order, limit=100, after=ids[7]).json["data"]
        assert [user["id"] for user in expected] == remaining

    house.delete(f"{USERS}/{ids[7]}")

    for order, remaining in (("asc", ids[8:]), ("desc", ids[:7][::-1])):
        after = house.get(USERS, order=order, limit=100, after=ids[7])
        assert (after.status, [user["id"] for user in after.json["data"]]) == (200, remaining)


def test_users_made_while_someone_pages_are_not_shown_twice(house: House, ids: list[str]) -> None:
    first = house.get(USERS, limit=5).json
    house.clock.advance(seconds=1)
    house.create_user("late@example.com")

    second = house.get(USERS, limit=100, after=first["list_metadata"]["after"]).json

    assert [user["id"] for user in (*first["data"], *second["data"])] == ids[::-1]


UNUSABLE = {
    "limit": ["0", "101", "-1", "1.5", "ten", "9" * 5000, "0x10"],
    "order": ["up", "ASC"],
    "after": ["x", "user_x", "org_01KF0JQ6G0X4HT7K6SSMBV18BY", "user_01KF0JQ6G0X4HT7K6SSMBV18BU", "' or 1=1 --"],
    "before": ["user_" + "Z" * 26, "user_01kf0jq6g0x4ht7k6ssmbv18by", "user_01KF0JQ6G0X4HT7K6SSMBV18BY0"],
}


def test_a_page_that_cannot_be_is_refused(house: House) -> None:
    for name, values in UNUSABLE.items():
        for value in values:
            answer = house.get(USERS, **{name: value})
            assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters"), (name, value[:40])
            assert [error["field"] for error in answer.json["errors"]] == [name]


def test_empty_parameters_count_as_absent_and_of_doubled_ones_the_last_counts(house: House, ids: list[str]) -> None:
    empty = house.call("GET", USERS, query={"limit": "", "after": "", "order": "", "email": ""})
    doubled = house.call("GET", USERS, query={"limit": ["100", "3"]})

    assert (empty.status, len(empty.json["data"])) == (200, 10)
    assert [user["id"] for user in doubled.json["data"]] == ids[::-1][:3]


def test_the_cursor_of_another_environment_shows_nothing_of_it(house: House, ids: list[str]) -> None:
    neighbour = move_in(house)
    theirs = neighbour.create_user()["id"]

    for cursor in (ids[0], ids[-1]):
        for name in ("after", "before"):
            page = neighbour.call("GET", USERS, query={name: cursor}).json["data"]
            assert {user["id"] for user in page} <= {theirs}


def test_users_are_listed_by_address_and_by_organization(house: House, ids: list[str]) -> None:
    (user,) = house.get(USERS, email="USER3@example.com").json["data"]

    assert user["email"] == "user3@example.com"
    assert user["id"] in ids
    for query in (
        {"email": "nobody@example.com"},
        {"email": "no address"},
        {"email": "%"},
        {"organization_id": "org_01KF0JQ6G0X4HT7K6SSMBV18BY"},
        {"organization": "org_01KF0JQ6G0X4HT7K6SSMBV18BY"},
        {"organization_id": "x"},
    ):
        empty = house.get(USERS, **query)
        assert (empty.status, empty.json["data"]) == (200, []), query
        assert empty.json["list_metadata"] == {"before": None, "after": None}
