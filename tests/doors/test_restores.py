"""A copy that was made under load serves as the original did: keys, sessions, factors, and all that was answered."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pyotp

from gatelodge.kit.clock import SystemClock
from tests.cli.running import Shell, production
from tests.doors.accounts import AUTHENTICATE, PASSWORD, USERS, create_user, new_email, refresh
from tests.harness.postgres import find_program
from tests.harness.unavailable import bring

if TYPE_CHECKING:
    from tests.conftest import FreshDatabase, StartServer
    from tests.harness.databases import Engine
    from tests.harness.servers import Server


def _set_up(shell: Shell) -> tuple[str, str]:
    environment = shell.json("environments", "create", "production")
    key = shell.json("keys", "create", "backend")
    return environment["client_ids"][0], key["token"]


def _serve(server: StartServer, shell: Shell, database_url: str, account: tuple[str, str]) -> Server:
    settings = {"GATELODGE_MASTER_KEY": shell.exported["GATELODGE_MASTER_KEY"], "GATELODGE_DELIVERY": "off"}
    running = server(database_url=database_url, settings=settings, development=False)
    running.client_id, running.api_key = account
    return running


@contextmanager
def _writing(running: Server) -> Iterator[list[str]]:
    """Create users meanwhile; give those that were acknowledged."""
    made, over = list[str](), threading.Event()
    client = running.http()

    def work() -> None:
        while not over.is_set():
            made.append(client.post(USERS, json={"email": new_email()}).json()["id"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield made
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=30)


def _copy(shell: Shell, url: str, restored_url: str) -> None:
    if url.startswith("sqlite:///"):
        file = Path(restored_url.removeprefix("sqlite:///"))
        copied = shell.json("backup", str(file))
        assert copied == {"file": str(file), "bytes": file.stat().st_size}
        return
    dump = shell.folder / "dump"
    for command in (
        ["pg_dump", "--format", "custom", "--file", str(dump), url],
        ["pg_restore", "--exit-on-error", "--no-owner", "--dbname", restored_url, str(dump)],
    ):
        subprocess.run([str(find_program(command[0])), *command[1:]], check=True, timeout=60)


def _authenticate(running: Server, **members: str) -> dict[str, Any]:
    grant = {"client_id": running.client_id, "client_secret": running.api_key, **members}
    answer: dict[str, Any] = running.http().post(AUTHENTICATE, json=grant).json()
    return answer


def _verify(client: httpx2.Client, factor: dict[str, Any], *, steps: int) -> bool:
    challenge = client.post(f"/auth/factors/{factor['id']}/challenge", json={}).json()
    code = pyotp.TOTP(factor["totp"]["secret"]).at(SystemClock().now() // 1000 + 30 * steps)
    return bool(client.post(f"/auth/challenges/{challenge['id']}/verify", json={"code": code}).json().get("valid"))


def test_a_copy_made_under_load_serves_as_the_original_did(
    engine: Engine,
    fresh_database: FreshDatabase,
    empty_database: FreshDatabase,
    server: StartServer,
    tmp_path: Path,
) -> None:
    url = fresh_database(engine)
    restored_url = empty_database(engine)
    shell = production(url, tmp_path)
    account = _set_up(shell)
    original = _serve(server, shell, url, account)
    client = original.http()
    user = create_user(client)
    password = {"grant_type": "password", "email": user["email"], "password": PASSWORD}
    session = _authenticate(original, **password)
    factor = client.post(f"{USERS}/{user['id']}/auth_factors", json={"type": "totp"}).json()["authentication_factor"]
    assert _verify(client, factor, steps=-1)
    keys = client.get(f"/sso/jwks/{original.client_id}").json()

    with _writing(original) as made:
        while len(made) < 20:
            threading.Event().wait(0.01)
        before = list(made)
        bring(lambda: _copy(shell, url, restored_url))
    original.stop()
    restored = _serve(server, shell, restored_url, account)

    client = restored.http()
    assert [one for one in before if client.get(f"{USERS}/{one}").status_code != 200] == []
    assert client.get(f"/sso/jwks/{restored.client_id}").json() == keys
    refreshed = refresh(client, session["refresh_token"], client_id=restored.client_id)
    assert refreshed.status_code == 200, refreshed.text
    asked = _authenticate(restored, **password)
    assert asked["code"] == "mfa_challenge"
    assert _verify(client, factor, steps=1)
    told = [event["event"] for event in client.get("/events", params={"limit": 100}).json()["data"]]
    assert told.count("session.created") == 1
