"""Invitations in the wrong hands: other addresses, closed ones, tokens where they do not belong."""

from __future__ import annotations

from typing import Any

import pytest

from gatelodge.features.applications import actions as applications
from gatelodge.features.applications.policy import EnvironmentPolicy
from tests.harness.inprocess import ENVIRONMENT, Answer, House

PATH = "/user_management/invitations"


def invite(house: House, email: str = "ada@acme.example") -> dict[str, Any]:
    organization = house.post("/organizations", {"name": "Acme"}).json["id"]
    answer = house.post(PATH, {"email": email, "organization_id": organization})
    assert answer.status == 201, answer
    invitation: dict[str, Any] = answer.json
    return invitation


def sign_in(house: House, invitation: dict[str, Any], email: str) -> Answer:
    return house.sign_in(email, invitation_token=invitation["token"])


@pytest.mark.parametrize("close", ["revoke", "expire", "accept"])
def test_a_closed_invitation_lets_nobody_in_and_its_token_is_not_repeated(house: House, close: str) -> None:
    house.create_user("ada@acme.example")
    invitation = invite(house)
    if close == "revoke":
        house.post(f"{PATH}/{invitation['id']}/revoke")
    elif close == "expire":
        house.clock.advance(days=8)
    else:
        assert sign_in(house, invitation, "ada@acme.example").status == 200
    opened = len(house.events("session.created"))

    answer = sign_in(house, invitation, "ada@acme.example")

    assert (answer.status, answer.json["error"]) == (400, "invitation_invalid")
    assert invitation["token"].encode() not in answer.body
    assert len(house.events("session.created")) == opened


def test_an_address_of_the_same_domain_may_not_use_an_invitation_unless_the_environment_lets_it(house: House) -> None:
    house.create_user("grace@acme.example")
    invitation = invite(house)

    refused = sign_in(house, invitation, "grace@acme.example")
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(invitation_same_domain=True))
    let_in = sign_in(house, invitation, "grace@acme.example")

    assert refused.json["error"] == "invitation_cannot_be_used_for_email"
    assert (let_in.status, let_in.json["organization_id"]) == (200, invitation["organization_id"])


@pytest.mark.parametrize(
    ("invited", "other"),
    [
        ("ada@gmail.com", "eve@gmail.com"),
        ("ada@acme.example", "eve@sub.acme.example"),
        ("ada@a.example", "eve@b.example"),
    ],
)
def test_no_other_address_may_use_one_even_then(house: House, invited: str, other: str) -> None:
    applications.set_policy(house.unit(), ENVIRONMENT, EnvironmentPolicy(invitation_same_domain=True))
    house.create_user(other)
    invitation = invite(house, invited)

    answer = sign_in(house, invitation, other)

    assert answer.json["error"] == "invitation_cannot_be_used_for_email"
    assert house.get(f"{PATH}/{invitation['id']}").json["state"] == "pending"


def test_a_token_stands_in_no_event_no_row_and_no_answer_without_the_key(house: House) -> None:
    house.create_user("ada@acme.example")
    invitation = invite(house)
    sign_in(house, invitation, "ada@acme.example")

    rows = [str(row) for row in house.runtime.database.reads.all("select * from invitations")]
    keyless = house.call("GET", f"{PATH}/by_token/{invitation['token']}", key=None)

    assert invitation["token"] not in "".join(rows)
    assert all(invitation["token"] not in str(event) for event in house.events())
    assert keyless.status == 401
    assert invitation["token"].encode() not in keyless.body
