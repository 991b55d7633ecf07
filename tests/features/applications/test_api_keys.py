"""API keys: shown once, kept as a keyed hash, refused once revoked (row 117)."""

from __future__ import annotations

import hashlib

from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor
from tests.features.neighbours import issue_key, move_in
from tests.harness.inprocess import ENVIRONMENT, House

USERS = "/user_management/users"


def test_the_secret_of_a_key_is_nowhere_once_it_was_shown(house: House) -> None:
    key_id, secret = issue_key(house, ENVIRONMENT)
    house.clock.advance(seconds=1)
    assert house.call("GET", USERS, key=secret).status == 200

    stored = str(house.runtime.database.reads.all("select * from api_keys where id = :id", id=key_id))
    listed = str(applications.list_api_keys(house.runtime.open_unit(Actor()), ENVIRONMENT))

    for shown in (stored, listed):
        assert secret not in shown
        # Nor a hash that anybody could compute, to try guesses on a stolen copy.
        assert hashlib.sha256(secret.encode()).hexdigest() not in shown
        assert str(hashlib.sha256(secret.encode()).digest()) not in shown


def test_what_only_resembles_a_key_is_refused_like_nothing_at_all(house: House) -> None:
    _, secret = issue_key(house, ENVIRONMENT)
    nothing = house.call("GET", USERS, key="sk_nobody")

    for wrong in (secret[:-1], secret + "x", secret.swapcase(), secret[:8], "sk_", f"{secret} {secret}"):
        answer = house.call("GET", USERS, key=wrong)
        assert (answer.status, answer.body) == (nothing.status, nothing.body) == (401, nothing.body)


def test_a_key_opens_its_own_environment_alone(house: House) -> None:
    user = house.create_user()
    neighbour = move_in(house)

    assert neighbour.call("GET", f"{USERS}/{user['id']}").status == 404
    assert neighbour.call("GET", USERS).json["data"] == []
    grant = {"email": user["email"], "password": "correct horse 17"}
    foreign = house.authenticate("password", secret=neighbour.key, **grant)
    assert (foreign.status, foreign.json["error"]) == (400, "invalid_client")
