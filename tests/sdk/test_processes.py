"""An embedded client among threads, tasks and forked processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gatelodge import AsyncUserManagement, UserManagement, errors
from gatelodge.sdk.flights import Flights
from gatelodge.sdk.retry import SystemTiming
from tests.harness.guard import Guard
from tests.harness.inprocess import CLIENT, MASTER_KEY
from tests.harness.servers import PLAIN
from tests.sdk.doors import serve_under_gunicorn
from tests.sdk.recording import Answer, RecordingServer
from tests.sdk.shapes import USER

ROOT = Path(__file__).parents[2]
PASSWORD = "seventeen yellow herons"
MANY = 50


def options(url: str) -> dict[str, Any]:
    return {"database": url, "client_id": CLIENT, "master_key": MASTER_KEY}


def run_in_threads(work: Callable[[int], Any]) -> list[Any]:
    """Do the same on many threads at once; give what each came to."""
    outcomes: list[Any] = [None] * MANY
    starting = threading.Barrier(MANY)

    def run(number: int) -> None:
        starting.wait()
        try:
            outcomes[number] = work(number)
        except Exception as error:  # noqa: BLE001  # the test looks at it
            outcomes[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return outcomes


def test_fifty_threads_share_one_client(database_url: str) -> None:
    def live(number: int) -> str:
        user = um.create_user(f"user{number}@example.com")
        um.update_user(user.id, metadata={"number": str(number)})
        return str(um.get_user(user.id).metadata["number"])

    with UserManagement.embedded(**options(database_url)) as um:
        outcomes = run_in_threads(live)

        assert outcomes == [str(number) for number in range(MANY)]
        assert len(um.list_users(limit=100)) == MANY


def test_fifty_threads_with_one_refresh_token_get_one_pair(database_url: str) -> None:
    with UserManagement.embedded(**options(database_url)) as um:
        um.create_user("ada@example.com", password=PASSWORD, email_verified=True)
        begun = um.authenticate_with_password("ada@example.com", password=PASSWORD)

        outcomes = run_in_threads(lambda _: um.authenticate_with_refresh_token(begun.refresh_token).refresh_token)

    assert len(set(outcomes)) == 1
    assert isinstance(outcomes[0], str)


def test_fifty_tasks_share_one_client(database_url: str) -> None:
    async def live_all() -> tuple[list[Any], int]:
        async with AsyncUserManagement.embedded(**options(database_url)) as um:

            async def live(number: int) -> str:
                user = await um.create_user(f"user{number}@example.com")
                await um.update_user(user.id, metadata={"number": str(number)})
                return str((await um.get_user(user.id)).metadata["number"])

            outcomes = await asyncio.gather(*(live(number) for number in range(MANY)))
            return outcomes, len(await um.list_users(limit=100))

    assert asyncio.run(live_all()) == ([str(number) for number in range(MANY)], MANY)


def test_closing_amid_calls_lets_each_end_one_way_or_the_other(database_url: str) -> None:
    um = UserManagement.embedded(**options(database_url))

    def create_until_closed(number: int) -> None:
        for turn in range(10_000):
            um.create_user(f"user{number}.{turn}@example.com")
            if turn == 3 and number == 0:
                um.close()

    outcomes = run_in_threads(create_until_closed)

    assert {type(outcome) for outcome in outcomes} == {errors.ServiceUnavailable}
    with UserManagement.embedded(**options(database_url)) as again:
        assert len(again.list_users(limit=100)) >= 4


def run_apart(face: str, url: str) -> None:
    """Run a program that forks while its client is open, or that has several loops."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.sdk.forking", face, url],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("face", ["functions", "coroutines", "mounted"])
def test_a_fork_leaves_each_process_an_engine_of_its_own(database_url: str, face: str) -> None:
    run_apart(face, database_url)

    with UserManagement.embedded(**options(database_url)) as um:
        emails = {user.email for user in um.list_users()}
    assert emails >= {"parent@example.com", "child@example.com"}
    assert face == "coroutines" or "before@example.com" in emails


@pytest.mark.parametrize("face", ["http", "http-coroutines"])
def test_processes_do_not_share_a_connection_and_so_never_each_others_answers(
    recorder: RecordingServer, face: str
) -> None:
    recorder.answer(Answer(body=USER))

    run_apart(face, recorder.url)

    ports = {name: {asked.port for asked in recorder.asked if asked.target.endswith(name)} for name in ("ent", "ild")}
    assert {asked.target.rpartition("/")[2] for asked in recorder.asked} == {"before", "parent", "child"}
    assert len(ports["ild"]) == 1
    assert not ports["ild"] & ports["ent"]


def test_a_client_of_coroutines_serves_one_loop_after_another_and_many_at_once(recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    run_apart("loops", recorder.url)

    assert len(recorder.asked) == 15 + 20 * 3


def test_a_client_over_http_that_is_closed_refuses_calls_and_may_be_closed_again(recorder: RecordingServer) -> None:
    recorder.answer(Answer(body=USER))

    async def close_twice() -> None:
        um = AsyncUserManagement("sk_test", client_id=CLIENT, base_url=recorder.url)
        await um.get_user("user_01")
        await um.close()
        await um.close()
        with pytest.raises(errors.ServiceUnavailable):
            await um.get_user("user_01")

    plain = UserManagement("sk_test", client_id=CLIENT, base_url=recorder.url)
    plain.get_user("user_01")
    plain.close()
    plain.close()
    with pytest.raises(errors.ServiceUnavailable):
        plain.get_user("user_01")
    asyncio.run(close_twice())
    assert len(recorder.asked) == 2


def test_what_was_under_way_in_the_parent_does_not_hold_up_a_child() -> None:
    flights: Flights[str] = Flights(SystemTiming(), keep=5)
    begun, may_end = threading.Event(), threading.Event()

    def carry() -> str:
        begun.set()
        may_end.wait(20)
        return "parent"

    leading = threading.Thread(target=flights.share, args=("key", carry))
    leading.start()
    begun.wait(5)
    with flights._skies.look_up().lock:
        child = os.fork()
        if child == 0:
            # Nothing of pytest may run here; what hangs is killed.
            signal.alarm(10)
            os._exit(0 if flights.share("key", lambda: "child") == "child" else 1)
    may_end.set()
    leading.join(10)

    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert flights.share("key", carry) == "parent"


def test_workers_that_were_forked_after_loading_write_side_by_side(
    guard: Guard, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "meeting").mkdir()
    settings = {"DATABASE_URL": database_url, "MEETING_PLACE": str(tmp_path / "meeting")}

    with (
        # So few connections for each that the others wait for another process.
        serve_under_gunicorn(
            guard, tmp_path, "tests.sdk.hosting:app", settings=settings, workers=3, connections=MANY // 2
        ) as base_url,
        httpx2.Client(base_url=base_url, trust_env=False, verify=PLAIN) as browser,
    ):
        answers = run_in_threads(lambda number: browser.get(f"/user{number}").text)

        assert len({answer.split()[0] for answer in answers}) >= 2
        assert browser.get("/health").text.split()[1] == str(MANY + 1)
