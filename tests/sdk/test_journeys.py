"""Journeys of the class, the same through every way in: embedded and over HTTP, functions and coroutines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gatelodge import errors
from gatelodge.testing import FrozenClock
from tests.conftest import FreshDatabase
from tests.harness.databases import Engine
from tests.harness.inprocess import CLIENT
from tests.sdk.faces import Face
from tests.sdk.household import Home, Household, at_home, over_http

PASSWORD = "seventeen yellow herons"

WAYS: dict[str, tuple[Callable[[Face, str], AbstractContextManager[Home]], Engine]] = {
    "embedded-sqlite": (at_home, "sqlite"),
    "embedded-postgres": (at_home, "postgres"),
    "http-sqlite": (over_http, "sqlite"),
}


@pytest.fixture(params=WAYS)
def home(request: pytest.FixtureRequest, face: Face, fresh_database: FreshDatabase) -> Iterator[Home]:
    """Open the same engine in each way in turn."""
    enter, engine = WAYS[request.param]
    with enter(face, fresh_database(engine)) as home:
        yield home


@pytest.fixture
def um(home: Home) -> Household:
    return home.um


@pytest.fixture
def clock(home: Home) -> FrozenClock:
    return home.clock


def test_a_user_is_created_found_changed_and_deleted(um: Household) -> None:
    made = um.create_user("Ada@example.com", password=PASSWORD, external_id="crm/47 11", metadata={"tier": "gold"})

    assert um.get_user(made.id) == made == um.get_user_by_external_id("crm/47 11")
    assert [user.id for user in um.list_users("ada@EXAMPLE.com")] == [made.id]

    changed = um.update_user(made.id, first_name="Ada", external_id=None, metadata={"tier": None, "seat": "12"})
    assert (changed.first_name, changed.external_id, changed.metadata) == ("Ada", None, {"seat": "12"})

    assert um.delete_user(made.id) is None
    with pytest.raises(errors.NotFound) as caught:
        um.get_user(made.id)
    assert caught.value.entity_id == made.id
    assert caught.value.request_id


def test_a_session_lives_from_the_password_to_its_end(um: Household) -> None:
    user = um.create_user("ada@example.com", password=PASSWORD, email_verified=True)

    begun = um.authenticate_with_password("ada@example.com", password=PASSWORD, ip_address="203.0.113.7")
    renewed = um.authenticate_with_refresh_token(begun.refresh_token)
    session = um.list_sessions(user.id).data[0]

    assert begun.authentication_method == "Password"
    assert renewed.refresh_token != begun.refresh_token
    assert (session.status, session.ip_address) == ("active", "203.0.113.7")

    ended = um.revoke_session(session.id)
    assert (ended.id, ended.status) == (session.id, "revoked")
    assert um.list_sessions(user.id).data == []
    with pytest.raises(errors.InvalidGrant):
        um.authenticate_with_refresh_token(renewed.refresh_token)


def test_a_session_ends_when_its_time_is_over(um: Household, clock: FrozenClock) -> None:
    um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
    begun = um.authenticate_with_password("ada@example.com", password=PASSWORD)

    clock.advance(days=31)

    with pytest.raises(errors.InvalidGrant):
        um.authenticate_with_refresh_token(begun.refresh_token)


@pytest.mark.parametrize(("email", "password"), [("ada@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_user_are_the_same_error(um: Household, email: str, password: str) -> None:
    um.create_user("ada@example.com", password=PASSWORD, email_verified=True)

    with pytest.raises(errors.InvalidCredentials) as caught:
        um.authenticate_with_password(email, password=password)

    assert caught.value.message == errors.InvalidCredentials().message


def test_what_a_rule_forbids_is_an_error_with_its_faults(um: Household) -> None:
    um.create_user("ada@example.com")

    with pytest.raises(errors.UserCreationError) as taken:
        um.create_user("ADA@example.com")
    with pytest.raises(errors.PasswordStrengthError) as weak:
        um.create_user("grace@example.com", password="short")
    with pytest.raises(errors.RequestInvalid) as malformed:
        um.list_users(limit=0)

    assert taken.value.errors[0].code == "email_not_available"
    assert weak.value.errors
    assert malformed.value.errors[0].field == "limit"


def test_an_unproved_address_is_a_step_to_go_on_from(um: Household) -> None:
    um.create_user("ada@example.com", password=PASSWORD)

    with pytest.raises(errors.EmailVerificationRequired) as caught:
        um.authenticate_with_password("ada@example.com", password=PASSWORD)

    assert caught.value.email == "ada@example.com"
    assert caught.value.pending_authentication_token


def test_lists_are_walked_in_every_order(um: Household, clock: FrozenClock) -> None:
    made = []
    for number in range(23):
        made.append(um.create_user(f"user{number}@example.com").id)
        clock.advance(seconds=1)

    newest, oldest, normal = (
        [user.id for user in um.walk(um.list_users(limit=5, order=order))] for order in ("desc", "asc", "normal")
    )

    assert oldest == made
    assert newest == normal == made[::-1]


def test_events_tell_what_happened_oldest_first(um: Household, clock: FrozenClock) -> None:
    user = um.create_user("ada@example.com")
    clock.advance(seconds=1)
    um.update_user(user.id, first_name="Ada")
    clock.advance(seconds=1)
    um.delete_user(user.id)

    events = um.walk(um.list_events(["user.created", "user.updated", "user.deleted"], limit=1))

    assert [event.event for event in events] == ["user.created", "user.updated", "user.deleted"]
    assert {event.data["id"] for event in events} == {user.id}


def test_access_tokens_are_verified_by_the_published_keys(um: Household) -> None:
    user = um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
    token = um.authenticate_with_password("ada@example.com", password=PASSWORD).access_token
    keys = um.get_jwks().keys

    published = KeySet.import_key_set(
        {"keys": [{"kty": key.kty, "kid": key.kid, "n": key.n, "e": key.e} for key in keys]}
    )
    claims = jwt.decode(token, published, algorithms=["RS256"]).claims

    assert claims["sub"] == user.id
    assert um.list_sessions(user.id).data[0].id == claims["sid"]
    assert um.get_jwks_url() == f"{um.base_url}/sso/jwks/{CLIENT}"
    with pytest.raises(errors.NotFound):
        um.get_jwks("client_nobody")
