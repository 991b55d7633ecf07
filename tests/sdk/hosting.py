"""A host's program that opens an embedded client when it is loaded, before its server forks."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from gatelodge import UserManagement
from tests.harness.inprocess import CLIENT, MASTER_KEY

um = UserManagement.embedded(os.environ["DATABASE_URL"], client_id=CLIENT, master_key=MASTER_KEY)
um.create_user("parent@example.com")


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Create a user whose address is the path, and tell which process did and how many users there are."""
    # Long enough that one process cannot take every connection before another wakes.
    time.sleep(0.01)
    if environ["PATH_INFO"] != "/health":
        um.create_user(f"{environ['PATH_INFO'].strip('/')}@example.com")
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"{os.getpid()} {len(um.list_users(limit=100))}".encode()]
