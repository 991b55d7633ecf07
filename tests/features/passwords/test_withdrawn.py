"""A password that is changed, or a user who is deleted, after it was proved and before the session is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from gatelodge.kit.hashing import PasswordHasher, Verdict
from tests.harness.inprocess import CLIENT, KEY, PASSWORD, Answer, House

USERS = "/user_management/users"
NEW = "four quiet lighthouses"


Meanwhile: TypeAlias = Callable[[Callable[[], Answer]], None]


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Meanwhile:
    """Have something done in the moment after the next password was proved."""

    def do(change: Callable[[], Answer]) -> None:
        verify = PasswordHasher.verify

        def verify_and_change(hasher: PasswordHasher, stored: str, password: str) -> Verdict:
            verdict = verify(hasher, stored, password)
            monkeypatch.undo()
            assert change().status == 200
            return verdict

        monkeypatch.setattr(PasswordHasher, "verify", verify_and_change)

    return do


def sessions_of(house: House, user_id: str) -> list[object]:
    return list(house.get(f"{USERS}/{user_id}/sessions").json["data"])


@pytest.mark.parametrize("headers", [{}, {"idempotency-key": "once"}])
def test_a_password_that_was_changed_meanwhile_opens_no_session(
    house: House, meanwhile: Meanwhile, headers: dict[str, str]
) -> None:
    user_id = house.create_user()["id"]
    meanwhile(lambda: house.call("PUT", f"{USERS}/{user_id}", {"password": NEW}))

    grant = {"grant_type": "password", "email": "ada@example.com", "password": PASSWORD}
    body = {"client_id": CLIENT, "client_secret": KEY, **grant}
    answer = house.post("/user_management/authenticate", body, headers=headers)

    assert (answer.status, answer.json["code"]) == (400, "invalid_credentials")
    assert sessions_of(house, user_id) == []
    assert house.get(f"{USERS}/{user_id}").json["last_sign_in_at"] is None
    assert house.events("session.created", "authentication.password_succeeded") == []
    # Nothing of it is left behind that would stand in the way.
    assert house.sign_in(password=NEW).status == 200


def test_a_step_is_not_asked_for_by_a_password_that_was_changed_meanwhile(house: House, meanwhile: Meanwhile) -> None:
    user_id = house.create_user(email_verified=False)["id"]
    meanwhile(lambda: house.call("PUT", f"{USERS}/{user_id}", {"password": NEW}))

    answer = house.sign_in()

    assert (answer.status, answer.json["code"]) == (400, "invalid_credentials")
    assert "pending_authentication_token" not in answer.json


def test_a_user_who_was_deleted_meanwhile_is_gone(house: House, meanwhile: Meanwhile) -> None:
    user_id = house.create_user()["id"]
    meanwhile(lambda: house.delete(f"{USERS}/{user_id}"))

    answer = house.sign_in()

    assert (answer.status, answer.json["error"]) == (400, "invalid_grant")
    assert house.events("session.created") == []
