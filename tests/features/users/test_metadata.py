"""Metadata is merged key by key, and its limits hold for what comes out."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.inprocess import House

USERS = "/user_management/users"
KEYS = st.sampled_from(["tier", "plan", "crm", "é", "x" * 40])
VALUES = st.one_of(st.none(), st.just(""), st.sampled_from(["gold", "0", " ", "😀", "y" * 600]))
CHANGES = st.lists(st.one_of(st.none(), st.dictionaries(KEYS, VALUES, max_size=4)), max_size=5)


def merge(held: dict[str, str], change: dict[str, str | None] | None) -> dict[str, str]:
    """Say in one line what the contract says (page 10)."""
    return {} if change is None else {key: value for key, value in ({**held, **change}).items() if value}


@given(changes=CHANGES)
@settings(max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changes_of_metadata_come_out_as_the_contract_merges_them(
    house: House, changes: list[dict[str, str | None] | None]
) -> None:
    path = f"{USERS}/{house.create_user(f'{house.entropy.token_bytes(8).hex()}@example.com')['id']}"
    expected: dict[str, str] = {}

    for change in changes:
        expected = merge(expected, change)
        answer = house.put(path, {"metadata": change})
        assert (answer.status, answer.json["metadata"]) == (200, expected)

    assert house.get(path).json["metadata"] == expected


def test_metadata_that_is_not_given_stays(house: House) -> None:
    user = house.create_user(metadata={"tier": "gold"})

    assert house.put(f"{USERS}/{user['id']}", {"first_name": "Ada"}).json["metadata"] == {"tier": "gold"}


@pytest.mark.parametrize(
    "metadata",
    [
        {f"key{number}": "v" for number in range(51)},
        {"k" * 41: "v"},
        {"k": "v" * 601},
        {"": "v"},
    ],
    ids=["51 keys", "a key of 41", "a value of 601", "an empty key"],
)
def test_metadata_past_a_limit_is_refused_and_changes_nothing(house: House, metadata: dict[str, str]) -> None:
    user = house.create_user(metadata={"tier": "gold"})

    created = house.post(USERS, {"email": "bob@example.com", "metadata": metadata})
    changed = house.put(f"{USERS}/{user['id']}", {"metadata": metadata, "first_name": "Changed"})

    for answer in (created, changed):
        assert (answer.status, answer.json["code"]) == (400, "invalid_metadata")
    assert house.get(f"{USERS}/{user['id']}").json == user


def test_metadata_at_its_limits_is_kept(house: House) -> None:
    metadata = {f"{number:040}": "v" * 600 for number in range(50)}

    assert house.create_user(metadata=metadata)["metadata"] == metadata


def test_fifty_keys_are_counted_after_the_merge(house: House) -> None:
    user = house.create_user(metadata={f"key{number}": "v" for number in range(50)})
    path = f"{USERS}/{user['id']}"

    one_more = house.put(path, {"metadata": {"new": "v"}})
    one_for_another = house.put(path, {"metadata": {"new": "v", "key0": None}})

    assert one_more.json["code"] == "invalid_metadata"
    assert len(one_for_another.json["metadata"]) == 50


@pytest.mark.parametrize("metadata", [[], "x", 5, {"k": 5}, {"k": {}}, {"k": ["v"]}, {"k": True}])
def test_metadata_of_another_type_is_refused(house: House, metadata: object) -> None:
    answer = house.post(USERS, {"email": "ada@example.com", "metadata": metadata})

    assert (answer.status, answer.json["code"]) == (422, "invalid_request_parameters")
    assert [error["field"] for error in answer.json["errors"]] == ["metadata"]
