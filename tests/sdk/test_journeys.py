"""The same journeys through six doors, on both engines, with the same answers and the same errors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gatelodge import errors
from tests.harness.databases import Databases
from tests.harness.guard import Guard
from tests.sdk.doors import DOORS, Door, Doors
from tests.sdk.household import Household
from tests.sdk.story import PASSWORD, tell_story

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def doors(guard: Guard, databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    opened = Doors(guard, databases, tmp_path_factory.mktemp("doors"))
    yield opened
    opened.close()


# One worker of a parallel run opens all the doors, once.
@pytest.fixture(params=[pytest.param(door, id=str(door), marks=pytest.mark.xdist_group("doors")) for door in DOORS])
def um(request: pytest.FixtureRequest, doors: Doors) -> Household:
    """Come in through each door in turn; what is behind is shared with the other tests."""
    door: Door = request.param
    return doors.enter(door)


@pytest.fixture
def email() -> str:
    """Give an address that no other test uses."""
    return f"ada{next(_NUMBERS)}@example.com"


@pytest.fixture(scope="module")
def tell(doors: Doors) -> Callable[[Door], list[str]]:
    """Tell the story behind a door, once."""
    told: dict[Door, list[str]] = {}

    def tell(door: Door) -> list[str]:
        if door not in told:
            told[door] = tell_story(doors.enter(door), place=f"{door.face}{door.way}{door.engine}")
        return told[door]

    return tell


@pytest.mark.parametrize(
    "door", [pytest.param(door, id=str(door), marks=pytest.mark.xdist_group("doors")) for door in DOORS[1:]]
)
def test_every_door_tells_the_same_story(door: Door, tell: Callable[[Door], list[str]]) -> None:
    first, story = tell(DOORS[0]), tell(door)

    assert story == first


@pytest.mark.xdist_group("doors")
def test_the_story_meets_most_kinds_of_errors(tell: Callable[[Door], list[str]]) -> None:
    kinds = {page.partition(" -> ")[2].partition(":")[0] for page in tell(DOORS[0])}

    assert len({kind for kind in kinds if issubclass(getattr(errors, kind, object), errors.GatelodgeError)}) >= 25


def test_a_user_is_created_found_changed_and_deleted(um: Household, email: str) -> None:
    made = um.create_user(email.upper(), password=PASSWORD, external_id=f"crm/47 {email}", metadata={"tier": "gold"})

    assert um.get_user(made.id) == made == um.get_user_by_external_id(f"crm/47 {email}")
    assert [user.id for user in um.list_users(email)] == [made.id]

    changed = um.update_user(made.id, first_name="Ada", external_id=None, metadata={"tier": None, "seat": "12"})
    assert (changed.first_name, changed.external_id, changed.metadata) == ("Ada", None, {"seat": "12"})

    assert um.delete_user(made.id) is None
    with pytest.raises(errors.NotFound) as caught:
        um.get_user(made.id)
    assert caught.value.entity_id == made.id
    assert caught.value.request_id


def test_a_session_lives_from_the_password_to_its_end(um: Household, email: str) -> None:
    user = um.create_user(email, password=PASSWORD, email_verified=True)

    begun = um.authenticate_with_password(email, password=PASSWORD, ip_address="203.0.113.7")
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


def test_a_wrong_password_and_an_unknown_user_are_the_same_error(um: Household, email: str) -> None:
    um.create_user(email, password=PASSWORD, email_verified=True)

    with pytest.raises(errors.InvalidCredentials) as wrong:
        um.authenticate_with_password(email, password="wrong")
    with pytest.raises(errors.InvalidCredentials) as unknown:
        um.authenticate_with_password(f"not.{email}", password=PASSWORD)

    assert wrong.value.message == unknown.value.message == errors.InvalidCredentials().message


def test_what_a_rule_forbids_is_an_error_with_its_faults(um: Household, email: str) -> None:
    um.create_user(email)

    with pytest.raises(errors.UserCreationError) as taken:
        um.create_user(email.upper())
    with pytest.raises(errors.PasswordStrengthError) as weak:
        um.create_user(f"grace.{email}", password="short")
    with pytest.raises(errors.RequestInvalid) as malformed:
        um.list_users(limit=0)

    assert taken.value.errors[0].code == "email_not_available"
    assert weak.value.errors
    assert malformed.value.errors[0].field == "limit"


def test_an_unproved_address_is_a_step_to_go_on_from(um: Household, email: str) -> None:
    um.create_user(email, password=PASSWORD)

    with pytest.raises(errors.EmailVerificationRequired) as caught:
        um.authenticate_with_password(email, password=PASSWORD)
    proof = um.get_email_verification(caught.value.email_verification_id)
    begun = um.authenticate_with_email_verification(
        proof.code, pending_authentication_token=caught.value.pending_authentication_token
    )

    assert caught.value.email == begun.user.email == email
    assert begun.user.email_verified


def test_lists_are_walked_in_every_order(um: Household, email: str) -> None:
    organization = um.create_organization("Acme")
    made = [um.create_user(f"user{number}.{email}").id for number in range(7)]
    for user_id in made:
        um.create_organization_membership(user_id, organization_id=organization.id)

    newest, oldest, normal = (
        [user.id for user in um.walk(um.list_users(organization_id=organization.id, limit=3, order=order))]
        for order in ("desc", "asc", "normal")
    )

    assert sorted(oldest) == sorted(made)
    assert newest == normal == oldest[::-1]


def test_events_tell_what_happened_oldest_first(um: Household, email: str) -> None:
    organization = um.create_organization("Acme")
    user = um.create_user(email)
    member = um.create_organization_membership(user.id, organization_id=organization.id)
    um.delete_organization_membership(member.id)

    events = um.walk(um.list_events(organization_id=organization.id, limit=1))

    names = [event.event for event in events]
    assert names.index("organization.created") < names.index("organization_membership.created")
    assert names.index("organization_membership.created") < names.index("organization_membership.deleted")
    assert member.id in {event.data["id"] for event in events}


def test_access_tokens_are_verified_by_the_published_keys(um: Household, email: str) -> None:
    user = um.create_user(email, password=PASSWORD, email_verified=True)
    token = um.authenticate_with_password(email, password=PASSWORD).access_token
    keys = um.get_jwks().keys

    published = KeySet.import_key_set(
        {"keys": [{"kty": key.kty, "kid": key.kid, "n": key.n, "e": key.e} for key in keys]}
    )
    claims = jwt.decode(token, published, algorithms=["RS256"]).claims

    assert claims["sub"] == user.id
    assert um.list_sessions(user.id).data[0].id == claims["sid"]
    assert um.get_jwks_url().startswith(f"{um.base_url}/sso/jwks/client_")
    with pytest.raises(errors.NotFound):
        um.get_jwks("client_nobody")
