"""Who may call `authenticate`: a key in the header, a secret in the body, both, or neither (contract page 11 §1)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from gatelodge.contract.authentication import MagicAuthGrant, PasswordGrant, RefreshTokenGrant
from gatelodge.contract.errors import InvalidClient
from gatelodge.contract.operation import Access
from gatelodge.doors.assemble import ROUTES
from gatelodge.features.applications import actions as applications
from gatelodge.kit.unit import Actor
from tests.features.neighbours import issue_key, move_in, revoke_key
from tests.harness.inprocess import CLIENT, ENVIRONMENT, KEY, PASSWORD, Answer, House

AUTHENTICATE = "/user_management/authenticate"
ADA = {"grant_type": "password", "email": "ada@example.com", "password": PASSWORD}

# Header, secret and client; then the status, and the `error` of the answer.
CALLS = [
    ("ours", "ours", "ours", 200, None),
    ("ours", None, "ours", 200, None),
    (None, "ours", "ours", 200, None),
    ("ours", "second", "ours", 200, None),
    ("second", "ours", "ours", 200, None),
    (None, None, "ours", 400, "unauthorized_client"),
    (None, "", "ours", 400, "unauthorized_client"),
    ("theirs", "ours", "ours", 400, "unauthorized_client"),
    ("ours", "theirs", "ours", 400, "unauthorized_client"),
    ("ours", "theirs", "theirs", 400, "unauthorized_client"),
    ("theirs", "theirs", "ours", 400, "invalid_client"),
    ("theirs", None, "ours", 400, "invalid_client"),
    (None, "theirs", "ours", 400, "invalid_client"),
    ("ours", "ours", "theirs", 400, "invalid_client"),
    ("ours", "revoked", "ours", 400, "invalid_client"),
    (None, "revoked", "ours", 400, "invalid_client"),
    ("ours", "ours", "unknown", 400, "invalid_client"),
    (None, "revoked", "unknown", 400, "invalid_client"),
    (None, None, "unknown", 400, "invalid_client"),
    ("ours", "ours", None, 400, "invalid_request"),
    ("revoked", "revoked", "ours", 401, None),
    ("revoked", "ours", "ours", 401, None),
]


@pytest.mark.parametrize(("header", "secret", "client", "status", "error"), CALLS)
def test_a_client_is_who_its_keys_say(  # as many as a call has parts
    house: House, header: str | None, secret: str | None, client: str | None, *, status: int, error: str | None
) -> None:
    house.create_user()
    neighbour = move_in(house)
    neighbour.create_user()
    _, second = issue_key(house, ENVIRONMENT)
    revoked_id, revoked = issue_key(house, ENVIRONMENT)
    revoke_key(house, ENVIRONMENT, revoked_id)
    keys = {"ours": KEY, "second": second, "theirs": neighbour.key, "revoked": revoked, "": "", None: None}
    clients = {"ours": CLIENT, "theirs": neighbour.client_id, "unknown": "client_x", None: None}

    given = {"client_id": clients[client], "client_secret": keys[secret], **ADA}
    answer = house.call("POST", AUTHENTICATE, given, key=keys[header])
    # A client that was seen before is checked in passing.
    house.sign_in()
    neighbour.authenticate("password", email="ada@example.com", password=PASSWORD)
    in_passing = house.call("POST", AUTHENTICATE, given, key=keys[header])

    assert (answer.status, answer.json.get("error")) == (status, error)
    assert ("access_token" in answer.json) is (status == 200)
    assert in_passing.status == status
    assert status == 200 or in_passing.body == answer.body
    assert house.events("authentication.password_failed") == []


@pytest.mark.parametrize(("header", "secret", "client", "status", "error"), CALLS)
def test_a_refresh_that_checks_its_client_in_passing_is_answered_like_one_that_checks_it_before(
    house: House, header: str | None, secret: str | None, client: str | None, *, status: int, error: str | None
) -> None:
    house.create_user()
    neighbour = move_in(house)
    neighbour.create_user()
    _, second = issue_key(house, ENVIRONMENT)
    revoked_id, revoked = issue_key(house, ENVIRONMENT)
    revoke_key(house, ENVIRONMENT, revoked_id)
    keys = {"ours": KEY, "second": second, "theirs": neighbour.key, "revoked": revoked, "": "", None: None}
    clients = {"ours": CLIENT, "theirs": neighbour.client_id, "unknown": "client_x", None: None}
    token = house.sign_in().json["refresh_token"]
    neighbour.authenticate("password", email="ada@example.com", password=PASSWORD)
    grant = {"grant_type": "refresh_token", "refresh_token": token}

    given = {"client_id": clients[client], "client_secret": keys[secret], **grant}
    in_passing = house.call("POST", AUTHENTICATE, given, key=keys[header])
    house.runtime.memory.pop("client_homes")
    before = house.call("POST", AUTHENTICATE, given, key=keys[header])

    # Unlike a password, a refresh token is enough for a client that shows no key.
    expected = (200, None) if (header, client) == (None, "ours") and not secret else (status, error)
    assert (in_passing.status, in_passing.json.get("error")) == expected
    assert (before.status, before.body) == (in_passing.status, in_passing.body)


def refresh(house: House, token: str, **options: Any) -> Answer:
    grant = {"client_id": CLIENT, "client_secret": KEY, "grant_type": "refresh_token", "refresh_token": token}
    return house.call("POST", AUTHENTICATE, {**grant, **options.pop("members", {})}, **{"key": None, **options})


@pytest.mark.parametrize("key", [KEY, None])
def test_a_key_that_is_revoked_refreshes_nothing_from_then_on(house: House, key: str | None) -> None:
    house.create_user()
    key_id, second = issue_key(house, ENVIRONMENT)
    token = house.sign_in().json["refresh_token"]
    used = second if key else None
    token = refresh(house, token, key=used, members={"client_secret": second}).json["refresh_token"]

    revoke_key(house, ENVIRONMENT, key_id)
    refused = refresh(house, token, key=used, members={"client_secret": second})

    assert refused.status == (401 if key else 400)
    assert refresh(house, token).status == 200


def test_a_client_whose_environment_was_made_anew_is_found_there(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    house.runtime.memory["client_homes"][CLIENT] = "environment_of_old"

    assert refresh(house, token).status == 200
    assert house.runtime.memory["client_homes"][CLIENT] == ENVIRONMENT


def test_a_client_that_is_gone_is_unknown(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    house.runtime.memory["client_homes"]["client_gone"] = ENVIRONMENT

    answer = refresh(house, token, members={"client_id": "client_gone"})

    assert (answer.status, answer.json["error"]) == (400, "invalid_client")


def test_a_refresh_past_the_limit_of_its_key_rotates_nothing(furnished_database: str) -> None:
    house = House(furnished_database, limit_per_credential="3/60")
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    rotated = refresh(house, token).json["refresh_token"]

    refused = refresh(house, rotated)
    house.clock.advance(seconds=61)
    allowed = refresh(house, rotated)
    house.close()

    assert (refused.status, allowed.status) == (429, 200)


def test_the_last_use_of_a_key_that_refreshes_is_written_down(house: House) -> None:
    house.create_user()
    token = house.sign_in().json["refresh_token"]
    house.clock.advance(seconds=60)

    refresh(house, token)
    applications.flush_key_uses(house.unit())

    (key,) = applications.list_api_keys(house.unit(), ENVIRONMENT)
    assert key.last_used_at == house.clock.now()


def test_only_what_reads_first_is_checked_in_passing() -> None:
    (reading,) = [route for route in ROUTES if route.reads_first]
    assert reading.operation.access is Access.CLIENT
    assert reading.reads_first is not None

    password = PasswordGrant(client_id=CLIENT, email="ada@example.com", password=PASSWORD)
    assert reading.reads_first(RefreshTokenGrant(client_id=CLIENT, refresh_token="token"))
    assert reading.reads_first(structs.replace(password, client_secret=KEY))
    # Nobody is looked for on behalf of a client that shows no key.
    assert not reading.reads_first(password)
    assert not reading.reads_first(
        MagicAuthGrant(client_id=CLIENT, client_secret=KEY, email="ada@example.com", code="123456")
    )


def test_a_client_that_was_refused_stays_so_whatever_is_made_of_the_refusal(house: House) -> None:
    house.create_user()
    house.sign_in()
    unit = house.runtime.open_unit(Actor())
    guard = applications.guard_client(unit, CLIENT, "sk_test_wrong", proved="", admitted=lambda _: None)
    assert guard is not None

    for ask in (unit.read.one, unit.read.one, unit.read.all, unit.read.run, unit.read.queue):
        with pytest.raises(InvalidClient):
            ask("select id from users where environment_id = :environment_id", environment_id="")
    with pytest.raises(InvalidClient):
        guard.settle()
    assert unit.actor == Actor()
