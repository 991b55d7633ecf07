"""The class without a socket: whole journeys, on both engines, as functions and as coroutines."""

from __future__ import annotations

import asyncio
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatelodge import AsyncUserManagement, UserManagement, errors
from gatelodge.testing import FrozenClock
from tests.sdk.faces import Face

PASSWORD = "seventeen yellow herons"
MASTER_KEY = "a master key of the tests, long enough"

Run = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


class Household:
    """The steps of a journey, written once: each call opens no new engine."""

    def __init__(self, face: Face, options: dict[str, Any]) -> None:
        self._loop = asyncio.Runner() if face == "async" else None
        self._client: Any = (AsyncUserManagement if self._loop else UserManagement).embedded(**options)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **members: Any) -> Any:
            given = getattr(self._client, name)(*arguments, **members)
            return self._loop.run(given) if self._loop and asyncio.iscoroutine(given) else given

        return call

    def walk(self, page: Any) -> list[Any]:
        if self._loop is None:
            return list(page.auto_paging_iter())

        async def gather() -> list[Any]:
            return [item async for item in page.auto_paging_iter()]

        return self._loop.run(gather())

    def close(self) -> None:
        if self._loop is None:
            self._client.close()
        else:
            self._loop.run(self._client.close())
            self._loop.close()


@pytest.fixture
def open_household(face: Face, clock: FrozenClock) -> Any:
    opened: list[Household] = []

    def make(database: str, **options: Any) -> Household:
        chosen = {"database": database, "master_key": MASTER_KEY, "clock": clock, **options}
        opened.append(Household(face, chosen))
        return opened[-1]

    yield make
    for household in opened:
        household.close()


@pytest.fixture
def um(database_url: str, open_household: Callable[..., Household]) -> Household:
    return open_household(database_url, base_url="https://auth.example.com")


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
    keys = um.get_jwks().keys

    assert [key.alg for key in keys] == ["RS256"]
    assert um.get_jwks_url() == "https://auth.example.com/sso/jwks/client_embedded"
    with pytest.raises(errors.NotFound):
        um.get_jwks("client_nobody")


def test_an_environment_of_another_client_sees_nothing_of_this_one(
    um: Household, database_url: str, open_household: Callable[..., Household]
) -> None:
    made = um.create_user("ada@example.com")
    other = open_household(database_url, client_id="client_other")

    assert other.list_users().data == []
    with pytest.raises(errors.NotFound):
        other.get_user(made.id)


def test_what_was_stored_is_there_when_the_engine_is_opened_again(
    face: Face, tmp_path: Path, clock: FrozenClock
) -> None:
    options = {"database": f"sqlite:///{tmp_path}/folder.d/app.db", "clock": clock}
    first = Household(face, options)
    made = first.create_user("ada@example.com", password=PASSWORD, email_verified=True)
    first.close()

    second = Household(face, options)
    found = second.get_user(made.id)
    begun = second.authenticate_with_password("ada@example.com", password=PASSWORD)
    second.close()

    assert found == made
    assert begun.access_token


def test_the_master_key_is_kept_beside_the_data_for_its_owner_only(tmp_path: Path) -> None:
    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db"):
        key = tmp_path / "app.db.master-key"

        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text()) >= 32
        assert sorted(path.name for path in tmp_path.iterdir() if "master-key" in path.name) == ["app.db.master-key"]


def test_another_master_key_does_not_open_the_data(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/app.db"
    UserManagement.embedded(database, master_key=MASTER_KEY).close()

    with pytest.raises(errors.ConfigurationInvalid):
        UserManagement.embedded(database, master_key=MASTER_KEY[::-1])


@pytest.mark.parametrize(
    ("database", "options"),
    [
        ("mysql://localhost/app", {}),
        ("sqlite:///:memory:", {}),
        ("sqlite:///{folder}/app.db", {"settings": {"no_such_setting": 1}}),
        ("sqlite:///{folder}/app.db", {"settings": {"session_ttl": "long"}}),
        ("sqlite:///{folder}/app.db", {"master_key": "short"}),
        ("sqlite:////proc/no/app.db", {"master_key": MASTER_KEY}),
    ],
)
def test_what_cannot_be_opened_is_one_clear_error(tmp_path: Path, database: str, options: dict[str, Any]) -> None:
    with pytest.raises(errors.ConfigurationInvalid) as caught:
        UserManagement.embedded(database.format(folder=tmp_path), **options)

    assert str(caught.value)


def test_a_database_that_is_away_is_no_fault_of_the_settings() -> None:
    with pytest.raises(errors.ServiceUnavailable):
        UserManagement.embedded("postgresql://127.0.0.1:1/app", master_key=MASTER_KEY)


def test_a_variable_left_in_the_shell_brings_neither_a_key_nor_development_mode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKOS_API_KEY", "sk_test_of_another_server")
    monkeypatch.setenv("WORKOS_CLIENT_ID", "client_of_another_server")
    monkeypatch.setenv("GATELODGE_DEVELOPMENT", "true")

    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as um:
        um.create_user("ada@example.com", password=PASSWORD, email_verified=True)

        assert um.client_id == "client_embedded"
        assert um.authenticate_with_password("ada@example.com", password=PASSWORD).access_token


def test_many_threads_share_one_client(tmp_path: Path) -> None:
    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as um:
        threads = [threading.Thread(target=um.create_user, args=(f"user{number}@example.com",)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert len(um.list_users(limit=100)) == 16


def test_sign_ins_hold_up_neither_the_loop_nor_a_read(tmp_path: Path) -> None:
    async def measure() -> tuple[list[float], list[float]]:
        async with AsyncUserManagement.embedded(
            f"sqlite:///{tmp_path}/app.db", settings={"limit_per_email": "off", "limit_per_account": "off"}
        ) as um:
            user = await um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
            sign_ins = [
                asyncio.create_task(um.authenticate_with_password("ada@example.com", password=PASSWORD))
                for _ in range(60)
            ]
            reads, ticks = [], []
            while not all(task.done() for task in sign_ins):
                start = time.perf_counter()
                await asyncio.sleep(0)
                ticks.append(time.perf_counter() - start)
                await um.get_user(user.id)
                reads.append(time.perf_counter() - start)
            await asyncio.gather(*sign_ins)
            return reads, ticks

    reads, ticks = asyncio.run(measure())

    # Behind the sign-ins a read would wait for all 60 of them, which take a second or more.
    assert len(reads) > 20
    assert sorted(reads)[len(reads) * 9 // 10] < 0.1
    assert sorted(ticks)[len(ticks) * 9 // 10] < 0.05


def test_a_lane_that_is_full_answers_at_once(tmp_path: Path) -> None:
    async def flood() -> list[Any]:
        async with AsyncUserManagement.embedded(
            f"sqlite:///{tmp_path}/app.db", settings={"hash_queue": 2, "hash_threads": 1}
        ) as um:
            calls = [um.authenticate_with_password(f"user{number}@x.example", password="x") for number in range(20)]
            return await asyncio.gather(*calls, return_exceptions=True)

    kinds = {type(outcome) for outcome in asyncio.run(flood())}

    assert kinds == {errors.InvalidCredentials, errors.ServiceUnavailable}


def test_a_call_that_is_cancelled_leaves_the_client_usable(tmp_path: Path) -> None:
    async def cancel() -> str:
        async with AsyncUserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as um:
            task = asyncio.create_task(um.authenticate_with_password("ada@example.com", password="x"))
            await asyncio.sleep(0.002)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return (await um.create_user("ada@example.com")).email

    assert asyncio.run(cancel()) == "ada@example.com"


def test_a_client_that_is_closed_refuses_calls_and_may_be_closed_again(tmp_path: Path) -> None:
    async def close_twice() -> None:
        closed = AsyncUserManagement.embedded(f"sqlite:///{tmp_path}/app.db")
        await closed.close()
        await closed.close()
        with pytest.raises(errors.ServiceUnavailable):
            await asyncio.wait_for(closed.list_users(), timeout=10)

    plain = UserManagement.embedded(f"sqlite:///{tmp_path}/app.db")
    plain.close()
    plain.close()
    with pytest.raises(errors.ServiceUnavailable):
        plain.list_users()
    asyncio.run(close_twice())
