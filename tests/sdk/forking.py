"""Programs that fork while their client is open, both sides going on, or that have several loops."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

from gatelodge import AsyncUserManagement, UserManagement, create_app
from gatelodge.doors.http import Request
from gatelodge.mounting import MountedApp
from tests.harness.inprocess import CLIENT, MASTER_KEY


def fork_with_functions(url: str) -> None:
    """Fork in the middle of a block."""
    with UserManagement.embedded(url, client_id=CLIENT, master_key=MASTER_KEY) as um:
        um.create_user("before@example.com")
        child = os.fork()
        um.create_user(f"{'parent' if child else 'child'}@example.com")
    if child:
        finish(child)


def fork_with_coroutines(url: str) -> None:
    """Fork between two loops."""
    um = AsyncUserManagement.embedded(url, client_id=CLIENT, master_key=MASTER_KEY)
    child = os.fork()

    async def go_on() -> None:
        async with um:
            await um.create_user(f"{'parent' if child else 'child'}@example.com")

    asyncio.run(go_on())
    if child:
        finish(child)


def fork_mounted(url: str) -> None:
    """Fork after the host has touched its mounted app."""
    app = create_app(url, base_url="https://auth.example.com", client_id=CLIENT, master_key=MASTER_KEY)
    create_directly(app, "before@example.com")
    child = os.fork()
    create_directly(app, f"{'parent' if child else 'child'}@example.com")
    app.close()
    if child:
        finish(child)


def create_directly(app: MountedApp, email: str) -> None:
    """Create a user as whoever mounts the app may: without a key."""
    body = json.dumps({"email": email}).encode()
    headers = {"content-type": "application/json"}
    request = Request(method="POST", path="/user_management/users", headers=headers, body=body, embedded=True)
    answer = app.engine.respond(request)
    assert answer.status == 201, answer.body


def fork_over_http(url: str) -> None:
    """Fork with a connection open; both processes go on with the client."""
    um = UserManagement("sk_test", client_id=CLIENT, base_url=url, retries=0)
    um.get_user("before")
    child = os.fork()
    for _ in range(3):
        um.get_user("parent" if child else "child")
    um.close()
    if child:
        finish(child)


def fork_over_http_with_coroutines(url: str) -> None:
    """Fork between two loops, the first of which has left a connection open."""
    um = AsyncUserManagement("sk_test", client_id=CLIENT, base_url=url, retries=0)
    asyncio.run(read(um, "before"))
    child = os.fork()
    asyncio.run(read(um, "parent" if child else "child"))
    if child:
        finish(child)


def run_several_loops(url: str) -> None:
    """Use one client in one loop after another, and on many threads at once."""
    um = AsyncUserManagement("sk_test", client_id=CLIENT, base_url=url, retries=0)
    for number in range(5):
        asyncio.run(read(um, f"user_{number}"))
    with ThreadPoolExecutor(20) as threads:
        list(threads.map(lambda number: asyncio.run(read(um, f"user_{number}")), range(20)))


async def read(um: AsyncUserManagement, user_id: str) -> None:
    """Read a user some times."""
    for _ in range(3):
        await um.get_user(user_id)


def finish(child: int) -> None:
    """Wait for the child, and end as it did."""
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


FACES = {
    "functions": fork_with_functions,
    "coroutines": fork_with_coroutines,
    "mounted": fork_mounted,
    "http": fork_over_http,
    "http-coroutines": fork_over_http_with_coroutines,
    "loops": run_several_loops,
}
FACES[sys.argv[1]](sys.argv[2])
