"""Two servers, one address: exactly one user, whoever is asked."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx2

from tests.doors.accounts import USERS, new_email
from tests.harness.servers import Server

RACERS = 16


def _race(pair: tuple[Server, Server], bodies: list[dict[str, str]]) -> list[httpx2.Response]:
    clients = [server.http() for server in pair]
    start = threading.Barrier(len(bodies))

    def send(number: int) -> httpx2.Response:
        start.wait(timeout=30)
        return clients[number % 2].post(USERS, json=bodies[number])

    with ThreadPoolExecutor(len(bodies)) as pool:
        return list(pool.map(send, range(len(bodies))))


def test_of_users_created_at_once_with_spellings_of_one_address_one_is_made(pair: tuple[Server, Server]) -> None:
    for _ in range(4):
        email = new_email()
        spellings = [email, email.upper(), email.replace("user", "\uff55ser"), f" {email}"]

        answers = _race(pair, [{"email": spellings[number % 4]} for number in range(RACERS)])

        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [201] + [400] * (RACERS - 1)
        refused = {answer.json()["errors"][0]["code"] for answer in answers if answer.status_code == 400}
        assert refused == {"email_not_available"}
        for server in pair:
            assert len(server.http().get(USERS, params={"email": email}).json()["data"]) == 1


def test_of_users_created_at_once_with_one_external_id_one_is_made(pair: tuple[Server, Server]) -> None:
    external_id = new_email()

    answers = _race(pair, [{"email": new_email(), "external_id": external_id} for _ in range(RACERS)])

    assert sorted(answer.status_code for answer in answers) == [201] + [400] * (RACERS - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"external_id_already_used"}


def test_users_who_take_one_address_at_once_leave_it_to_one_of_them(pair: tuple[Server, Server]) -> None:
    client = pair[0].http()
    users = [client.post(USERS, json={"email": new_email()}).json() for _ in range(8)]
    wanted = new_email()
    clients = [server.http() for server in pair]
    start = threading.Barrier(len(users))

    def take(number: int) -> httpx2.Response:
        start.wait(timeout=30)
        return clients[number % 2].put(f"{USERS}/{users[number]['id']}", json={"email": wanted})

    with ThreadPoolExecutor(len(users)) as pool:
        answers = list(pool.map(take, range(len(users))))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * (len(users) - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 400} == {"email_not_available"}
    assert len(client.get(USERS, params={"email": wanted}).json()["data"]) == 1


def test_changes_of_one_users_metadata_at_once_are_all_kept(pair: tuple[Server, Server]) -> None:
    clients = [server.http() for server in pair]
    user = clients[0].post(USERS, json={"email": new_email()}).json()

    def change(number: int) -> int:
        path = f"{USERS}/{user['id']}"
        return clients[number % 2].put(path, json={"metadata": {f"key{number}": "v"}}).status_code

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(change, range(32))) == {200}

    assert len(clients[1].get(f"{USERS}/{user['id']}").json()["metadata"]) == 32
