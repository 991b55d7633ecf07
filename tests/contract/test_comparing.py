"""The comparison sees what would break a client, and a body that would."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from gatelodge.contract import users
from gatelodge.contract.operation import Access, Nothing
from tests.contract.bodies import find_faults
from tests.contract.comparing import faults, gaps


class Forgetful(msgspec.Struct, kw_only=True):
    """A user without an address, whose verification may be null."""

    object: str = "user"
    id: str
    email_verified: bool | None
    first_name: str | msgspec.UnsetType = msgspec.UNSET
    metadata: list[str]


class Choosy(msgspec.Struct, kw_only=True):
    """A request that insists on what may be left out, and refuses null."""

    user_id: str
    first_name: str
    metadata: dict[str, str]


def test_what_an_answer_lacks_or_has_wrong_is_a_fault() -> None:
    found = faults(msgspec.structs.replace(users.GET_USER, result=Forgetful))

    assert "answer: UserlandUser.email is required, and never given" in found
    assert "answer: UserlandUser.email_verified may be null, and the wire's may not" in found
    assert "answer: UserlandUser.first_name is required, and may be absent" in found
    assert "answer: UserlandUser.metadata is no map" in found


def test_what_a_request_refuses_is_a_fault() -> None:
    found = faults(msgspec.structs.replace(users.UPDATE_USER, request=Choosy))

    assert "request: first_name is insisted on, and the wire does not" in found
    assert "request: metadata refuses None" in found


def test_a_wrong_status_and_a_wrong_caller_are_faults() -> None:
    found = faults(msgspec.structs.replace(users.GET_USER, status=204, access=Access.PUBLIC))

    assert len(found) == 2


def test_an_error_that_is_not_documented_and_a_member_that_is_not_read_are_gaps() -> None:
    found = gaps(msgspec.structs.replace(users.UPDATE_USER, errors=("slow_down",), request=users.UserId))

    assert "error: 400 oauth slow_down is ours" in found
    assert "error: 400 plain invalid_metadata is never answered" in found
    assert "request: first_name is not read" in found


def test_an_answer_without_a_body_where_one_is_due_is_a_fault() -> None:
    assert faults(msgspec.structs.replace(users.GET_USER, result=Nothing))


USER: dict[str, Any] = {
    "object": "user",
    "id": "user_01KF0RDQG00YJBZZHEK77K5FNT",
    "email": "ada@example.com",
    "email_verified": True,
    "first_name": None,
    "last_name": None,
    "profile_picture_url": None,
    "external_id": None,
    "metadata": {},
    "last_sign_in_at": None,
    "created_at": "2026-01-15T12:00:00.000Z",
    "updated_at": "2026-01-15T12:00:00.000Z",
}


def test_a_right_body_has_no_fault() -> None:
    assert find_faults("UserlandUser", USER) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "user_1"},
        {"id": "session_01KF0RDQG00YJBZZHEK77K5FNT"},
        {"object": "person"},
        {"email": None},
        {"email_verified": 1},
        {"metadata": {"tier": 1}},
        {"created_at": "2026-01-15T12:00:00Z"},
        {"created_at": "2026-01-15T12:00:00.000000Z"},
        {"updated_at": "2026-01-15T12:00:00.000+00:00"},
    ],
    ids=str,
)
def test_a_wrong_member_is_seen(change: dict[str, Any]) -> None:
    assert len(find_faults("UserlandUser", {**USER, **change})) == 1


@pytest.mark.parametrize("name", ["email", "first_name", "created_at"])
def test_a_missing_key_is_seen(name: str) -> None:
    body = {key: value for key, value in USER.items() if key != name}

    assert find_faults("UserlandUser", body) == [f"UserlandUser.{name} is missing"]
