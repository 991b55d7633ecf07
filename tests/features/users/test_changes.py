"""What a change of a user does and what it leaves alone; what goes with a user that is deleted."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.harness.inprocess import PASSWORD, House

USERS = "/user_management/users"
GIVEN = {"first_name": "Ada", "last_name": "Lovelace", "name": "Ada Lovelace", "locale": "en-GB"}


def _path(user: dict[str, Any]) -> str:
    return f"{USERS}/{user['id']}"


def test_members_that_are_absent_stay_and_null_clears(house: House) -> None:
    path = _path(house.create_user())
    given = house.put(path, GIVEN).json

    house.clock.advance(seconds=1)
    unchanged = house.put(path, {}).json
    cleared = house.put(path, dict.fromkeys(GIVEN)).json

    assert {name: given[name] for name in GIVEN} == GIVEN
    assert unchanged == given
    assert {name: cleared[name] for name in GIVEN} == dict.fromkeys(GIVEN)


def test_a_change_that_changes_nothing_makes_no_event_and_no_new_instant(house: House) -> None:
    user = house.create_user(metadata={"tier": "gold"}, external_id="crm-1")
    same = {name: user[name] for name in ("email", "email_verified", "external_id", "metadata")}

    house.clock.advance(seconds=5)
    answer = house.put(_path(user), same)

    assert answer.json == user
    assert house.events("user.updated") == []


def test_a_change_makes_one_event_that_shows_the_outcome(house: House) -> None:
    user = house.create_user()

    house.clock.advance(seconds=5)
    changed = house.put(_path(user), {"first_name": "Augusta"}).json

    assert [event["data"] for event in house.events("user.updated")] == [changed]
    assert changed["updated_at"] > user["updated_at"]
    assert changed["created_at"] == user["created_at"]


@pytest.mark.parametrize("locale", ["xx", "en_US", "english", "", "EN-us"])
def test_a_locale_that_is_not_in_the_list_is_refused_or_clears(house: House, locale: str) -> None:
    user = house.create_user()

    answer = house.put(_path(user), {"locale": locale})

    assert answer.status in {200, 400}
    if answer.status == 400:
        assert answer.json["code"] == "invalid_locale"
    assert house.get(_path(user)).json["locale"] is None or locale == "EN-us"


def test_a_refused_change_leaves_all_members_as_they_were(house: House) -> None:
    house.create_user("bob@example.com")
    user = house.create_user()

    for wrong in (
        {"email": "bob@example.com"},
        {"password": "short"},
        {"password": PASSWORD, "password_hash": "x", "password_hash_type": "bcrypt"},
        {"metadata": {"k" * 41: "v"}},
        {"locale": "xx"},
        {"email_verified": "yes"},
    ):
        answer = house.put(_path(user), {"first_name": "Changed", **wrong})
        assert answer.status in {400, 422}, wrong

    assert house.get(_path(user)).json == user
    assert house.sign_in().status == 200
    assert house.events("user.updated") == []


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"password": PASSWORD, "password_hash": "x"}, "password_and_password_hash_provided"),
        ({"password": PASSWORD, "password_hash_type": "bcrypt"}, "password_and_password_hash_type_provided"),
        ({"password_salt_position": "prefix"}, "password_salt_position_requires_password_hash"),
        ({"password_hash": "no hash", "password_hash_type": "bcrypt"}, "invalid_password_hash"),
        ({"password_hash": ""}, "invalid_password_hash"),
        ({"password_hash": "", "password_hash_type": "bcrypt"}, "invalid_password_hash"),
        ({"password": ""}, "password_strength_error"),
        ({"password": "short"}, "password_strength_error"),
        ({"password": "\0" * 12}, "password_strength_error"),
        ({"password": "ada@example.com"}, "password_strength_error"),
    ],
)
def test_a_credential_that_cannot_be_used_is_refused_by_its_code(
    house: House, members: dict[str, str], code: str
) -> None:
    user = house.create_user("eve@example.com")

    created = house.post(USERS, {"email": "ada@example.com", **members})
    changed = house.put(_path(user), {"email": "ada@example.com", **members})

    for answer in (created, changed):
        assert (answer.status, answer.json["code"]) == (400, code)


def test_members_that_nobody_knows_are_ignored(house: House) -> None:
    answer = house.post(USERS, {"email": "ada@example.com", "id": "user_x", "object": 5, "session": {}, "": None})

    assert answer.status == 201
    assert answer.json["id"] != "user_x"


@pytest.mark.parametrize("value", ["a\0b", {"a\0": ["b\0"]}, msgspec.json.decode("[" * 40 + "]" * 40)])
def test_members_that_nobody_knows_are_ignored_whatever_is_in_them(house: House, value: object) -> None:
    created = house.post(USERS, {"email": "ada@example.com", "password": PASSWORD, "unknown": value})
    changed = house.put(_path(created.json), {"email_verified": True, "unknown": value})
    signed_in = house.authenticate("password", email="ada@example.com", password=PASSWORD, unknown=value)
    listed = house.get(USERS, unknown="a\0b")

    assert [answer.status for answer in (created, changed, signed_in, listed)] == [201, 200, 200, 200]


def test_of_a_member_that_is_given_twice_the_last_counts_and_no_trace_of_the_first_is_kept(house: House) -> None:
    body = b'{"email": "eve@example.com", "email": "ada@example.com"}'

    assert house.post(USERS, body=body).json["email"] == "ada@example.com"
    assert house.get(USERS, email="eve@example.com").json["data"] == []


def test_a_deleted_user_takes_its_sessions_along_and_frees_its_names(house: House) -> None:
    user = house.create_user(external_id="crm-1")
    session = house.sign_in().json

    deleted = house.delete(_path(user))

    assert (deleted.status, deleted.body) == (200, b"")
    assert "content-type" not in deleted.headers
    assert house.authenticate("refresh_token", refresh_token=session["refresh_token"]).json["error"] == "invalid_grant"
    assert house.get(f"{_path(user)}/sessions").status == 404
    assert house.create_user(external_id="crm-1")["id"] != user["id"]
    ends = [event["event"] for event in house.events("session.revoked", "user.deleted")]
    assert ends == ["session.revoked", "user.deleted"]


def test_a_user_is_deleted_once(house: House) -> None:
    user = house.create_user()
    house.delete(_path(user))

    again = house.delete(_path(user))

    assert (again.status, again.json["entity_id"]) == (404, user["id"])
    assert len(house.events("user.deleted")) == 1
