"""New passwords are looked up among leaked ones, where the settings say so (row 8)."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gatelodge.features.passwords import actions as passwords
from tests.harness.inprocess import PASSWORD, Answer, House
from tests.harness.leak_service import LeakService, leak_service
from tests.harness.ports import free_port

if TYPE_CHECKING:
    from tests.conftest import StartServer

LEAKED = "a horse that leaked 17"
USERS = "/user_management/users"


@pytest.fixture
def service() -> Iterator[LeakService]:
    """Run a collection that holds one password."""
    with leak_service() as running:
        running.leaked.add(LEAKED)
        yield running


@pytest.fixture(params=["ask", "require"])
def asking(request: pytest.FixtureRequest, furnished_database: str, service: LeakService) -> Iterator[House]:
    """Give a house that asks, and one that insists on an answer."""
    made = House(furnished_database, limits=False, leaked_passwords=request.param, leaked_passwords_url=service.url)
    yield made
    made.close()


def _sign_up(house: House, password: str, email: str = "ada@example.com") -> Answer:
    return house.post(USERS, {"email": email, "password": password, "email_verified": True})


def test_a_leaked_password_is_refused_wherever_one_is_set(asking: House) -> None:
    user = asking.create_user()
    reset = asking.post("/user_management/password_reset", {"email": user["email"]}).json
    redeem = {"token": reset["password_reset_token"], "new_password": LEAKED}

    refused = [
        _sign_up(asking, LEAKED, "grace@example.com"),
        asking.put(f"{USERS}/{user['id']}", {"password": LEAKED}),
        asking.post("/user_management/password_reset/confirm", redeem),
    ]

    codes = ["password_strength_error", "password_strength_error", "password_reset_error"]
    assert [(answer.status, answer.json["code"]) for answer in refused] == [(400, code) for code in codes]
    for answer in refused:
        assert [fault["code"] for fault in answer.json["errors"]] == ["password_pwned"]
    assert asking.sign_in().status == 200
    assert asking.get(USERS, email="grace@example.com").json["data"] == []


def test_the_service_is_told_five_letters_of_a_hash_and_a_sign_in_asks_nothing(
    asking: House, service: LeakService
) -> None:
    asking.create_user()
    assert asking.sign_in().status == 200
    _sign_up(asking, "short")

    digest = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
    assert service.asked == [(f"/range/{digest[:5]}", "true")]


def test_a_password_is_looked_up_however_its_accents_are_composed(asking: House, service: LeakService) -> None:
    service.leaked.add("caf\u00e9 au lait 1789")

    assert _sign_up(asking, "cafe\u0301 au lait 1789").status == 400


def test_padding_is_no_leak(asking: House, service: LeakService) -> None:
    digest = hashlib.sha1(PASSWORD.encode(), usedforsecurity=False).hexdigest().upper()
    service.body = f"{digest[5:]}:0\r\n".encode()

    assert _sign_up(asking, PASSWORD).status == 201


@pytest.mark.parametrize(
    ("status", "body"),
    [(503, b""), (302, b""), (200, b"<html>"), (200, b"\xff"), (200, b"A:" + b"1" * 2_000_000)],
    ids=["503", "redirect", "html", "bytes", "too much"],
)
def test_a_service_that_gives_no_answer_is_passed_over_or_insisted_on(
    asking: House, service: LeakService, status: int, body: bytes
) -> None:
    service.status, service.body = status, body

    answer = _sign_up(asking, LEAKED)

    if asking.settings.leaked_passwords == "ask":
        assert answer.status == 201
    else:
        assert (answer.status, answer.json["code"]) == (503, "service_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
        assert asking.get(USERS).json["data"] == []
    assert passwords.count_unchecked(asking.unit()) == 1
    assert passwords.count_unchecked(asking.unit()) == 0


def test_a_service_that_is_down_is_left_alone_for_some_seconds(asking: House, service: LeakService) -> None:
    service.status = 503
    for number in range(4):
        _sign_up(asking, LEAKED, f"user{number}@example.com")
    assert len(service.asked) == 1

    service.status = 200
    asking.clock.advance(hours=-1)
    assert _sign_up(asking, LEAKED, "early@example.com").status == 400
    asking.clock.advance(hours=1, seconds=15)

    assert _sign_up(asking, LEAKED, "grace@example.com").status == 400
    assert len(service.asked) == 3


def test_nothing_is_asked_unless_the_settings_say_so(house: House, service: LeakService) -> None:
    assert _sign_up(house, LEAKED).status == 201
    assert service.asked == []


def test_passwords_that_were_not_looked_up_are_counted_in_the_log(server: StartServer) -> None:
    settings = {
        "GATELODGE_LEAKED_PASSWORDS": "ask",
        "GATELODGE_LEAKED_PASSWORDS_URL": f"http://127.0.0.1:{free_port()}",
    }
    running = server(settings=settings)
    client = running.http()
    for email in ("ada@example.com", "grace@example.com"):
        assert client.post(USERS, json={"email": email, "password": LEAKED}).status_code == 201

    deadline = time.monotonic() + 20
    told = 0
    while told < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
        lines = [json.loads(line) for line in running.output().splitlines() if '"warning"' in line]
        told = sum(line["passwords"] for line in lines if "looked up" in line["event"])

    assert told == 2
    assert LEAKED not in running.output()
