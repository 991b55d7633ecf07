"""The mail quota of an environment, and domains that take no mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.features.neighbours import move_in
from tests.harness.inprocess import ENVIRONMENT, Answer, House
from tests.harness.mails import mails
from tests.harness.nameserver import NameServer

ADA = "ada@example.com"
USERS = "/user_management/users"
Send = Callable[[House, dict[str, Any]], Answer]

SENDS: dict[str, Send] = {
    "magic_auth": lambda house, user: house.post("/user_management/magic_auth", {"email": user["email"]}),
    "password_reset": lambda house, user: house.post("/user_management/password_reset", {"email": user["email"]}),
    "email_verification": lambda house, user: house.post(f"{USERS}/{user['id']}/email_verification/send"),
    "email_change": lambda house, user: house.post(
        f"{USERS}/{user['id']}/email_change/send", {"new_email": "ada@new.example"}
    ),
    "sign_in": lambda house, user: house.sign_in(user["email"]),
}


@pytest.fixture
def spent(furnished_database: str) -> Iterator[House]:
    """Give a house whose environment has one mail left for the day, and spends it."""
    made = House(furnished_database, limit_mails="1/86400")
    assert made.post("/user_management/magic_auth", {"email": "first@example.com"}).status == 201
    yield made
    made.close()


@pytest.mark.parametrize("send", SENDS.values(), ids=SENDS)
def test_a_quota_that_is_used_up_is_told_and_nothing_is_made_or_sent(spent: House, send: Send) -> None:
    user = spent.create_user(email_verified=False)
    before = len(spent.events())

    answer = send(spent, user)

    assert (answer.status, answer.json["code"]) == (429, "daily_quota_exceeded")
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    assert mails(spent, to=ADA) == []
    assert len(spent.events()) == before


def test_a_quota_fills_up_again_and_is_each_environments_own(spent: House) -> None:
    neighbour = move_in(spent)
    assert neighbour.call("POST", "/user_management/magic_auth", {"email": ADA}).status == 201

    spent.clock.advance(seconds=86_400)

    assert spent.post("/user_management/magic_auth", {"email": ADA}).status == 201


def test_an_environment_that_sends_its_own_mail_has_no_quota(spent: House) -> None:
    applications.set_policy(spent.unit(), ENVIRONMENT, EnvironmentPolicy(sends_mail=False))

    assert spent.post("/user_management/magic_auth", {"email": ADA}).status == 201


@pytest.fixture
def names() -> Iterator[NameServer]:
    """Give a name server that knows one domain of each kind."""
    with NameServer() as server:
        server.exchangers |= {"takes.example": ["10 mx.takes.example."], "never.example": ["0 ."]}
        server.hosts |= {"plain.example": ["192.0.2.1"]}
        server.texts |= {"words.example": ["v=spf1 -all"]}
        yield server


@pytest.fixture
def careful(furnished_database: str, names: NameServer) -> Iterator[House]:
    """Give a house that looks whether a domain takes mail."""
    made = House(furnished_database, limits=False, dns_resolvers=[names.address], check_mail_domains=True)
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/user_management/magic_auth", "/user_management/invitations"])
@pytest.mark.parametrize("domain", ["never.example", "words.example", "nowhere.example"])
def test_a_domain_that_takes_no_mail_is_refused(careful: House, path: str, domain: str) -> None:
    answer = careful.post(path, {"email": f"ada@{domain}"})

    assert (answer.status, answer.json["code"]) == (400, "email_domain_not_deliverable")
    assert careful.get(USERS).json["data"] == []


@pytest.mark.parametrize("path", ["/user_management/magic_auth", "/user_management/invitations"])
@pytest.mark.parametrize("domain", ["takes.example", "plain.example"])
def test_a_domain_that_takes_mail_is_sent_it(careful: House, path: str, domain: str) -> None:
    assert careful.post(path, {"email": f"ada@{domain}"}).status == 201


def test_name_servers_that_fail_keep_nobody_out(careful: House, names: NameServer) -> None:
    names.fails = True

    assert careful.post("/user_management/magic_auth", {"email": "ada@nowhere.example"}).status == 201


def test_an_invitation_is_not_resent_to_a_domain_that_takes_mail_no_more(careful: House, names: NameServer) -> None:
    invitation = careful.post("/user_management/invitations", {"email": "ada@takes.example"}).json
    names.exchangers["takes.example"] = ["0 ."]

    answer = careful.post(f"/user_management/invitations/{invitation['id']}/resend", {})

    assert (answer.status, answer.json["code"]) == (400, "email_domain_not_deliverable")
