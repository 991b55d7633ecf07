"""A server that is told to stop finishes what runs, loses nothing, and takes nothing new."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import httpx2

from tests.doors.accounts import PASSWORD, USERS, new_email

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine


def test_a_stop_under_load_answers_what_was_begun_and_keeps_all_that_was_answered(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(database_url=fresh_database(engine))
    made, broken = list[str](), list[str]()
    refused = threading.Event()
    begun = threading.Barrier(9)

    def create() -> None:
        # A connection for each request: one that is kept open may be closed before its next request.
        begun.wait(timeout=30)
        while not refused.is_set():
            body = {"email": new_email(), "password": PASSWORD}
            headers = {"Authorization": f"Bearer {running.api_key}", "Connection": "close"}
            try:
                answer = httpx2.post(f"{running.base_url}{USERS}", json=body, headers=headers, timeout=30)
            except httpx2.ConnectError:
                refused.set()
            except httpx2.TransportError as fault:
                broken.append(repr(fault))
                refused.set()
            else:
                assert answer.status_code == 201, answer.text
                made.append(answer.json()["id"])

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    begun.wait(timeout=30)
    _wait_until_several(made)
    code = running.stop()
    for thread in threads:
        thread.join(timeout=30)
    running.start_again()

    client = running.http()
    assert code == 0
    assert len(made) > 8
    assert broken == []
    assert [user_id for user_id in made if client.get(f"{USERS}/{user_id}").status_code != 200] == []


def _wait_until_several(made: list[str]) -> None:
    # A busy machine takes its time over eight sign-ups at once.
    for _ in range(1000):
        if len(made) > 8:
            return
        time.sleep(0.02)
