"""A program that forks while its client is open: both sides go on, and then close."""

from __future__ import annotations

import asyncio
import os
import sys

from gatelodge import AsyncUserManagement, UserManagement
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


def finish(child: int) -> None:
    """Wait for the child, and end as it did."""
    _, status = os.waitpid(child, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


{"functions": fork_with_functions, "coroutines": fork_with_coroutines}[sys.argv[1]](sys.argv[2])
