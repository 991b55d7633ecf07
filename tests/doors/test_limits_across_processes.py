"""Limits on attempts hold across the workers of a server and across servers (row 126)."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

from tests.doors.accounts import create_user, refresh, sign_in
from tests.harness.servers import PROGRAM

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine

SHARING = {"GATELODGE_SHARE_DATA": "true"}
# So long a window that no attempt is given back while a busy machine takes its time.
SLOW = {"GATELODGE_LIMIT_PER_EMAIL": "10/36000"}


def test_ten_attempts_are_ten_however_many_processes_judge_them(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    url = fresh_database(engine)
    limited = ("--limits", "--workers", "2")
    first = server(database_url=url, arguments=limited, settings=SHARING | SLOW)
    second = server(database_url=url, arguments=limited, settings=SHARING | SLOW)
    user = create_user(first.http())

    # A connection for each attempt, so that the workers take turns.
    statuses = []
    for number in range(24):
        answer = sign_in((first, second)[number % 2].http(), user, password="a wrong horse 18")
        statuses.append(answer.status_code)

    assert statuses == [400] * 10 + [429] * 14
    refused = sign_in(second.http(), user)
    assert refused.status_code == 429
    assert refused.json()["error"] == "too_many_requests"
    assert 3_000 <= int(refused.headers["retry-after"]) <= 3_600


def test_a_key_that_one_process_revokes_is_refused_by_all_at_once(
    engine: Engine, fresh_database: FreshDatabase, server: StartServer
) -> None:
    running = server(database_url=fresh_database(engine), arguments=("--workers", "2"), settings=SHARING)

    def command(*words: str) -> str:
        whole = [str(PROGRAM), *words, "--dev", "--database", running.database_url]
        done = subprocess.run(
            whole, cwd=running.folder, env=running.environment, capture_output=True, text=True, check=True
        )
        return done.stdout

    issued = json.loads(command("keys", "create", "backend", "--json"))
    key = next(value for value in issued.values() if isinstance(value, str) and value.startswith("sk_"))
    key_id = next(value for value in issued.values() if isinstance(value, str) and value.startswith("api_key_"))
    before = {running.http(api_key=key).get("/user_management/users").status_code for _ in range(8)}
    user = create_user(running.http())
    token = sign_in(running.http(), user).json()["refresh_token"]

    command("keys", "revoke", key_id)

    assert before == {200}
    assert {running.http(api_key=key).get("/user_management/users").status_code for _ in range(12)} == {401}
    assert refresh(running.http(api_key=""), token).status_code == 200
