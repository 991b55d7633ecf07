"""One-time things between two server processes on one database: used once, whoever asks."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx2

    from tests.harness.servers import Server

RACERS = 50

Houses = tuple["Server", "Server"]


@pytest.fixture
def houses(pair: Houses) -> Houses:
    """Give two servers on one database; other tests use them, too."""
    return pair


@pytest.fixture
def email() -> str:
    """Give an address that no other test has."""
    return f"{secrets.token_hex(8)}@example.com"


def race(houses: Houses, ask: Callable[[httpx2.Client], httpx2.Response]) -> list[httpx2.Response]:
    """Ask the same of both servers at once, fifty times in all."""
    clients = [house.http() for house in houses]
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda number: ask(clients[number % 2]), range(RACERS)))


def authenticate(client: httpx2.Client, house: Server, **grant: str) -> httpx2.Response:
    """Post a grant as a confidential client."""
    members = {"client_id": house.client_id, "client_secret": house.api_key, **grant}
    return client.post("/user_management/authenticate", json=members)


def statuses(answers: list[httpx2.Response]) -> set[int]:
    """Give the statuses that occur; exactly one answer must be a success."""
    assert [answer.status_code for answer in answers].count(200) == 1
    return {answer.status_code for answer in answers}


def sessions(house: Server, user_id: str) -> int:
    """Count the sessions of a user."""
    return len(house.http().get(f"/user_management/users/{user_id}/sessions").json()["data"])


def test_a_magic_auth_code_opens_one_session_on_two_servers(houses: Houses, email: str) -> None:
    made = houses[0].http().post("/user_management/magic_auth", json={"email": email}).json()
    grant = {"grant_type": "urn:workos:oauth:grant-type:magic-auth:code", "code": made["code"], "email": email}

    answers = race(houses, lambda client: authenticate(client, houses[0], **grant))

    assert statuses(answers) == {200, 400}
    assert sessions(houses[1], made["user_id"]) == 1


def test_a_pending_sign_in_goes_on_once_on_two_servers(houses: Houses, email: str) -> None:
    client = houses[0].http()
    user = client.post("/user_management/users", json={"email": email, "password": "correct horse 17"}).json()
    begun = authenticate(client, houses[0], grant_type="password", email=email, password="correct horse 17").json()
    verification = client.get(f"/user_management/email_verification/{begun['email_verification_id']}").json()
    grant = {
        "grant_type": "urn:workos:oauth:grant-type:email-verification:code",
        "code": verification["code"],
        "pending_authentication_token": begun["pending_authentication_token"],
    }

    answers = race(houses, lambda client: authenticate(client, houses[0], **grant))

    assert statuses(answers) == {200, 400}
    assert sessions(houses[1], user["id"]) == 1


def test_a_reset_token_sets_one_password_on_two_servers(houses: Houses, email: str) -> None:
    client = houses[0].http()
    client.post("/user_management/users", json={"email": email, "password": "correct horse 17"})
    token = client.post("/user_management/password_reset", json={"email": email}).json()["password_reset_token"]
    passwords = iter([f"racing horse number {number}" for number in range(RACERS)])

    def reset(client: httpx2.Client) -> httpx2.Response:
        body = {"token": token, "new_password": next(passwords)}
        return client.post("/user_management/password_reset/confirm", json=body)

    assert statuses(race(houses, reset)) == {200, 400}


def test_a_session_does_not_outlive_the_password_that_opened_it_in_a_race(houses: Houses, email: str) -> None:
    client = houses[0].http()
    user = client.post(
        "/user_management/users", json={"email": email, "password": "correct horse 17", "email_verified": True}
    ).json()
    path = f"/user_management/users/{user['id']}"
    grant = {"grant_type": "password", "email": email, "password": "correct horse 17"}
    turns = iter(range(RACERS))

    def sign_in_or_change(client: httpx2.Client) -> httpx2.Response:
        if next(turns) == RACERS // 2:
            return client.put(path, json={"password": "another horse 18"})
        return authenticate(client, houses[0], **grant)

    answers = race(houses, sign_in_or_change)

    assert {answer.status_code for answer in answers} <= {200, 400}
    assert sessions(houses[1], user["id"]) == 0


def test_wrong_tries_on_two_servers_are_counted_together(houses: Houses, email: str) -> None:
    made = houses[0].http().post("/user_management/magic_auth", json={"email": email}).json()
    wrong = f"{(int(made['code']) + 1) % 1_000_000:06}"
    grant = {"grant_type": "urn:workos:oauth:grant-type:magic-auth:code", "code": wrong, "email": email}

    answers = race(houses, lambda client: authenticate(client, houses[0], **grant))

    codes = [answer.json()["code"] for answer in answers]
    assert codes.count("invalid_one_time_code") == 5
    assert codes.count("one_time_code_too_many_attempts") == RACERS - 5
