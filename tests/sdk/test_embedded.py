"""The class without a socket: how it opens and closes, its keys, its threads."""

from __future__ import annotations

import asyncio
import stat
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from gatelodge import AsyncUserManagement, UserManagement, errors
from gatelodge.embedded import open_transport
from gatelodge.sdk.wire import WireRequest

PASSWORD = "seventeen yellow herons"
MASTER_KEY = "a master key of the tests, long enough"


def test_an_environment_of_another_client_sees_nothing_of_this_one(database_url: str) -> None:
    with (
        UserManagement.embedded(database_url, master_key=MASTER_KEY) as um,
        UserManagement.embedded(database_url, master_key=MASTER_KEY, client_id="client_other") as other,
    ):
        made = um.create_user("ada@example.com")

        assert other.list_users().data == []
        with pytest.raises(errors.NotFound):
            other.get_user(made.id)


def test_what_was_stored_is_there_when_the_engine_is_opened_again(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/folder.d/app.db"
    with UserManagement.embedded(database) as first:
        made = first.create_user("ada@example.com", password=PASSWORD, email_verified=True)

    with UserManagement.embedded(database) as second:
        assert second.get_user(made.id) == made
        assert second.authenticate_with_password("ada@example.com", password=PASSWORD).access_token


def test_the_master_key_is_kept_beside_the_data_for_its_owner_only(tmp_path: Path) -> None:
    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db"):
        key = tmp_path / "app.db.master-key"

        assert stat.S_IMODE(key.stat().st_mode) == 0o600
        assert len(key.read_text()) >= 32
        assert sorted(path.name for path in tmp_path.iterdir() if "master-key" in path.name) == ["app.db.master-key"]


def test_the_engine_writes_nothing_into_the_program_s_own_output(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as um:
        um.create_user("ada@example.com", password=PASSWORD)
        um.create_magic_auth("ada@example.com")
        with pytest.raises(errors.NotFound):
            um.get_user("user_unknown")

    assert tuple(capfd.readouterr()) == ("", "")


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
def test_what_cannot_be_opened_is_one_clear_error_and_leaves_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: str, options: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(errors.ConfigurationInvalid) as caught:
        UserManagement.embedded(database.format(folder=tmp_path), **options)

    assert str(caught.value)
    assert not list(tmp_path.glob("*.master-key*"))


def test_a_database_that_is_away_is_no_fault_of_the_settings() -> None:
    with pytest.raises(errors.ServiceUnavailable):
        UserManagement.embedded("postgresql://127.0.0.1:1/app", master_key=MASTER_KEY)


def test_a_variable_left_in_the_shell_brings_no_key_and_no_client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKOS_API_KEY", "sk_test_of_another_server")
    monkeypatch.setenv("WORKOS_CLIENT_ID", "client_of_another_server")

    with UserManagement.embedded(f"sqlite:///{tmp_path}/app.db") as um:
        um.create_user("ada@example.com", password=PASSWORD, email_verified=True)

        assert um.client_id == "client_embedded"
        assert um.authenticate_with_password("ada@example.com", password=PASSWORD).access_token


def test_the_switches_of_development_are_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATELODGE_DEVELOPMENT", "true")
    transport = open_transport(f"sqlite:///{tmp_path}/app.db")

    answer = transport.send(WireRequest(method="GET", path="/_dev/clock", headers={}))
    transport.close()

    assert answer.status == 404


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
                for _ in range(40)
            ]
            reads, ticks = [], []
            while not all(task.done() for task in sign_ins):
                start = time.perf_counter()
                await asyncio.sleep(0)
                ticks.append(time.perf_counter() - start)
                await um.get_user(user.id)
                reads.append(time.perf_counter() - start)
                await asyncio.sleep(0.005)
            await asyncio.gather(*sign_ins)
            return reads, ticks

    reads, ticks = asyncio.run(measure())

    # Behind the sign-ins a read would wait for all 40 of them, which take half a second or more.
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
